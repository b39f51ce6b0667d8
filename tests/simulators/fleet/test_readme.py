"""simulators/README.md against the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from simulators.__main__ import app
from simulators.world.kinds import GENERIC, KINDS

ROOT = Path(__file__).parents[3]
README = (ROOT / "simulators" / "README.md").read_text(encoding="utf-8")


def rows(header: str) -> list[list[str]]:
    """Cells of the table whose header begins with that cell."""
    table = README.split(f"| {header} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def options() -> dict[str, object]:
    """Options of the command line with their defaults."""
    command = typer.main.get_command(app)
    return {parameter.opts[0]: parameter.default for parameter in command.params if parameter.opts[0] != "--help"}


def test_every_option_is_in_the_table() -> None:
    """The table of options has exactly the options that there are."""
    assert [row[0].strip("`") for row in rows("option")] == list(options())


@pytest.mark.parametrize("line", re.findall(r"python -m simulators (.+)", README))
def test_the_examples_use_options_that_exist(line: str) -> None:
    """What the README shows can be typed."""
    assert set(re.findall(r"--[a-z-]+", line)) <= set(options())


def test_every_kind_of_physics_is_in_the_table() -> None:
    """A new kind needs a row."""
    assert {row[0].strip("`") for row in rows("kind")} == {*KINDS, GENERIC}


def test_the_rooms_exist() -> None:
    """Files that the README names are there."""
    named = [name for row in rows("room") for name in re.findall(r"`([^`]+)`", row[0])]
    assert [name for name in named if not (ROOT / "simulators" / name).exists()] == []

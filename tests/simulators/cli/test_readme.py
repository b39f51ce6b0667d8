"""simulators/README.md against the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from plant.model.load import load, shipped
from simulators.__main__ import app
from simulators.control.topics import ControlTopics
from simulators.world.kinds import GENERIC, KINDS

ROOT = Path(__file__).parents[3]
README = (ROOT / "simulators" / "README.md").read_text(encoding="utf-8")
COMMAND: Any = typer.main.get_command(app)
OF_MACHINES = {"state", "mode", "command", "reason", "power"}
"""Metrics that the text before the table names once for all."""


def rows(header: str) -> list[list[str]]:
    """Cells of the table whose header begins with that cell."""
    table = README.split(f"| {header} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def words(command: Any) -> list[str]:
    """Arguments and options of a command as they are typed, but for help."""
    return [
        each.opts[0] if each.opts[0].startswith("--") else each.name.upper()
        for each in command.params
        if each.name != "help"
    ]


def test_every_option_of_a_run_is_in_the_table() -> None:
    """The table of options has exactly the options that there are, in their order."""
    assert [row[0].strip("`") for row in rows("option")] == words(COMMAND)


def test_every_command_is_in_the_table_with_its_options() -> None:
    """A new command, argument or option needs its word there, and none that is gone stays."""
    table = {row[0].strip("`"): sorted(re.findall(r"`(--[a-z-]+|[A-Z]+)`", row[1])) for row in rows("command")}
    assert table == {name: sorted(words(command)) for name, command in COMMAND.commands.items()}


@pytest.mark.parametrize("line", re.findall(r"python -m simulators ?([^`\n]*)", README))
def test_the_examples_can_be_typed(line: str) -> None:
    """Commands and options that the README shows exist."""
    first, *_ = [*line.split(), ""]
    command = COMMAND.commands[first] if first and not first.startswith("-") else COMMAND
    assert set(re.findall(r"--[a-z-]+", line)) <= set(words(command))


def test_the_topics_are_those_of_the_control_channel() -> None:
    """The three topics, with the name between."""
    topics = ControlTopics("name")
    expected = [topics.command, topics.result, topics.status]
    assert [row[0].strip("`").replace("<name>", "name") for row in rows("topic")] == expected


def test_every_kind_of_physics_is_in_the_table() -> None:
    """A new kind needs a row."""
    assert {row[0].strip("`") for row in rows("kind")} == {*KINDS, GENERIC}


def test_every_metric_of_the_gypsum_model_is_in_the_row_of_its_kind() -> None:
    """A number in a key is a ``*``; what all machines have is named once."""
    table = {row[0].strip("`"): set(re.findall(r"`([a-z_*]+)`", row[2])) for row in rows("kind")}
    enterprise = load("gypsum")
    published: dict[str, set[str]] = {kind: set() for kind in table}
    for unit in enterprise.units:
        keys = {re.sub(r"\d", "*", metric.key) for metric in unit.metrics if metric.retired is None}
        published[enterprise.unit_types[unit.type].physics] |= keys - OF_MACHINES
    assert table == published


def test_the_shipped_models_are_named() -> None:
    """A new model needs its name there."""
    assert [name for name in shipped() if f"`{name}`" not in README] == []


def test_the_rooms_exist() -> None:
    """Files that the README names are there, and no room of the simulators is left out."""
    named = [name for row in rows("room") for name in re.findall(r"`([^`]+)`", row[0])]
    assert [name for name in named if not (ROOT / "simulators" / name).exists()] == []
    rooms = {path.parent.name for path in (ROOT / "simulators").glob("*/__init__.py")}
    assert rooms <= {name.split("/")[0] for name in named}

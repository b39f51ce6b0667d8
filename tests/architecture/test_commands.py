"""Every command is written down where people look for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from click import Command, Group
from typer.main import get_command

from factory.cli import app

ROOT = Path(__file__).parents[2]


def commands(command: Command, path: tuple[str, ...]) -> Iterator[str]:
    """All that can be run, as it is typed."""
    if isinstance(command, Group):
        for name, each in command.commands.items():
            yield from commands(each, (*path, name))
    else:
        yield " ".join(path)


def test_every_command_is_in_the_documents() -> None:
    """``factory counts correct`` stands in the readme or a document, or ``factory counts correct | withdraw`` does."""
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    text = " ".join(" ".join(each.read_text(encoding="utf-8") for each in documents).split())
    missing = []
    for command in commands(get_command(app), ("factory",)):
        *group, name = command.split()
        listed = any(name in part.split("`", 1)[0].split() for part in text.split(" ".join(group) + " ")[1:])
        if not listed:
            missing.append(command)
    assert not missing

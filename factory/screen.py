"""Where commands print: in a pipe, too, a long line stays a line, so that it can be searched."""

from __future__ import annotations

from enum import StrEnum

from rich.console import Console


class Lang(StrEnum):
    """Language of what is printed."""

    RU = "ru"
    EN = "en"


PIPE_WIDTH = 250
"""Characters; wider than any line that is printed."""


def console(*, stderr: bool = False) -> Console:
    """The terminal, or a pipe."""
    screen = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not screen.is_terminal:
        screen.width = PIPE_WIDTH
    return screen

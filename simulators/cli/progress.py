"""How a run shows that it runs: a line that changes on a terminal, a log line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console
from rich.live import Live
from rich.text import Text

from simulators.fleet.status import FleetStatus, sentence

LOG_EVERY = 60
"""Statuses, which come about once a second."""

log = structlog.get_logger("simulators")

Show = Callable[[FleetStatus], None]


@contextmanager
def progress(console: Console) -> Iterator[Show]:
    """Shows a run on standard error; set up logging inside, for the line takes standard error over."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=2, transient=True, redirect_stderr=True) as live:
            yield lambda status: live.update(Text(sentence(status)))
        return
    shown = 0

    def show(status: FleetStatus) -> None:
        nonlocal shown
        shown += 1
        if shown % LOG_EVERY == 0:
            log.info(sentence(status), lost=status.lost, births=status.births)

    yield show

"""How far the runs are: a bar for each that is under way, and one for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from factory.verify.pipeline import Run

ESTIMATE_S: Final = 300.0
"""The time that is left is guessed from the pace of so long a time: a minute of many stops takes longer than others."""


class Bars:
    """Bars on a terminal, nothing in a pipe; a run's bar is there from its beginning to its end.

    Args:
        runs: All of them.
        screen: Where they are drawn.
    """

    def __init__(self, runs: Sequence[Run], screen: Console) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self._bars = Progress(*columns, console=screen, transient=True, speed_estimate_period=ESTIMATE_S)
        self._hours = {run.name: run.hours for run in runs}
        self._done_h = dict.fromkeys(self._hours, 0.0)
        self._tasks: dict[str, TaskID] = {}
        several = len(self._hours) > 1
        self._all = self._bars.add_task("all", total=sum(self._hours.values()), visible=several)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def advance(self, run: Run, share: float) -> None:
        """A share of the world time of a run is done; from any thread."""
        if run.name not in self._tasks:
            what = f"{run.name}, {run.hours:g} h of {', '.join(run.sites)}"
            self._tasks[run.name] = self._bars.add_task(what, total=1.0)
        self._bars.update(self._tasks[run.name], completed=share)
        self._book(run.name, share)

    def finish(self, scenario: str) -> None:
        """A run is over."""
        task = self._tasks.pop(scenario, None)
        if task is not None:
            self._bars.remove_task(task)
        self._book(scenario, 1.0)

    def _book(self, scenario: str, share: float) -> None:
        self._done_h[scenario] = share * self._hours[scenario]
        self._bars.update(self._all, completed=sum(self._done_h.values()))

"""Make the history that is missing before anything goes live: all of it at the first start, a gap at a later one.

A gap of up to an hour is left to the edge nodes, which catch up by themselves. After a longer one than `--history` the
world begins anew that long before now: what lies between stays unknown, as after any outage.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from factory.alarm_history import expect_history, judge_history
from factory.production_history import HistoryMinutes
from plant.clock import now_ms
from plant.errors import FactoryError, StoreUnavailableError
from plant.historian.open import open_store
from plant.historian.protocol import DAY_MS, HOUR_MS
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.service import configure_logging
from plant.settings import Settings, read
from simulators.__main__ import WORLD_FILE
from simulators.fleet.config import chosen_sites, slugs
from simulators.history import apart
from simulators.history.fill import fill
from simulators.history.length import history_start
from simulators.history.past import Slice, slices
from simulators.truth.ledger import TruthLedger
from simulators.world.world import World

SEAM_MS = 20_000
"""Making a long history takes its time, so what has passed meanwhile is made after it, until so little is left."""
ATTEMPTS = 5
"""So often in a row the historian may be away; each attempt goes on from the last slice that was written."""
PAUSE_S = 2.0
CATCHES_UP_MS = HOUR_MS
"""Edge nodes that begin no further in the past than this catch up by themselves."""


def main(settings: Settings, console: Console, truth: Path | None = None) -> None:
    """Fill, with a progress bar; does nothing when no history is missing.

    Args:
        settings: Which history of what, and where it goes.
        console: For the bar.
        truth: Folder for the ledger of what really happened; None keeps none.
    """
    begin_ms = history_start(_end_ms(settings), settings.history)
    if begin_ms is None:
        return
    enterprise = load(settings.model)
    tags = TagTable(enterprise)
    world = _world(settings, enterprise, tags, begin_ms)
    least_ms = CATCHES_UP_MS if (settings.data / WORLD_FILE).exists() else 0
    if _end_ms(settings) - world.now_ms <= least_ms:
        return
    hours = (_end_ms(settings) - world.now_ms) / HOUR_MS
    title, left = TextColumn("{task.fields[what]}"), TextColumn("left")
    columns = (title, BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), left, TimeRemainingColumn())
    expect_history(settings, enterprise, world.now_ms)
    with closing(open_store(settings, tags)) as historian, Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=1.0, what=f"History {hours:.1f} h")
        made, shown = HistoryMinutes(historian, tags, world.now_ms), 0.0

        def show(share: float) -> None:
            nonlocal shown
            shown = max(shown, share)  # the second round is short: it is not worth a bar of its own
            bar.update(task, completed=shown)

        failures = 0
        while (end_ms := _end_ms(settings)) - world.now_ms > SEAM_MS:
            past, reached_ms = partial(_past, settings, begin_ms, end_ms, truth), world.now_ms
            try:
                with closing(apart.slices(past, show)) as slices:
                    written = _settling(slices, made, world)
                    fill(written, world, historian, tags, text_tags(enterprise), settings.data / WORLD_FILE)
            except StoreUnavailableError as error:
                failures = 1 if world.now_ms > reached_ms else failures + 1
                if failures == ATTEMPTS:
                    raise
                time.sleep(max(PAUSE_S, error.retry_after_s))
        show(1.0)
        minutes = bar.add_task("", total=1.0, what="Production minutes")
        made.finish(world.now_ms, lambda share: bar.update(minutes, completed=share))
        alarms = bar.add_task("", total=1.0, what="Alarms")
        judge_history(
            settings, enterprise, tags, historian, world.now_ms, lambda share: bar.update(alarms, completed=share)
        )


def _settling(slices: Iterator[Slice], made: HistoryMinutes, world: World) -> Iterator[Slice]:
    """The same slices; between them, while the next one is stepped, the minutes that are settled are made."""
    for slice_ in slices:
        yield slice_
        made.settle(world.now_ms)


def _past(
    settings: Settings, begin_ms: int, end_ms: int, truth: Path | None, progress: Callable[[float], None]
) -> Iterator[Slice]:
    """What happens from where the saved world is, or from `begin_ms`, until `end_ms`; runs in a process of its own."""
    enterprise = load(settings.model)
    tags = TagTable(enterprise)
    world = _world(settings, enterprise, tags, begin_ms)
    with (
        nullcontext() if truth is None else closing(TruthLedger(world, truth, enterprise)) as ledger,
        _nothing_to_search(),
    ):
        state = settings.data / WORLD_FILE
        yield from slices(world, tags, end_ms=end_ms, state=state, progress=progress, truth=ledger)


@contextmanager
def _nothing_to_search() -> Iterator[None]:
    """Spare the garbage collector what is there already: a step makes thousands of objects and no cycle."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()  # what is still frozen at the end of the process counts as leaked


def _end_ms(settings: Settings) -> int:
    """Where the history ends, UTC ms: now, or a day ago for a world that is faster than the clock."""
    return now_ms() - (DAY_MS if settings.speed > 1 else 0)


def _world(settings: Settings, enterprise: Enterprise, tags: TagTable, begin_ms: int) -> World:
    """The saved world, or a fresh one when there is none or it stopped before the history begins."""
    state = settings.data / WORLD_FILE
    sites = [site.slug for site in chosen_sites(enterprise, slugs(settings.sites))]
    world = World(enterprise, tags, text_tags(enterprise), sites, settings.seed, begin_ms)
    if state.exists():
        world.load(state)
        if world.now_ms < begin_ms:
            state.unlink()
            world = World(enterprise, tags, text_tags(enterprise), sites, settings.seed, begin_ms)
    return world


def _truth() -> Path | None:
    parser = argparse.ArgumentParser("factory.fill")
    parser.add_argument("--truth", type=Path)
    truth: Path | None = parser.parse_args().truth
    return truth


if __name__ == "__main__":
    try:
        configured = read()
        configure_logging(configured.log_level, configured.log_format)
        main(configured, Console(stderr=True, highlight=False), _truth())
    except FactoryError as error:
        print(f"factory: {error}", file=sys.stderr)  # noqa: T201 - one line for the one who started it
        raise SystemExit(1) from None

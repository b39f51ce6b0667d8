"""The ledger: watches a world, step after step, and writes down what is true. The world never reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable, text_tags
from plant.readings import GOOD
from simulators.fleet.scanner import Scan
from simulators.truth.tables import Journal, Texts
from simulators.truth.watch import Moment, Watch
from simulators.truth.witness import Witness
from simulators.truth.writer import PartWriter
from simulators.world.world import World

JOURNAL_ROWS = 500_000
"""So many published values are kept in memory at most, about 20 MB."""
LONGEST_STEP_MS = 60_000
"""A world whose clock goes further in one step has been set; what lies between has not happened."""


class TruthLedger:
    """Keeps the truth about one world in a folder of Parquet files; `simulators/truth/README.md` lists them.

    Call `look` with every scan, the first one too, and `flush` before the world is saved, so that nothing is missing
    when a killed simulator goes on from that world.

    Args:
        world: Watched from where it is now.
        folder: Made when missing; what is there stays, and this run goes on with it.
        enterprise: The model of the world.

    Raises:
        ConfigurationError: Nothing can be written to the folder.
    """

    def __init__(self, world: World, folder: Path, enterprise: Enterprise) -> None:
        texts = text_tags(enterprise)
        self._world = world
        self._witness = Witness.of(world.fixed, enterprise)
        self._paths = np.array([tag.path for tag in TagTable(enterprise)], np.object_)
        self._text_paths = {int(place): texts[place].path for place in world.fixed.display.text}
        self._parts = PartWriter(folder)
        self._told = np.zeros(len(self._witness.units))
        self._witness.tell(self._told, enumerate(world.texts()))
        self._watch = Watch(self._witness, self._moment(), world.state.totals)
        self._begun_ms = world.now_ms
        self._published: list[Journal] = []
        self._count = 0

    def look(self, scan: Scan) -> None:
        """Take down the present moment of the world, and what is told of it into the journal."""
        self._witness.tell(self._told, scan.texts)
        before, now = self._watch.seen, self._moment()
        if 0 < now.state.time_ms - before.time_ms <= LONGEST_STEP_MS:
            self._watch.look(now)
        elif now.state.time_ms != before.time_ms:
            self.flush()
            self._parts.begin_run()
            self._watch = Watch(self._witness, now, before.totals)
            self._begun_ms = now.state.time_ms
        self._enter(scan)
        if self._count >= JOURNAL_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write down all that was seen until now.

        Raises:
            StoreUnavailableError: The disk is full or gone.
        """
        end_ms = self._watch.seen.time_ms
        if end_ms == self._begun_ms:
            return
        self._parts.write(self._begun_ms, end_ms, (*self._watch.cut(), Journal.concat(self._published)))
        self._published, self._count, self._begun_ms = [], 0, end_ms

    def close(self) -> None:
        """Write the rest and end."""
        self.flush()
        self._parts.close()

    def _moment(self) -> Moment:
        return Moment(self._world.state, self._world.plays, self._told)

    def _enter(self, scan: Scan) -> None:
        texts = [(self._text_paths[place], text) for place, text in scan.texts if place in self._text_paths]
        self._published += [_numbers(self._paths[scan.rows], scan), _words(texts, scan.time_ms)]
        self._count += len(scan.rows) + len(texts)


def _numbers(paths: Texts, scan: Scan) -> Journal:
    count = len(paths)
    time_ms, no_text = np.full(count, scan.time_ms, np.int64), np.full(count, "", np.object_)
    return Journal(paths, time_ms, scan.values, scan.qualities, no_text)


def _words(texts: Sequence[tuple[str, str]], time_ms: int) -> Journal:
    return Journal.from_rows([(path, time_ms, np.nan, GOOD, text) for path, text in texts])

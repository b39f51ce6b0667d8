"""Parts of the ledger on disk: a folder for a stretch of world time, there as a whole or not at all.

::

    truth/0001-1795000000000-1795000060000/states.parquet, counts.parquet, ...
          run  from          to, UTC ms

Hours that are over are put together into one part (`compact.py`); each row keeps the start of the part that it was
written in, `part_ms`.

A run is one start of a simulator. One that was killed goes on from the world that it had saved, so a part of an earlier
run may tell of a time that a later run has lived through again: what the later one wrote holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from simulators.truth.tables import Rows

_NAME = re.compile(r"(\d{4,})-(\d+)-(\d+)")


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A complete part: what is true in [start, end), UTC ms."""

    run: int
    start_ms: int
    end_ms: int
    folder: Path

    def file(self, table: type[Rows]) -> Path:
        """Where the rows of a table are; not there when there were none."""
        return self.folder / f"{table.NAME}.parquet"


def listed(folder: Path) -> list[Part]:
    """All complete parts of a ledger, by run and time; none when there is no such folder."""
    names = ((_NAME.fullmatch(path.name), path) for path in folder.glob("*-*-*"))
    return sorted(Part(int(name[1]), int(name[2]), int(name[3]), path) for name, path in names if name is not None)


def parts(folder: Path) -> list[Part]:
    """Those of them that hold: without the ones that lie within another part of their run, which has all their rows."""
    found: list[Part] = []
    for part in sorted(listed(folder), key=lambda part: (part.run, part.start_ms, -part.end_ms)):
        if not (found and found[-1].run == part.run and part.end_ms <= found[-1].end_ms):
            found.append(part)
    return found

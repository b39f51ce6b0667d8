"""Parts that are over are put together, an hour of world time into one, so that a ledger of a year can be listed.

The whole appears beside its parts under its own name, complete and on disk, before they are removed: as long as both
are there, `simulators.truth.parts.parts` passes over those that lie within it. Whatever is killed in between, the next
writer removes what is unfinished or passed over, and readers see equal rows before, meanwhile and after.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import duckdb
import structlog

from simulators.truth.disk import UNFINISHED, quoted, sync
from simulators.truth.parts import Part, listed, parts
from simulators.truth.tables import TABLES

log = structlog.get_logger(__name__)

HOUR_MS = 3_600_000


def due(complete: Sequence[Part], run: int) -> list[list[Part]]:
    """Parts to be put together, each list one after the other without a gap.

    Args:
        complete: Parts by run and time.
        run: The one that is being written; its last hour is not over yet.
    """
    found = []
    for (of_run, _), group in groupby(complete, lambda part: (part.run, part.start_ms // HOUR_MS)):
        of_hour = list(group)
        if len(of_hour) > 1 and all(a.end_ms == b.start_ms for a, b in pairwise(of_hour)):
            found.append((of_run, of_hour))
    last = {part.run: part.start_ms // HOUR_MS for part in complete}
    return [hour for of_run, hour in found if of_run != run or hour[0].start_ms // HOUR_MS < last[run]]


def compact(folder: Path, run: int, connection: duckdb.DuckDBPyConnection) -> None:
    """Put together all that is due in a ledger; what fails leaves the parts as they are, and is tried again later."""
    try:
        for hour in due(parts(folder), run):
            _together(folder, hour, connection)
    except (OSError, duckdb.Error) as error:
        log.warning("parts of the truth stay apart", folder=str(folder), error=str(error))


def tidy(folder: Path) -> None:
    """Remove what a killed writer has left: unfinished folders, and parts of which the whole is there.

    Raises:
        OSError: The disk does not let it.
    """
    for left in folder.glob(f"*{UNFINISHED}"):
        shutil.rmtree(left)
    kept = {part.folder for part in parts(folder)}
    for part in listed(folder):
        if part.folder not in kept:
            shutil.rmtree(part.folder)


def _together(folder: Path, apart: list[Part], connection: duckdb.DuckDBPyConnection) -> None:
    first, last = apart[0], apart[-1]
    whole = folder / f"{first.run:04d}-{first.start_ms}-{last.end_ms}"
    fresh = whole.with_name(whole.name + UNFINISHED)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for table in TABLES:
        files = [quoted(part.file(table)) for part in apart if part.file(table).exists()]
        if files:
            query = f"SELECT * FROM read_parquet([{', '.join(files)}])"  # noqa: S608 - names of ours
            target = quoted(fresh / f"{table.NAME}.parquet")
            connection.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)").complete()
    sync(fresh)
    fresh.rename(whole)
    sync(folder, deep=False)
    for part in apart:
        shutil.rmtree(part.folder)

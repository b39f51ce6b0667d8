"""Production minutes of any past window, made from what the historian holds and put back into it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

import numpy as np

from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian
from plant.production.corrections import Correction
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.production.production import production
from plant.production.reading import read
from plant.production.reasons import ReasonTree
from plant.production.steps import Integers

SLICE_MS: Final = 6 * HOUR_MS
"""Minutes of so long a time of one site are made at once: what is read for them takes some 20 MB."""
BEFORE_MS: Final = 3 * HOUR_MS
"""What came before a slice and matters to it: the beginning of lots and of stops. A stop that is older than this is no
minor one any more."""
AFTER_MS: Final = 30 * HOUR_MS
"""What came after a slice and matters to it: good product of its lots, from blocks a day later."""


def rebuild(
    historian: Historian,
    table: LineTable,
    reasons: ReasonTree,
    start: int,
    end: int,
    watermark: Integers,
    *,
    until: int,
    corrections: Sequence[Correction] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Make all production minutes of [start, end), UTC ms, replacing what was there.

    Idempotent: the same data give the same rows, in whatever windows they are asked for.

    Args:
        historian: Where everything is.
        table: Its lines.
        reasons: Their reason tree.
        start: Rounded down to a minute, UTC ms.
        end: Rounded down to a minute, UTC ms.
        watermark: Of each line, UTC ms: its edge nodes have told everything before. Shape (lines,).
        until: What is known reaches to this time, UTC ms; not before `end`.
        corrections: What people have entered.
        progress: Told the share that is done after each slice, 0 to 1.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    first, last = start - start % MINUTE_MS, end - end % MINUTE_MS
    sites = tuple(dict.fromkeys(row.site.slug for row in table))
    for begin in range(first, last, SLICE_MS):
        finish = min(begin + SLICE_MS, last)
        for site in sites:
            minutes = made(
                historian,
                table,
                reasons,
                begin,
                finish,
                watermark,
                until=until,
                corrections=corrections,
                sites=(site,),
            )
            historian.write_production(minutes)
        progress((finish - first) / (last - first))


def made(
    historian: Historian,
    table: LineTable,
    reasons: ReasonTree,
    start: int,
    end: int,
    watermark: Integers,
    *,
    until: int,
    corrections: Sequence[Correction] = (),
    sites: Collection[str] | None = None,
) -> ProductionMinutes:
    """The minutes of [start, end), UTC ms on multiples of a minute, as what is stored now tells them; blocks.

    Args:
        historian: Where everything is.
        table: Its lines.
        reasons: Their reason tree.
        start: UTC ms; a slice (`SLICE_MS`) at most is best made at once.
        end: UTC ms.
        watermark: As `rebuild` takes it.
        until: What is known reaches to this time, UTC ms; not before `end`.
        corrections: What people have entered.
        sites: Slugs of the sites whose lines are made; all if not given.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    known = min(end + AFTER_MS, until)
    told = read(historian, table, start - BEFORE_MS, known, watermark, corrections, sites, made=(start, end))
    minutes = production(table, reasons, told, start, end).minutes
    if sites is None:
        return minutes
    lines = [row.index for row in table if row.site.slug in sites]
    return minutes.take(np.isin(minutes.line, lines))

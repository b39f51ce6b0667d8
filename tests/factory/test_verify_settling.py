"""Minutes that were called settled before they were right are found."""

from __future__ import annotations

from itertools import count

import numpy as np

from factory.verify.settling import Promises, settled
from plant.production.elements import Element, Loss
from plant.production.minutes import DTYPES, ProductionMinutes

MINUTE = 60_000
LINE = "minsk/boards"


def _minutes(*rows: tuple[int, float, float, int], line: int = 3) -> ProductionMinutes:
    """Rows of minute, seconds of production (the rest of it is a breakdown), quantity and whether it may change."""
    split = [
        (minute, element, loss, seconds, amount, provisional)
        for minute, apt_s, produced, provisional in rows
        for element, loss, seconds, amount in (
            (Element.APT, Loss.NONE, apt_s, produced),
            (Element.ADET, Loss.BREAKDOWN, 60.0 - apt_s, 0.0),
        )
        if seconds > 0.0
    ]
    columns = {name: np.zeros(len(split), dtype) for name, dtype in DTYPES.items()}
    for place, (minute, element, loss, seconds, amount, provisional) in enumerate(split):
        columns["time"][place] = minute * MINUTE
        columns["element"][place], columns["loss"][place] = element, loss
        columns["seconds"][place], columns["produced"][place] = seconds, amount
        columns["provisional"][place] = provisional
    columns["line"][:] = line
    return ProductionMinutes(**columns)


def _seen(*looks: ProductionMinutes) -> Promises:
    """After a look at each."""
    kept, times = iter(looks), (10.0 * (asked // 2) for asked in count())  # each look asks twice, and takes no time
    promises = Promises(lambda: next(kept), lambda: next(times))
    for _ in looks:
        promises.look()
    return promises


def _found(last: ProductionMinutes, promises: Promises, *, dries: bool = False) -> dict[str, tuple[float, bool]]:
    return {check.figure: (check.measured, check.ok) for check in settled(LINE, last, promises, dries=dries)}


def test_a_minute_that_was_provisional_may_change() -> None:
    """That is what the word says; and one that was absent may come."""
    last = _minutes((1, 60.0, 5.0, 0), (2, 30.0, 2.0, 0))
    assert _found(last, _seen(_minutes((1, 20.0, 1.0, 1)))) == {
        "minutes settled too early": (0.0, True),
        "minutes not settled": (0.0, True),
    }


def test_a_settled_minute_that_changes_is_found() -> None:
    """Its time or an amount, also when it became settled only at a later look, or is gone."""
    first, then = _minutes((1, 60.0, 5.0, 0), (2, 60.0, 5.0, 1)), _minutes((1, 60.0, 5.0, 0), (2, 60.0, 5.0, 0))
    for last in (
        _minutes((1, 60.0, 5.0, 0), (2, 59.0, 5.0, 0)),
        _minutes((1, 60.0, 5.0, 0), (2, 60.0, 5.1, 0)),
        _minutes((1, 60.0, 5.0, 0), (3, 60.0, 5.0, 0)),
    ):
        assert _found(last, _seen(first, then))["minutes settled too early"] == (1.0, False)
    assert _found(then, _seen(first, then))["minutes settled too early"] == (0.0, True)


def test_only_the_minutes_that_are_compared_count() -> None:
    """Another line's, or those before the window, are not asked for."""
    promises = _seen(ProductionMinutes.concat([_minutes((0, 60.0, 5.0, 0)), _minutes((1, 60.0, 5.0, 0), line=4)]))
    assert _found(_minutes((1, 10.0, 1.0, 0)), promises)["minutes settled too early"] == (0.0, True)


def test_all_minutes_are_settled_in_the_end_unless_lots_are_not_dried() -> None:
    """What still waits for its lot is told and not judged."""
    last = _minutes((1, 60.0, 5.0, 0), (2, 60.0, 5.0, 1))
    assert _found(last, _seen())["minutes not settled"] == (1.0, False)
    assert _found(last, _seen(), dries=True)["minutes not settled"] == (1.0, True)
    assert _found(ProductionMinutes.empty(), _seen(last))["minutes settled too early"] == (0.0, True)

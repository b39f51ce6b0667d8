"""Plan against actual, and where the present rate leads: of an order, a shift, a day or a month."""

from __future__ import annotations

from dataclasses import dataclass

from plant.kpi.sums import Planned, Sums
from plant.kpi.value import COVERAGE_NEEDED, Flag


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a plan is, in the lines' unit of measure.

    Attributes:
        planned: Planned good quantity.
        done: Good quantity so far; it is what was counted, also when coverage is low.
        due: Where an even plan would be by now; `planned` times the share of planned busy time that has passed.
        attainment: `done` / `planned`; None without a plan, or when units of measure are mixed.
        rate_per_h: Present rate, per hour of planned busy time; None if it is not known.
        forecast: Good quantity at the end, at the present rate; None if that is not known.
        finish_in_s: Planned busy time until the plan is done, s, 0 if it is; None if the present rate never gets there
            or is not known.
        coverage: Lower of those of the time so far and of the time whose rate is taken.
        provisional: It may still change.
        flags: Why there is no rate.
    """

    planned: float
    done: float
    due: float
    attainment: float | None
    rate_per_h: float | None
    forecast: float | None
    finish_in_s: float | None
    coverage: float
    provisional: bool
    flags: tuple[Flag, ...]


def progress(done: Sums, planned: Planned, recent: Sums | None = None, needed: float = COVERAGE_NEEDED) -> Progress:
    """Plan against actual with forecast.

    The present rate counts stops as they came, since the time to come will have stops too: good quantity over planned
    busy time, not over production time, both without what is unknown. It is measured on `recent`, such as the last two
    hours or shifts.

    Args:
        done: Sums from the beginning of the plan until now.
        planned: The plan, with the planned busy time that is still to come.
        recent: Sums of the time whose rate is taken; `done` if None.
        needed: Coverage below which there is no rate.
    """
    taken = recent if recent is not None else done
    coverage = min(done.coverage, taken.coverage)
    flags = _objections(done, taken, coverage, needed)
    rate = None if flags else taken.known_good / taken.pbt_s
    passed = done.pbt_s + done.unknown_s + done.missing_s
    whole = passed + planned.remaining_s
    return Progress(
        planned=planned.quantity,
        done=done.good,
        due=planned.quantity * passed / whole if whole > 0 else 0.0,
        attainment=done.good / planned.quantity if planned.quantity > 0 and Flag.MIXED_MEASURES not in flags else None,
        rate_per_h=None if rate is None else rate * 3_600.0,
        forecast=None if rate is None else done.good + rate * planned.remaining_s,
        finish_in_s=_finish_in(planned.quantity - done.good, rate),
        coverage=coverage,
        provisional=done.is_provisional or taken.is_provisional,
        flags=flags,
    )


def _objections(done: Sums, taken: Sums, coverage: float, needed: float) -> tuple[Flag, ...]:
    """Why no rate can be told."""
    reasons = {
        Flag.LOW_COVERAGE: coverage < needed,
        Flag.MIXED_MEASURES: len(done.measures | taken.measures) > 1,
        Flag.NO_BASIS: taken.pbt_s <= 0,
    }
    return tuple(flag for flag, holds in reasons.items() if holds)


def _finish_in(missing: float, rate: float | None) -> float | None:
    """Planned busy time until a quantity is made, s."""
    if missing <= 0:
        return 0.0
    return missing / rate if rate is not None and rate > 0 else None

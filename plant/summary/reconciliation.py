"""One product of one site and day, counted at several places: each difference, what explains it, and what nothing does.

::

    produced ──▶ good ──▶ stacked ──▶ received
       wet knife  by lot   behind it,   warehouse (1C)
                           by the clock
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import inf
from typing import Final, TypeVar

from plant.kpi.sums import Sums
from plant.kpi.value import COVERAGE_NEEDED
from plant.model.enterprise import Product
from plant.receipts.receipt import Receipt

_ROUNDING: Final = 1e-9
"""A difference smaller than this share of what is compared comes from adding floating-point numbers."""


Key = TypeVar("Key")


class Place(StrEnum):
    """Where a quantity is counted."""

    PRODUCED = "produced"
    """All that was made, at the wet knife where there is one."""
    GOOD = "good"
    """Good by the line's counter, booked to the time in which it was formed."""
    STACKED = "stacked"
    """By another count behind it, by the clock."""
    RECEIVED = "received"
    """By warehouse receipts."""


class Because(StrEnum):
    """What explains a difference."""

    REJECTS = "rejects"
    """Found bad by the line's counter."""
    OPEN_LOTS = "open_lots"
    """Formed, and not yet through the dryer: neither good nor bad."""
    SHARED_LOTS = "shared_lots"
    """In lots of two products, whose good and bad are shared among both; what one has too much the other lacks."""
    LAST_DIGIT = "last_digit"
    """Less than the counters show."""
    OTHER_DAY = "other_day"
    """Formed on one production day, stacked on another."""
    PART_PALLETS = "part_pallets"
    """On pallets that were not full at the beginning or the end of the day."""
    GAPS = "gaps"
    """Counted over time without data, so that it may belong to another day."""
    BY_HAND = "by_hand"
    """Entered as a correction of the line's counts, which no other counter knows of."""
    NO_RECEIPT = "no_receipt"
    """No receipt of the product and day is there."""
    LOW_COVERAGE = "low_coverage"
    """Not enough data to say what is unexplained."""


@dataclass(frozen=True, slots=True)
class Part:
    """One explanation; `quantity` is what it makes of the difference, None where that cannot be told."""

    because: Because
    quantity: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """From one place to the next that has a quantity.

    Attributes:
        source: Where it was counted before.
        target: Where it was counted after.
        difference: Target less source; None if the target told nothing.
        parts: What explains it.
        unexplained: `difference` less its parts; None if there is none, or not enough data.
    """

    source: Place
    target: Place
    difference: float | None
    parts: tuple[Part, ...]
    unexplained: float | None


@dataclass(frozen=True, slots=True)
class Count:
    """What another counter behind the line's says of a product and a day.

    Attributes:
        quantity: In the product's unit of measure.
        source: Storage path of each counter, ``site/line/unit/metric``.
        by_clock: The line books good product to the time in which it was formed, this one counts when it comes out.
        step: What it cannot tell at either end of the day, such as a pallet for each line; 0 for none.
    """

    site: str
    product: str
    day: date
    quantity: float
    source: tuple[str, ...]
    by_clock: bool = False
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Slack:
    """What may explain differences of a product, in its unit of measure.

    Attributes:
        shared: Judged beyond what was produced in lots shared with other products (`shared_lots`), below 0 for less.
        digits: By how much the counters of the lines that make it may be behind what they count.
        gap: Good that was counted over time without data.
        judged: Good and bad that was entered by hand, less what was entered as produced.
        entered: Good that was entered by hand.
    """

    shared: float = 0.0
    digits: float = 0.0
    gap: float = 0.0
    judged: float = 0.0
    entered: float = 0.0


NO_SLACK: Final = Slack()


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A product of a site on a production day.

    Attributes:
        measure: Unit of measure of all quantities.
        produced: By the counter of all that was made.
        rejected: Found bad.
        open: Neither good nor bad yet.
        good: By the line's counter.
        stacked: By another count; None where there is none, or it cannot be told to which product it belongs.
        received: By receipts; None without one.
        documents: Numbers of the receipts.
        steps: From each quantity to the next.
        coverage: Of the lines that make the product.
        provisional: Lots are open, or a source has not told all.
    """

    site: str
    product: str
    measure: str
    day: date
    produced: float
    rejected: float
    open: float
    good: float
    stacked: float | None
    stacked_source: tuple[str, ...]
    received: float | None
    documents: tuple[str, ...]
    steps: tuple[Step, ...]
    coverage: float
    provisional: bool


def reconcile(
    product: Product,
    site: str,
    day: date,
    made: Sums,
    coverage: float,
    receipts: Sequence[Receipt] = (),
    count: Count | None = None,
    needed: float = COVERAGE_NEEDED,
    slack: Slack = NO_SLACK,
) -> Reconciliation:
    """Set the counts of a product side by side.

    Args:
        product: The product.
        site: Slug of the site.
        day: The production day.
        made: Sums of the product over the day and all lines of the site.
        coverage: Of the lines that make it.
        receipts: Those of the product and the day.
        count: Another count of the same.
        needed: Coverage below which nothing is called unexplained.
        slack: What else may explain differences.
    """
    lots = max(0.0, made.produced - made.judged) if made.is_provisional else 0.0
    received = sum(each.quantity for each in receipts) if receipts else None
    stacked = None if count is None else count.quantity
    enough = coverage >= needed
    steps = [_judged(made, lots, slack, enough=enough)]
    if count is not None:
        steps.append(_stacked(made, count, slack, enough=enough))
    base, place = (made.good, Place.GOOD) if stacked is None else (stacked, Place.STACKED)
    late = lots if stacked is None else 0.0
    gap = slack.gap
    steps.append(
        _step(
            place,
            Place.RECEIVED,
            base,
            received,
            (
                (Because.OPEN_LOTS, 0.0, late),
                (Because.GAPS, -gap, gap),
                _by_hand(-slack.entered if stacked is None else 0.0),
            ),
            enough=enough,
        )
    )
    return Reconciliation(
        site=site,
        product=product.slug,
        measure=product.unit,
        day=day,
        produced=made.produced,
        rejected=made.reject,
        open=lots,
        good=made.good,
        stacked=stacked,
        stacked_source=() if count is None else count.source,
        received=received,
        documents=tuple(dict.fromkeys(each.document for each in receipts)),
        steps=tuple(steps),
        coverage=coverage,
        provisional=made.is_provisional,
    )


def shared_lots(made: Mapping[Key, Sums]) -> dict[Key, float]:
    """What lots of several products gave each of them too much (above 0) or too little, by what they are keyed by.

    Good and bad of a lot are shared among all that was formed of it. So after a change of product one has more judged
    than produced, and the other less: as much as cancels out is explained, the rest is not.
    """
    rest = {key: sums.judged - sums.produced for key, sums in made.items() if not sums.is_provisional}
    above = sum(each for each in rest.values() if each > 0)
    below = -sum(each for each in rest.values() if each < 0)
    moved = min(above, below)
    return {key: each * moved / (above if each > 0 else below) if each and moved else 0.0 for key, each in rest.items()}


def _judged(made: Sums, lots: float, slack: Slack, *, enough: bool) -> Step:
    bearers = (
        (Because.REJECTS, -made.reject, -made.reject),
        (Because.SHARED_LOTS, slack.shared, slack.shared),
        (Because.OPEN_LOTS, -lots, 0.0),
        (Because.LAST_DIGIT, -slack.digits, slack.digits),
        _by_hand(slack.judged),
    )
    return _step(Place.PRODUCED, Place.GOOD, made.produced, made.good, bearers, enough=enough)


def _stacked(made: Sums, count: Count, slack: Slack, *, enough: bool) -> Step:
    gap = slack.gap
    bearers = [_by_hand(-slack.entered), (Because.PART_PALLETS, -count.step, count.step), (Because.GAPS, -gap, gap)]
    if count.by_clock:
        bearers.append((Because.OTHER_DAY, -inf, inf))
    return _step(Place.GOOD, Place.STACKED, made.good, count.quantity, bearers, enough=enough)


def _by_hand(most: float) -> tuple[Because, float, float]:
    """A correction explains nothing but a difference in its own direction, and no more than itself."""
    return Because.BY_HAND, min(0.0, most), max(0.0, most)


def _step(
    source: Place,
    target: Place,
    before: float,
    after: float | None,
    bearers: Iterable[tuple[Because, float, float]],
    *,
    enough: bool,
) -> Step:
    """A step whose difference is laid on bearers one after the other, each between its least and its greatest part."""
    if after is None:
        return Step(source, target, None, (Part(Because.NO_RECEIPT, None),), None)
    rest, tiny = after - before, _ROUNDING * max(abs(before), abs(after))
    parts = []
    for because, least, most in bearers:
        part = min(max(rest, least), most)
        if abs(part) > tiny:
            parts.append(Part(because, part))
            rest -= part
    if abs(rest) <= tiny:
        rest = 0.0
    if not enough:
        parts.append(Part(Because.LOW_COVERAGE, None))
    return Step(source, target, after - before, tuple(parts), rest if enough else None)

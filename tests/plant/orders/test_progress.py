from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_summaries import filled, line_of, scattered

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi.adding import total
from plant.kpi.lines import LineSet
from plant.kpi.value import Flag
from plant.kpi.window import Window
from plant.messages import Order
from plant.model.load import load
from plant.model.tags import TagTable
from plant.orders import busy_time
from plant.orders.progress import Doubt, LineProgress, OrderProgress, Standing, line_progress
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes

GYPSUM = load("gypsum")
TABLE = LineTable(TagTable(GYPSUM))
BOARDS, MIXES = line_of(TABLE, "minsk/boards"), line_of(TABLE, "minsk/dry-mix")
BOARD = TABLE.product_index("board-12")
MIX = TABLE.product_index("plaster-30")
RATE = TABLE[BOARDS].line.ideal_rates["board-12"]
HOUR, DAY = 3_600_000, 86_400_000
GUIDE = (Path(__file__).parents[3] / "docs" / "orders.md").read_text(encoding="utf-8")


def at(day: int, hour: int) -> int:
    """UTC ms of a time in Minsk (UTC+3) in November 2026; the 18th is a Wednesday."""
    return int(datetime(2026, 11, day, hour, tzinfo=UTC).timestamp() * 1000) - 3 * HOUR


NOW = at(18, 16)


def board_order(name: str, quantity: float, due: int = NOW + DAY, **each) -> Order:
    return Order(
        **{"order": name, "product": "board-12", "quantity": quantity, "unit": "m2", "due": due, "priority": 1, **each}
    )


def ran(number: int, begin: int, end: int, speed: float = 0.5, line: int = BOARDS, product: int = BOARD, **each):
    """Minutes of a line that ran at a share of its ideal rate of boards."""
    per_minute = speed * TABLE.ideal_rates[line, product] / 60
    return filled(
        line,
        Window(begin, end),
        order=number,
        product=product,
        produced=per_minute,
        good=0.9 * per_minute,
        produced_ideal_s=60 * speed,
        good_ideal_s=54 * speed,
        **each,
    )


def progress(orders, *parts: ProductionMinutes, since: int = NOW - DAY, now: int = NOW, line: int = BOARDS):
    return line_progress(TABLE, line, orders, ProductionMinutes.concat(parts), Window(since, now))


def test_names_and_minutes_meet_in_the_number() -> None:
    """``boards-00417`` is what the machines show, 417 what the minutes keep; good and bad count to an order."""
    found = progress([board_order("boards-00417", 4 * RATE)], ran(417, NOW - 6 * HOUR, NOW), since=NOW - 6 * HOUR)
    (one,) = found.orders
    assert (one.standing, one.done, one.share) == (Standing.UNDER_WAY, pytest.approx(3 * RATE), pytest.approx(0.75))
    assert one.good == pytest.approx(0.9 * one.done)
    assert (found.pace, one.rate_per_h) == (pytest.approx(0.5), pytest.approx(0.5 * RATE))
    assert one.finish == NOW + 2 * HOUR
    assert one.late_s == pytest.approx((NOW + 2 * HOUR - one.due) / 1_000)


def test_orders_are_made_one_after_the_other() -> None:
    """First what the line shows, then as the plan has them; each with the ideal rate of its own product."""
    nine = TABLE[BOARDS].line.ideal_rates["board-9"]
    orders = [
        board_order("B-9", nine, product="board-9"),
        board_order("B-7", 4 * RATE, due=NOW + HOUR),
        board_order("B-8", RATE),
    ]
    found = progress(orders, ran(7, NOW - 6 * HOUR, NOW), since=NOW - 6 * HOUR).orders
    assert [one.finish for one in found] == [NOW + n * HOUR for n in (4, 2, 6)]
    assert [one.standing for one in found] == [Standing.WAITING, Standing.UNDER_WAY, Standing.WAITING]
    assert found[1].late_s == 3_600
    assert found[0].late_s < 0


def test_the_finish_leads_through_planned_time_only() -> None:
    """On Saturday evening an hour and a half is left of a shift with a meal; on Sunday night nobody comes."""
    saturday, rate = at(21, 23), TABLE.ideal_rates[MIXES, MIX]
    made = ran(5, saturday - 2 * HOUR, saturday, line=MIXES, product=MIX)
    orders = [
        Order("M-5", "plaster-30", 2 * rate, "t", saturday, 1),
        Order("M-6", "plaster-30", 10 * rate, "t", saturday, 1),
    ]
    found = progress(orders, made, since=saturday - 2 * HOUR, now=saturday, line=MIXES).orders
    assert found[0].finish == saturday + 2 * HOUR + HOUR // 2, "over the meal at midnight"
    work = WorkCalendar.of(GYPSUM.site("minsk"))
    busy = work.planned(TABLE[MIXES].line, saturday, found[1].finish).busy_ms
    assert busy == 22 * HOUR
    assert found[1].finish > at(23, 8), "not on Sunday night"


def test_overproduction_is_told_and_not_clipped() -> None:
    """An order that is done has the minute in which it was; what is made beyond it stays in its share."""
    found = progress([board_order("B-7", 2 * RATE)], ran(7, NOW - 6 * HOUR, NOW), since=NOW - 6 * HOUR)
    (one,) = found.orders
    assert (one.standing, one.finish) == (Standing.DONE, NOW - 2 * HOUR)
    assert (one.share, one.over) == (pytest.approx(1.5), pytest.approx(RATE))


def test_an_order_that_the_line_has_left_is_interrupted() -> None:
    """What is left of it is made after what the line shows."""
    parts = ran(7, NOW - 6 * HOUR, NOW - 4 * HOUR), ran(8, NOW - 4 * HOUR, NOW)
    found = progress([board_order("B-7", 2 * RATE), board_order("B-8", 3 * RATE)], *parts, since=NOW - 6 * HOUR).orders
    assert [one.standing for one in found] == [Standing.INTERRUPTED, Standing.UNDER_WAY]
    assert [one.finish for one in found] == [NOW + 4 * HOUR, NOW + 2 * HOUR]


def test_without_data_the_finish_is_not_guessed() -> None:
    """What was counted is told; where it leads is not known, and so for all that wait."""
    parts = (
        ran(7, NOW - 6 * HOUR, NOW - 3 * HOUR),
        filled(BOARDS, Window(NOW - 3 * HOUR, NOW), element=Element.UNKNOWN, order=7, product=BOARD),
    )
    found = progress([board_order("B-7", 4 * RATE), board_order("B-8", RATE)], *parts, since=NOW - 6 * HOUR)
    first, second = found.orders
    assert first.done == pytest.approx(1.5 * RATE)
    assert (first.finish, first.late_s, first.rate_per_h, found.pace) == (None, None, None, None)
    assert Flag.LOW_COVERAGE in first.flags
    assert (first.coverage, second.finish) == (0.5, None)


def test_a_line_that_stands_finishes_nothing() -> None:
    """The rate is known and 0."""
    stood = filled(BOARDS, Window(NOW - 9 * HOUR, NOW), element=Element.ADET, loss=Loss.BREAKDOWN, order=7)
    found = progress([board_order("B-7", RATE)], stood, since=NOW - 9 * HOUR)
    assert (found.pace, found.orders[0].rate_per_h, found.orders[0].finish) == (0, 0, None)


def test_time_without_an_order_does_not_slow_the_forecast() -> None:
    """It was the market's, and there is none of it while orders wait."""
    parts = (
        filled(BOARDS, Window(NOW - 8 * HOUR, NOW - 4 * HOUR), element=Element.ADOT, loss=Loss.NO_ORDER),
        ran(7, NOW - 4 * HOUR, NOW),
    )
    found = progress([board_order("B-7", 3 * RATE)], *parts, since=NOW - 8 * HOUR)
    assert found.pace == pytest.approx(0.5)
    assert found.orders[0].finish == NOW + 2 * HOUR


def test_orders_with_the_same_number_are_not_told_apart() -> None:
    """What was made belongs to one of them: it is told, of neither, and nothing after them has a finish."""
    orders = [board_order("A-7", RATE), board_order("B-7", RATE), board_order("B-8", RATE)]
    found = progress(orders, ran(7, NOW - 6 * HOUR, NOW), since=NOW - 6 * HOUR)
    assert [one.standing for one in found.orders] == [Standing.UNKNOWN, Standing.UNKNOWN, Standing.WAITING]
    assert [one.done for one in found.orders] == [None, None, 0]
    assert all(one.finish is None for one in found.orders)
    assert Doubt.SAME_NUMBER in found.orders[0].doubts
    assert found.orders[2].doubts == (Doubt.WAITS_FOR_UNKNOWN,)
    assert found.elsewhere == pytest.approx(3 * RATE)


@pytest.mark.parametrize(
    ("order", "doubt", "done"),
    [
        (board_order("B-7", 1, unit="t"), Doubt.OTHER_UNIT, None),
        (board_order("B-7", 99_999, product="putty-20"), Doubt.NO_IDEAL_RATE, 3 * RATE),
        (board_order("B-7", 99_999, product="board-9"), Doubt.OTHER_PRODUCT, 3 * RATE),
    ],
)
def test_what_does_not_fit_is_said(order: Order, doubt: Doubt, done: float | None) -> None:
    """Another unit of measure, a product that the line cannot make, another product under the same number."""
    (one,) = progress([order], ran(7, NOW - 6 * HOUR, NOW), since=NOW - 6 * HOUR).orders
    assert doubt in one.doubts
    assert one.done == (None if done is None else pytest.approx(done))
    assert (one.finish is None) == (doubt is not Doubt.OTHER_PRODUCT)


def test_a_line_that_shows_no_order_is_not_told_to_wait() -> None:
    """What it made belongs to some order, nobody knows to which."""
    line = line_of(TABLE, "minsk/binder-1")
    order = board_order("binder-1-7", 100.0, product="stucco", unit="t")
    (one,) = progress(
        [order], ran(0, NOW - 6 * HOUR, NOW, line=line, product=TABLE.product_index("stucco")), line=line
    ).orders
    assert (one.standing, one.done, one.finish) == (Standing.UNKNOWN, None, None)
    assert one.doubts == (Doubt.NOT_SHOWN,)


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=25, deadline=None)
@given(
    seed=seeds,
    names=st.lists(st.sampled_from(["B-1", "B-2", "X-2", "B-3", "ЗК"]), unique=True),
    quantity=st.floats(1, 1e4),
)
def test_nothing_that_was_made_is_lost(seed: int, names: list[str], quantity: float) -> None:
    """What orders have and what is elsewhere is all that the line made; finishes follow each other in the queue."""
    window = Window(NOW - DAY, NOW)
    minutes = scattered(seed, TABLE, window, 3_000)
    found = line_progress(TABLE, BOARDS, [board_order(name, quantity) for name in names], minutes, window)
    done = sum(one.done for one in found.orders if one.done is not None)
    assert done + found.elsewhere == pytest.approx(total(minutes, window, LineSet((BOARDS,), ("m2",))).produced)
    for one in found.orders:
        assert (one.done is None) == (one.standing is Standing.UNKNOWN)


@settings(max_examples=40, deadline=None)
@given(begin=st.integers(0, 60 * 24 * 400), busy_min=st.integers(0, 60 * 24 * 60))
def test_planned_time_there_and_back(begin: int, busy_min: int) -> None:
    """So much busy time lies between an instant and the one after it, no more; looking back finds as much."""
    work, line = WorkCalendar.of(GYPSUM.site("minsk")), TABLE[MIXES].line
    start = at(1, 8) + begin * 60_000
    end = busy_time.after(work, line, start, busy_min * 60.0)
    assert end is not None
    assert work.planned(line, start, end).busy_ms == busy_min * 60_000
    if busy_min:
        assert work.planned(line, start, end - 1).busy_ms == busy_min * 60_000 - 1
    back = busy_time.lately(work, line, start, end, busy_min * 30.0)
    assert back.start_ms >= start
    assert 0 <= work.planned(line, back.start_ms, end).busy_ms - busy_min * 30_000 <= 60_000


def test_what_a_year_does_not_hold_is_never_finished() -> None:
    """Ten years of work have no date."""
    work = WorkCalendar.of(GYPSUM.site("minsk"))
    assert busy_time.after(work, TABLE[MIXES].line, NOW, 3_650 * 86_400.0) is None


@pytest.mark.parametrize("kind", [LineProgress, OrderProgress], ids=lambda kind: kind.__name__)
def test_the_guide_lists_every_field(kind: type) -> None:
    """docs/orders.md says what each means, and names every standing and doubt."""
    table = GUIDE.split(f"\n`{kind.__name__}`", 1)[1].split("\n\n|", 1)[1].split("\n\n", 1)[0]
    assert re.findall(r"^\| `(\w+)` \| .+ \|$", table, re.MULTILINE) == [field.name for field in fields(kind)]
    assert not [each for each in (*Standing, *Doubt) if f"`{each}`" not in GUIDE]

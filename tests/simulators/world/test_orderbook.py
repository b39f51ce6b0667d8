from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from simulators.scenarios.effects import EFFECTS
from simulators.world import orderbook
from simulators.world.orderbook import AHEAD, NORMAL, SLACK_SHIFTS, STOCK, URGENT

BEGIN_MS = 1_795_000_000_000
MANY = 400


@pytest.fixture(scope="module")
def boards(gypsum):
    """The book of a board line."""
    site = gypsum.enterprise.site("minsk")
    return orderbook.book(site, site.line("boards"))


def _many(book, key: int = 5, size: float = 1.0) -> orderbook.Orders:
    return orderbook.drawn(book, key, 100, MANY, 0, size)


def test_the_planned_rate_is_what_the_shift_target_asks(gypsum, boards) -> None:
    """A shift of the first product at the planned rate is the target, below the ideal rate; others in proportion."""
    line = gypsum.enterprise.site("minsk").line("boards")
    ideal = np.array(list(line.ideal_rates.values()))
    assert boards.rates[0] * boards.shift_h == pytest.approx(line.shift_target.amount)
    assert boards.rates / ideal == pytest.approx(boards.rates[0] / ideal[0])
    assert (boards.rates < ideal).all()


def test_an_order_depends_on_its_number_alone(boards) -> None:
    """Drawn one by one or in one go, an order is the same; another key gives other orders."""
    whole = _many(boards)
    alone = orderbook.drawn(boards, 5, 150, 1, int(whole.place[49]), 1.0)
    for key in ("place", "quantity", "priority", "gap_s", "setup_s"):
        assert getattr(alone, key)[0] == getattr(whole, key)[50]
    assert (_many(boards, key=6).quantity != whole.quantity).any()


def test_orders_are_plausible(boards) -> None:
    """Round quantities of 0.4 to 1.6 shifts, few set-ups, one order in ten urgent, two for the warehouse."""
    orders = _many(boards)
    shifts = orders.quantity / boards.rates[orders.place] / boards.shift_h
    assert 0.35 < shifts.min() < 0.6
    assert 1.4 < shifts.max() < 1.65
    assert (orders.quantity % 1000 == 0).all()
    assert (orders.setup_s > 0).mean() == pytest.approx(0.4, abs=0.1)
    assert (orders.priority == URGENT).mean() == pytest.approx(0.1, abs=0.05)
    assert (orders.priority == STOCK).mean() == pytest.approx(0.2, abs=0.07)
    assert set(orders.place) == {0, 1, 2}


def test_a_setup_takes_what_the_pair_of_products_takes(boards) -> None:
    """None after the same product; otherwise the time of the pair, scattered by 30 % at most."""
    orders = _many(boards)
    before = np.concatenate([[0], orders.place[:-1]])
    usual = boards.setup_s[before, orders.place]
    assert ((orders.setup_s == 0) == (before == orders.place)).all()
    changed = usual > 0
    share = orders.setup_s[changed] / usual[changed]
    assert share.min() >= 0.7
    assert share.max() <= 1.3
    assert len(set(usual[changed].tolist())) == 3


def test_a_pair_without_a_time_takes_the_usual(print_farm) -> None:
    """A model without set-up times still has them."""
    site = print_farm.enterprise.site("izhevsk")
    book = orderbook.book(site, site.line("frames"))
    assert book.setup_s[0, 1] == 60.0 * orderbook.SETUP_MIN
    assert book.setup_s[0, 0] == 0.0


@pytest.mark.parametrize("begin", [BEGIN_MS, round(datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp() * 1000)])
def test_orders_are_due_at_shift_ends(gypsum, boards, begin: int) -> None:
    """Each due is an end of a shift in the site's own clock, after the planned finish, later with lower priority."""
    site = gypsum.enterprise.site("minsk")
    orders = orderbook.drawn(boards, 5, 100, AHEAD, 0, 1.0)
    dues = orderbook.dues(boards, orders, begin)
    finish = begin + 1000.0 * np.cumsum(orderbook.lengths_s(boards, orders))
    assert (dues > finish).all()
    ends = {shift.end for shift in site.calendar.shifts}
    assert {datetime.fromtimestamp(due / 1000.0, site.zone).time() for due in dues.tolist()} <= ends
    slack_h = (dues - finish) / 3_600_000.0
    for priority in (URGENT, NORMAL, STOCK):
        late = 12.0 * SLACK_SHIFTS[priority]
        of_priority = slack_h[orders.priority == priority]
        assert (of_priority > late).all()
        assert (of_priority <= late + 12.0).all()


def test_nothing_is_due_in_a_shift_that_does_not_work(gypsum) -> None:
    """Where nobody works on Saturday and Sunday night, no order is due there, and others are due that much later."""
    site = gypsum.enterprise.site("saratov")
    book = orderbook.book(site, site.line("dry-mix"))
    orders = orderbook.drawn(book, 5, 100, AHEAD, 0, 1.0)
    dues = orderbook.dues(book, orders, BEGIN_MS)
    shifts = [book.work.shift_at(due - 1) for due in dues.tolist()]
    assert all(book.work.is_manned(shift) for shift in shifts)
    assert [shift.end for shift in shifts] == dues.tolist()
    worked_days = float(orderbook.lengths_s(book, orders).sum()) / 86_400.0
    assert (dues[-1] - BEGIN_MS) / 86_400_000.0 > worked_days * 14.0 / 12.0


def test_an_order_that_has_begun_is_due_sooner(boards) -> None:
    """Work that is done already brings the end of the first order nearer, never behind the present time."""
    orders = orderbook.drawn(boards, 5, 100, 1, 0, 1.0)
    length_s = float(orderbook.lengths_s(boards, orders)[0])
    dues = [int(orderbook.dues(boards, orders, BEGIN_MS, -share * length_s)[0]) for share in (0.0, 0.5, 0.999)]
    assert dues == sorted(dues)[::-1]
    assert dues[-1] > BEGIN_MS


@pytest.mark.parametrize(("size", "days"), [(1.0, 9.0), (0.15, 4.0), (orderbook.LEAST_SIZE, 3.0)])
def test_the_coming_orders_reach_far_enough(gypsum, print_farm, size: float, days: float) -> None:
    """At least three days, also of the smallest that a scenario may ask for."""
    assert EFFECTS["order_size"].low == orderbook.LEAST_SIZE
    for plant in (gypsum, print_farm):
        for site in plant.enterprise.sites:
            for line in (each for each in site.lines if each.ideal_rates):
                book = orderbook.book(site, line)
                orders = orderbook.drawn(book, 5, 100, AHEAD, 0, size)
                assert orderbook.lengths_s(book, orders).sum() > days * 86_400.0, line.slug

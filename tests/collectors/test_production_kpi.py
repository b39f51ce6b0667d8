"""Figures of lines and sites on the namespace."""

from __future__ import annotations

import pytest
from collecting import tiny
from made_minutes import made, run

from collectors.counts import Counts
from collectors.production_kpi import KpiBoard
from collectors.production_publisher import KpiPublisher
from plant.calendar.work_calendar import WorkCalendar
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.messages import KpiMessage, decode_kpi
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable

ENTERPRISE, TAGS = tiny()
TABLE = LineTable(TAGS)
KILN, BOARD = (TABLE.by_storage(name) for name in ("alpha/kiln-1", "alpha/board-1"))
NOON = 1_790_000_000_000 // (24 * HOUR_MS) * 24 * HOUR_MS + 9 * HOUR_MS
"""12:00 in Moscow."""
KILN_KPI = "df/v1/tiny/alpha/shop/kiln-1/kpi"
BOARD_KPI = "df/v1/tiny/alpha/shop/board-1/kpi"
SITE_KPI = "df/v1/tiny/alpha/kpi"


@pytest.fixture
def historian() -> MemoryHistorian:
    """Four hours since 08:00: the kiln runs three of them at its ideal rate and fails, the board line runs all four."""
    historian = MemoryHistorian(TAGS)
    rows = [
        *run(KILN, 0, 180, good=25 / 60, produced=25 / 60, good_ideal_s=60.0, produced_ideal_s=60.0),
        *run(KILN, 180, 60, element=Element.ADET, loss=Loss.BREAKDOWN, provisional=1),
        *run(BOARD, 0, 240, good=65.0, produced=65.0, good_ideal_s=60.0, produced_ideal_s=60.0),
    ]
    minutes = made(rows)
    minutes.time[:] += NOON - 4 * HOUR_MS - int(minutes.time.min())
    historian.write_production(minutes)
    return historian


def told(historian: MemoryHistorian, until: int = NOON) -> dict[str, KpiMessage]:
    """The messages of both sites."""
    board = KpiBoard(historian, TABLE, "tiny", ["alpha", "beta"])
    return {topic: decode_kpi(payload) for topic, payload in board.messages({"alpha": until, "beta": 0}).items()}


def test_each_line_and_the_site_have_a_message(historian: MemoryHistorian) -> None:
    """Of sites whose minutes are made, and of no others."""
    assert set(told(historian)) == {KILN_KPI, BOARD_KPI, SITE_KPI}


def test_the_day_and_the_shift_so_far(historian: MemoryHistorian) -> None:
    """Against the plan of the whole shift; times are those of the calendar of the site."""
    message = told(historian)[KILN_KPI]
    day, shift = message.periods
    work = WorkCalendar.of(ENTERPRISE.site("alpha"))
    assert message.time == NOON
    assert (day.period, day.start, day.end) == ("day", *work.day(work.day_of(NOON)))
    assert (shift.period, shift.start, shift.end) == ("shift", NOON - 4 * HOUR_MS, NOON + 8 * HOUR_MS)
    assert (shift.oee, shift.availability, shift.effectiveness, shift.quality) == pytest.approx((0.75, 0.75, 1, 1))
    assert (shift.apt_s, shift.adet_s, shift.unknown_s) == (3 * 3600, 3600, 0)
    assert (shift.measure, shift.good, shift.planned) == ("t", pytest.approx(75), pytest.approx(240))
    assert (shift.provisional, shift.coverage, day.oee) == (True, 1.0, shift.oee)


def test_a_site_sums_times_first_and_no_quantities_of_different_units(historian: MemoryHistorian) -> None:
    """Tonnes and square metres do not add, ideal time does."""
    _, shift = told(historian)[SITE_KPI].periods
    assert shift.oee == pytest.approx((3 + 4) / 8)
    assert (shift.measure, shift.produced, shift.good, shift.planned) == ("", None, None, None)
    assert shift.apt_s == 7 * 3600


def test_what_nobody_has_made_is_unknown(historian: MemoryHistorian) -> None:
    """Below the coverage needed there is no figure, and it says so."""
    _, shift = told(historian, NOON + 4 * HOUR_MS)[BOARD_KPI].periods
    assert (shift.oee, shift.flags) == (None, ("low_coverage",))
    assert (shift.unknown_s, shift.coverage) == (4 * 3600, 0.5)


def test_a_shift_that_has_just_begun_is_told_from_its_first_minute(historian: MemoryHistorian) -> None:
    """At the stroke it is still the one before: of the new one nothing can be known."""
    _, before = told(historian, NOON + 8 * HOUR_MS)[KILN_KPI].periods
    _, after = told(historian, NOON + 8 * HOUR_MS + MINUTE_MS)[KILN_KPI].periods
    assert (before.end, after.start) == (NOON + 8 * HOUR_MS, NOON + 8 * HOUR_MS)


def test_messages_are_sent_when_they_change_and_again_when_the_broker_may_have_forgotten(
    historian: MemoryHistorian,
) -> None:
    """What cannot leave now is sent later."""
    sent: list[str] = []
    open_ = [True]

    def publish(topic: str, _: bytes) -> bool:
        sent.append(topic)
        return open_[0]

    counts = Counts()
    publisher = KpiPublisher(KpiBoard(historian, TABLE, "tiny", ["alpha"]), publish, counts)
    publisher.turn()
    assert not sent
    publisher.make({"alpha": NOON})
    open_[0] = False
    publisher.turn()
    open_[0] = True
    publisher.turn()
    publisher.turn()
    assert sent == [KILN_KPI, BOARD_KPI, SITE_KPI] * 2
    publisher.republish()
    assert (len(sent), counts.published) == (9, 6)


def test_lines_that_make_nothing_have_none() -> None:
    """Figures are of lines that can be rated."""
    board = KpiBoard(MemoryHistorian(TAGS), TABLE, "tiny", [])
    assert board.messages({"alpha": NOON}) == {}

"""What people ask of counts: entered once, withdrawn with a reason, refused with a stable word."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_summaries import filled

from collectors.commands import HOUR_MS, Refused
from collectors.corrections_desk import Action, CorrectionsDesk
from plant.calendar.work_calendar import WorkCalendar
from plant.historian.protocol import DAY_MS, MINUTE_MS
from plant.kpi.window import Window
from plant.messages import CommandMessage
from plant.model.load import load
from plant.model.tags import TagTable
from plant.operations.address import IN_MEMORY
from plant.operations.corrections import CorrectionStore
from plant.operations.database import Operations
from plant.operations.schema import CORRECTION
from plant.production.corrections import CountsChange
from plant.production.lines import LineTable, ProductionLine

TABLE = LineTable(TagTable(load("gypsum")))
ROW = next(row for row in TABLE if row.measure)
PLACE = (ROW.site.slug, ROW.line.area, ROW.line.slug)
NOW = 1_790_000_000_000 // HOUR_MS * HOUR_MS
START, END = NOW - 2 * HOUR_MS, NOW - HOUR_MS
CHANGE = CountsChange(START, END, produced=30.0, good=29.0, reject=1.0)
ASKED = CommandMessage(
    "k1", NOW, NOW + 10_000, "anna", Action.CORRECT, "counts", "the counter was blocked", None, CHANGE
)
TAKEN_BACK = replace(ASKED, id="k2", command=Action.WITHDRAW, target="k1", why="it was right", counts=None)


class Kept:
    """A desk with its store, and what it has asked to be made again."""

    def __init__(self) -> None:
        operations = Operations(IN_MEMORY)
        operations.migrate()
        self.store = CorrectionStore(operations)
        self.touched: list[tuple[str, int, int]] = []
        self.desk = self.another()

    def another(self) -> CorrectionsDesk:
        """The desk of the next process."""
        sites = [site.slug for site in TABLE.tags.enterprise.sites[:1]]
        return CorrectionsDesk(self.store, TABLE, sites, self.counted, lambda *what: self.touched.append(what), 14)

    def counted(self, row: ProductionLine, start: int, end: int):
        """A unit is produced in each minute, all of it good."""
        return filled(row.index, Window(start, end), produced=1.0, good=1.0)

    def ask(self, command: CommandMessage, now: int = NOW):
        """What the desk says."""
        return self.desk.take(PLACE, command, now, retained=False)


@pytest.fixture
def kept() -> Kept:
    """A desk that nobody has asked yet."""
    return Kept()


def test_a_correction_is_kept_told_and_made_again(kept):
    """With who and why, under the id of its command, and in the audit trail."""
    assert kept.ask(ASKED).ok
    found = kept.store.between(START, END)
    assert [(each.id, each.line, each.produced, each.good, each.reject) for each in found] == [
        ("k1", ROW.storage, 30.0, 29.0, 1.0)
    ]
    assert (found[0].who, found[0].why) == ("anna", "the counter was blocked")
    assert kept.touched == [(ROW.storage, START, END)]
    row = kept.store.answered("k1")
    assert row is not None
    assert (row.action, row.place, row.who, row.ok) == (Action.CORRECT, "/".join(PLACE), "anna", True)


def test_a_command_is_carried_out_once_also_over_a_restart(kept):
    """The second time only the answer is given again."""
    first = kept.ask(ASKED)
    kept.desk = kept.another()
    assert kept.ask(ASKED, NOW + 5_000) == first
    assert len(kept.store.entered(START, END)) == len(kept.touched) == 1


def test_what_was_withdrawn_counts_no_more_and_stays(kept):
    """Its minutes are made again; it can be withdrawn once."""
    kept.ask(ASKED)
    assert kept.ask(TAKEN_BACK).ok
    assert kept.store.between(START, END) == []
    entered = kept.store.entered(START, END)
    assert [(each.withdrawn_by, each.withdrawn_why) for each in entered] == [("anna", "it was right")]
    assert kept.touched == 2 * [(ROW.storage, START, END)]
    assert kept.ask(replace(TAKEN_BACK, id="k3")).reason == Refused.WRONG_STATE


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"expires_at": NOW}, Refused.EXPIRED),
        ({"expires_at": NOW + HOUR_MS + 1}, Refused.TOO_LONG_LIVED),
        ({"command": "counts.delete"}, Refused.UNKNOWN_COMMAND),
        ({"why": "  "}, Refused.NO_REASON),
        ({"who": " "}, Refused.NO_REASON),
        ({"counts": None}, Refused.WRONG_COUNTS),
        ({"counts": CountsChange(START, END)}, Refused.WRONG_COUNTS),
        ({"counts": CountsChange(START, END, good=float("inf"))}, Refused.WRONG_COUNTS),
        ({"counts": CountsChange(START, END, good=1e12)}, Refused.WRONG_COUNTS),
        ({"counts": CountsChange(START, START, good=1.0)}, Refused.WRONG_TIME),
        ({"counts": CountsChange(START + 1, END, good=1.0)}, Refused.WRONG_TIME),
        ({"counts": CountsChange(START, NOW + MINUTE_MS, good=1.0)}, Refused.WRONG_TIME),
        ({"counts": CountsChange(NOW - 2 * DAY_MS, NOW, good=1.0)}, Refused.WRONG_TIME),
        ({"counts": CountsChange(NOW - 15 * DAY_MS, NOW - 15 * DAY_MS + HOUR_MS, good=1.0)}, Refused.WRONG_TIME),
        ({"counts": CountsChange(START, END, good=-60.5)}, Refused.BELOW_ZERO),
        ({"command": Action.WITHDRAW, "target": "k9"}, Refused.UNKNOWN_CORRECTION),
    ],
)
def test_what_is_refused_changes_nothing_and_is_written_down(kept, changed, reason):
    """With the word that a program reads and a sentence for people."""
    result = kept.ask(replace(ASKED, **changed))
    assert (result.ok, result.reason) == (False, reason)
    assert result.detail
    row = kept.store.answered("k1")
    assert row is not None
    assert (row.ok, row.reason, row.detail) == (False, reason, result.detail)
    assert not kept.store.entered(0, NOW)
    assert not kept.touched


def test_retained_commands_and_other_places_are_refused(kept):
    """A line of another collector, and a place that is no line."""
    assert kept.desk.take(PLACE, ASKED, NOW, retained=True).reason == Refused.RETAINED
    other = next(row for row in TABLE if row.measure and row.site is not ROW.site)
    for number, place in enumerate([(other.site.slug, other.line.area, other.line.slug), PLACE[:2], (*PLACE, "x")]):
        asked = replace(ASKED, id=f"p{number}")
        assert kept.desk.take(place, asked, NOW, retained=False).reason == Refused.UNKNOWN_LINE


def test_a_whole_production_day_may_be_corrected(kept):
    """Not a minute more."""
    work = WorkCalendar.of(ROW.site)
    day = work.day(work.day_of(NOW - DAY_MS))
    assert kept.ask(replace(ASKED, counts=CountsChange(day.start, day.end, good=1.0))).ok
    longer = CountsChange(day.start - MINUTE_MS, day.end, good=1.0)
    assert kept.ask(replace(ASKED, id="k2", counts=longer)).reason == Refused.WRONG_TIME


def test_a_correction_that_another_one_leans_on_cannot_be_withdrawn(kept):
    """Else less than nothing would be left."""
    kept.ask(ASKED)
    assert kept.ask(replace(ASKED, id="k5", counts=CountsChange(START, END, produced=-80.0))).ok
    refused = kept.ask(replace(TAKEN_BACK, id="k6"))
    assert refused.reason == Refused.BELOW_ZERO
    assert "produced" in refused.detail


@given(amounts=st.lists(st.floats(-60.0, 0.0), min_size=1, max_size=6))
def test_no_row_of_corrections_takes_away_more_than_was_counted(amounts):
    """However many are entered before the minutes are made again."""
    kept = Kept()
    for number, amount in enumerate(amounts):
        kept.ask(replace(ASKED, id=f"c{number}", counts=CountsChange(START, END, good=amount)))
    assert 60.0 + sum(each.good for each in kept.store.between(START, END)) >= -1e-3


def test_the_guide_lists_every_column_that_is_kept():
    """In their order."""
    kept = (Path(__file__).parents[2] / "docs" / "counts.md").read_text().split("## What is kept\n", 1)[1]
    assert re.findall(r"^\| `(\w+)` \|", kept, re.MULTILINE) == [column.name for column in CORRECTION.columns]

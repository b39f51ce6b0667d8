"""What operators ask of alarms: carried out once, or refused with a stable word."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from watching import columns, engine, rule

from collectors.alarms_desk import Action, AlarmDesk
from collectors.commands import HOUR_MS, Refused
from collectors.corrections_desk import Action as CountsAction
from plant.alarms.rules import Limit
from plant.alarms.states import State
from plant.messages import CommandMessage

NOW = 1_790_000_000_000
PLACE = ("s", "a", "l", "u")
HIGH = rule("t.h", Limit(0, 100.0, above=True, deadband=5.0))
ASKED = CommandMessage("c1", NOW, NOW + 10_000, "anna", Action.ACKNOWLEDGE, "t.h")


@pytest.fixture
def watched():
    """An engine with one alarm that nobody has seen."""
    found = engine([HIGH])
    found.feed(columns([(0, NOW - 50, 120.0)]))
    return found


@pytest.fixture
def desk(watched):
    """A desk for it."""
    return AlarmDesk(lambda: watched, lambda _: NOW, {(PLACE, "t.h"): HIGH.key})


def test_a_command_is_carried_out_once(desk, watched):
    """The second time only the answer is given again, whatever has happened meanwhile."""
    first = desk.take(PLACE, ASKED, NOW, retained=False)
    assert first.result.ok
    assert first.audited is not None
    watched.feed(columns([(0, NOW, 80.0), (0, NOW + 1, 120.0)]))
    second = desk.take(PLACE, ASKED, NOW + 2, retained=False)
    assert second.result == first.result
    assert second.audited is None
    assert watched.standing(HIGH.key).state is State.UNACKNOWLEDGED


def test_what_was_answered_before_a_restart_is_not_done_again(desk, watched):
    """Its answer comes from the audit trail."""
    kept = desk.take(PLACE, ASKED, NOW, retained=False).audited
    next_desk = AlarmDesk(lambda: watched, lambda _: NOW, {(PLACE, "t.h"): HIGH.key})
    next_desk.remember(kept)
    again = next_desk.take(PLACE, ASKED, NOW + 5, retained=False)
    assert again.audited is None
    assert (again.result.ok, again.result.id) == (True, "c1")


@pytest.mark.parametrize(
    ("changed", "retained", "reason"),
    [
        ({}, True, Refused.RETAINED),
        ({"expires_at": NOW}, False, Refused.EXPIRED),
        ({"expires_at": NOW + HOUR_MS + 1}, False, Refused.TOO_LONG_LIVED),
        ({"command": "alarm.delete"}, False, Refused.UNKNOWN_COMMAND),
        ({"target": "t.x"}, False, Refused.UNKNOWN_ALARM),
        ({"command": Action.COMMENT}, False, Refused.NO_REASON),
        ({"command": Action.SHELVE, "why": "x"}, False, Refused.WRONG_TIME),
        ({"command": Action.SHELVE, "why": "x", "until": NOW + 25 * HOUR_MS}, False, Refused.WRONG_TIME),
        ({"command": Action.UNSHELVE}, False, Refused.WRONG_STATE),
    ],
)
def test_what_is_refused_changes_nothing_and_is_written_down(desk, watched, changed, retained, reason):
    """With the word that a program reads and a sentence for people."""
    before = watched.standing(HIGH.key)
    verdict = desk.take(PLACE, replace(ASKED, **changed), NOW, retained=retained)
    assert (verdict.result.ok, verdict.result.reason) == (False, reason)
    assert verdict.result.detail
    assert verdict.audited is not None
    assert verdict.audited.who == "anna"
    assert watched.standing(HIGH.key) == before


def test_nothing_is_done_before_it_is_known_how_alarms_stood():
    """A start that waits for its database says so."""
    desk = AlarmDesk(lambda: None, lambda _: NOW, {(PLACE, "t.h"): HIGH.key})
    assert desk.take(PLACE, ASKED, NOW, retained=False).result.reason == Refused.NOT_READY


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (Action.ACKNOWLEDGE, State.ACKNOWLEDGED),
        (Action.SHELVE, State.SHELVED),
        (Action.OUT_OF_SERVICE, State.OUT_OF_SERVICE),
        (Action.COMMENT, State.UNACKNOWLEDGED),
    ],
)
def test_actions(desk, watched, action, state):
    """Each leads to its state."""
    asked = replace(ASKED, command=action, why="repair", until=NOW + HOUR_MS)
    assert desk.take(PLACE, asked, NOW, retained=False).result.ok
    assert watched.standing(HIGH.key).state is state


def test_a_latched_alarm_waits_for_its_reset_and_service_comes_back():
    """Reset and back in service."""
    latched = engine([replace(HIGH, latches=True)])
    latched.feed(columns([(0, NOW - 50, 120.0), (0, NOW - 40, 80.0)]))
    desk = AlarmDesk(lambda: latched, lambda _: NOW, {(PLACE, "t.h"): HIGH.key})
    asked = [Action.ACKNOWLEDGE, Action.RESET, Action.OUT_OF_SERVICE, Action.BACK_IN_SERVICE]
    for number, action in enumerate(asked):
        command = replace(ASKED, id=f"c{number}", command=action, why="x")
        assert desk.take(PLACE, command, NOW, retained=False).result.ok, action
    assert latched.standing(HIGH.key).state is State.NORMAL


def test_old_commands_are_forgotten(desk):
    """Memory does not grow: what has expired cannot come again."""
    for number in range(100):
        now = NOW + number * HOUR_MS
        desk.take(PLACE, replace(ASKED, id=str(number), expires_at=now + 1_000), now, retained=False)
    assert len(desk._answers) <= 3


def test_commands_and_refusals_are_documented():
    """Each has a row in docs/alarms.md or docs/counts.md, and the commands are those of docs/asyncapi.yaml."""
    docs = Path(__file__).parents[2] / "docs"
    sections = [(docs / name).read_text().split("## On the namespace\n", 1)[1] for name in ("alarms.md", "counts.md")]
    rows = [re.findall(r"^\| `([a-z_.]+)` \|", each.split("\n## ", 1)[0], re.MULTILINE) for each in sections]
    assert set(rows[0]) | set(rows[1]) == {*Action, *CountsAction, *Refused}
    assert set(Action) < set(rows[0])
    assert set(CountsAction) < set(rows[1])
    api = yaml.safe_load((docs / "asyncapi.yaml").read_text())
    command = api["components"]["messages"]["command"]["payload"]["properties"]["command"]
    assert command["enum"] == [*Action, *CountsAction]

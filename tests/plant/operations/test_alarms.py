"""Alarms in the operations database: kept at once or not at all, and never twice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import event
from watching import columns, engine, rule

from plant.alarms.journal import entry_of
from plant.alarms.rules import Limit
from plant.alarms.states import Event, State
from plant.errors import StoreUnavailableError
from plant.operations.alarms import AlarmStore
from plant.operations.audit import Audited
from plant.operations.open import open_operations

HIGH = rule("t.h", Limit(0, 100.0, above=True, deadband=5.0))
VALUES = [120.0, 90.0, 130.0, 80.0, 140.0]
ASKED = Audited("c1", 5, "anna", "because", "alarm.acknowledge", "s/a/l/u", "t.h", ok=True)


@pytest.fixture
def operations(operations_address, tmp_path):
    """An open database with its tables."""
    database = open_operations(operations_address, tmp_path)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def store(operations):
    """Alarms in it."""
    return AlarmStore(operations)


def changes():
    """What becomes of one alarm, somebody acknowledges it in between."""
    watched = engine([HIGH])
    for time, value in enumerate(VALUES):
        watched.feed(columns([(0, time * 10, value)]))
        watched.command(HIGH.key, Event.ACKNOWLEDGE, time * 10 + 5, who="anna", why="seen")
    return watched.take()


def test_what_was_saved_is_read_again(store):
    """States, journal and audit trail, field by field."""
    made = changes()
    store.save([(change, change.time + 1) for change in made], [ASKED])
    assert store.standings() == {HIGH.key: made[-1].now}
    assert store.journal(0, 100) == [entry_of(change, change.time + 1) for change in made]
    assert store.audit(0, 100) == [ASKED]
    assert store.commands_since(5) == {"c1"}
    assert store.commands_since(6) == set()


def test_saving_again_changes_nothing(store):
    """After a failure nobody may know whether it was kept; the older state does not come back either."""
    made = [(change, change.time) for change in changes()]
    store.save(made, [ASKED])
    store.save(made[:2], [ASKED, replace(ASKED, command="c2")])
    assert store.standings()[HIGH.key] == made[-1][0].now
    assert len(store.journal(0, 100)) == len(made)
    assert [each.command for each in store.audit(0, 100)] == ["c1", "c2"]


def test_how_alarms_stood_before_a_window(store):
    """The last change before it, for each alarm."""
    made = changes()
    store.save([(change, change.time) for change in made])
    assert [(each.number, each.time) for each in store.last_before(21)] == [
        (max(change.now.number for change in made if change.time < 21), 20)
    ]


def test_killed_at_any_statement_nothing_is_lost_and_nothing_born_twice(operations, store):
    """The process dies before or in the commit; the next one starts from what is kept and sees the present again."""
    whole = [(each.event, each.now.state) for each in _without_kill()]
    for deadly in range(8):
        _reset(operations)
        countdown = {"left": deadly}

        def die(*_, countdown=countdown):
            countdown["left"] -= 1
            if countdown["left"] < 0:
                raise _KilledError

        engine_ = operations._engine
        event.listen(engine_, "before_cursor_execute", die)
        event.listen(engine_, "commit", die)
        done = 0
        with suppress(_KilledError, StoreUnavailableError):
            watched = engine([HIGH])
            for done, value in enumerate(VALUES):
                watched.feed(columns([(0, done * 10, value)]))
                store.save([(change, 0) for change in watched.take()])
        event.remove(engine_, "before_cursor_execute", die)
        event.remove(engine_, "commit", die)
        again = engine([HIGH], store.standings(), started=done * 10)
        for place, value in enumerate(VALUES[done:], done):
            again.feed(columns([(0, place * 10, value)]), anew=place == done)
            store.save([(change, 0) for change in again.take()])
        assert [(each.event, each.state) for each in store.journal(0, 1000)] == whole
        assert store.standings()[HIGH.key].state is State.UNACKNOWLEDGED


class _KilledError(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def _without_kill():
    watched = engine([HIGH])
    watched.feed(columns([(0, place * 10, value) for place, value in enumerate(VALUES)]))
    return watched.take()


def _reset(operations):
    with operations.writing() as connection:
        for table in ("alarm_state", "alarm_journal", "audit"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def test_an_alarm_whose_rule_is_no_more_is_ended(store):
    """Nobody could ever clear it; those of other sites are left to their collectors."""
    made = changes()
    store.save([(change, change.time) for change in made])
    assert store.retire(["other"], set(), 100) == 0
    assert store.retire(["s"], {HIGH.key}, 100) == 0
    assert store.retire(["s"], set(), 100) == 1
    standing = store.standings()[HIGH.key]
    assert (standing.state, standing.active) == (State.NORMAL, False)
    (last,) = store.last_before(1_000)
    assert (last.event, last.number, last.time) == (Event.REMOVE, made[-1].now.number + 1, 100)
    assert store.retire(["s"], set(), 200) == 0

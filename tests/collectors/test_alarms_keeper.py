"""What waits for the operations database is kept in order, once, however often the database goes away."""

from __future__ import annotations

import pytest
from servers.processes import until
from watching import columns, engine, rule

from collectors.alarms_keeper import AlarmKeeper, Parcel
from plant.alarms.rules import Limit
from plant.errors import StoreUnavailableError
from plant.messages import ResultMessage
from plant.operations.open import open_operations

HIGH = rule("t.h", Limit(0, 100.0, above=True, deadband=5.0))


def changes():
    """Up and down ten times."""
    watched = engine([HIGH])
    watched.feed(columns([(0, time, 120.0 if time % 2 else 80.0) for time in range(20)]))
    return [(change, change.time) for change in watched.take()]


def test_a_database_that_goes_away_gets_everything_later(postgresql_server, postgresql, tmp_path):
    """The server is stopped while changes come; results are told only when their changes are kept."""
    operations, kept = open_operations(postgresql, tmp_path), []
    keeper = AlarmKeeper(operations, kept.append)
    keeper.restore(0, (), (), 0)
    made = changes()
    keeper.start()
    keeper.put(Parcel(changes=made[:4]))
    until(lambda: kept, "the first are kept")
    postgresql_server.stop()
    keeper.put(Parcel(changes=made[4:], results=[("t", ResultMessage("c", 0, ok=True))]))
    until(lambda: not keeper.ok, "it says that the database is away")
    assert not any(parcel.results for parcel in kept)
    postgresql_server.start()
    until(lambda: any(parcel.results for parcel in kept), "the rest is kept", 60)
    assert keeper.ok
    keeper.finish(5.0)
    assert keeper.restore(0, (), (), 0).standings == {HIGH.key: made[-1][0].now}
    assert len(keeper._store.journal(0, 100)) == len(made)
    operations.close()


def test_a_start_without_database_is_told(free_port, tmp_path):
    """Whoever restores has to try again."""
    operations = open_operations(f"postgresql://x@127.0.0.1:{free_port()}/x", tmp_path)
    with pytest.raises(StoreUnavailableError):
        AlarmKeeper(operations, lambda _: None).restore(0, (), (), 0)
    operations.close()


def test_what_was_given_before_the_end_is_kept(tmp_path):
    """A collector that stops writes what waits."""
    operations = open_operations("", tmp_path)
    keeper = AlarmKeeper(operations, lambda _: None)
    keeper.restore(0, (), (), 0)
    keeper.start()
    made = changes()
    for each in made:
        keeper.put(Parcel(changes=[each]))
    keeper.finish(10.0)
    assert keeper.restore(0, (), (), 0).standings == {HIGH.key: made[-1][0].now}
    operations.close()

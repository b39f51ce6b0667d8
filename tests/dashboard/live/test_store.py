from live_plant import site_health, unit_state, unit_values
from screens import FORMER, KILN, NOW, HandClock, tiny

from dashboard.live.store import Feed, LiveStore
from plant.messages import Value, ValuesMessage
from plant.packml import State
from plant.readings import GOOD, STALE


def _filled(clock: HandClock) -> LiveStore:
    store = LiveStore(clock)
    store.connected = True
    alpha = tiny().site("alpha")
    for unit in alpha.units:
        store.put_values("/".join(unit.path), unit_values(unit, clock.now, 0))
    store.put_health("alpha", site_health(alpha, clock.now))
    return store


def test_what_has_come_can_be_read() -> None:
    """Values are found by unit and by tag path, states by unit; what never came is empty or None."""
    store = _filled(HandClock())
    store.put_state(KILN, unit_state(State.HELD, NOW, NOW))
    assert store.value(f"{KILN}/temperature") == store.values(KILN)["temperature"]
    state = store.state(KILN)
    assert state is not None
    assert state.state == "HELD"
    assert store.value("alpha/shop/kiln-1/kiln/unknown") is None
    assert store.values("beta/shop/x/y") == {}
    assert store.state(FORMER) is None


def test_only_changes_are_changes() -> None:
    """The same message again changes nothing; a new value, a new quality and a value that is gone do."""
    store = LiveStore(HandClock())
    store.put_values(KILN, ValuesMessage(1, {"a": Value(1.0, 1, GOOD), "b": Value(2.0, 1, GOOD)}))
    assert store.take_changes().values == {KILN: {"a", "b"}}
    store.put_values(KILN, ValuesMessage(1, {"a": Value(1.0, 1, GOOD), "b": Value(2.0, 1, GOOD)}))
    assert not store.take_changes()
    store.put_values(KILN, ValuesMessage(2, {"a": Value(1.0, 1, STALE)}))
    assert store.take_changes().values == {KILN: {"a", "b"}}


def test_a_state_that_is_said_again_is_no_change() -> None:
    """A retained state that comes again after a reconnect wakes nobody."""
    store = LiveStore(HandClock())
    store.put_state(KILN, unit_state(State.EXECUTE, NOW, NOW))
    assert store.take_changes().states == {KILN}
    store.put_state(KILN, unit_state(State.EXECUTE, NOW, NOW))
    assert not store.take_changes()


def test_a_site_is_live_late_or_away() -> None:
    """Live while health is fresh and values move; late when no value moves; away without broker, health or nodes."""
    clock = HandClock()
    store = _filled(clock)
    alpha = tiny().site("alpha")
    assert store.feed("alpha") is Feed.LIVE
    assert store.feed("beta") is Feed.AWAY
    clock.now += 31_000
    assert store.feed("alpha") is Feed.AWAY
    store.put_health("alpha", site_health(alpha, clock.now))
    assert store.feed("alpha") is Feed.LATE
    store.put_health("alpha", site_health(alpha, clock.now, online=False))
    assert store.feed("alpha") is Feed.AWAY
    store.put_health("alpha", site_health(alpha, clock.now))
    store.connected = False
    assert store.feed("alpha") is Feed.AWAY


def test_a_stale_mark_does_not_make_data_younger() -> None:
    """When a source goes away its values come once more as stale; the age of the site's data does not jump to now."""
    store = LiveStore(HandClock())
    store.put_values(KILN, ValuesMessage(NOW, {"a": Value(1.0, NOW, GOOD)}))
    store.put_values(KILN, ValuesMessage(NOW + 9_000, {"a": Value(1.0, NOW + 9_000, STALE)}))
    assert store.newest("alpha") == NOW
    assert store.newest("beta") is None

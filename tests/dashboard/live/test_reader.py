import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_plant import site_health, unit_state, unit_values
from screens import KILN, NOW, HandClock, tiny

from dashboard.live.reader import NamespaceReader
from dashboard.live.store import LiveStore
from plant.messages import encode
from plant.packml import State


def _reader() -> tuple[NamespaceReader, LiveStore, list[tuple[str, int]]]:
    store = LiveStore(HandClock())
    reader = NamespaceReader("tiny", store)
    filters: list[tuple[str, int]] = []
    reader.attach(filters.extend)
    return reader, store, filters


def test_it_subscribes_to_what_it_reads_at_each_connect() -> None:
    """Values, states and health of all depths are asked for anew at every connect, at QoS 0."""
    reader, _, filters = _reader()
    reader.on_connected()
    assert ("df/v1/tiny/+/+/+/+/values", 0) in filters
    assert ("df/v1/tiny/+/health", 0) in filters
    assert not any("cmd" in name for name, _ in filters)


def test_it_is_connected_once_the_subscription_stands() -> None:
    """Between connect and subscription nothing is current yet, after a loss nothing is any more."""
    reader, store, _ = _reader()
    reader.on_connected()
    assert not store.connected
    reader.on_subscribed()
    assert store.connected
    reader.on_disconnected()
    assert not store.connected


def test_messages_go_to_their_place() -> None:
    """Each contract fills its part of the store; a health message of an edge node is none of a site."""
    reader, store, _ = _reader()
    enterprise = tiny()
    kiln = next(unit for unit in enterprise.units if "/".join(unit.path) == KILN)
    reader.on_message(f"df/v1/tiny/{KILN}/values", encode(unit_values(kiln, NOW, 0)), True)
    reader.on_message(f"df/v1/tiny/{KILN}/state", encode(unit_state(State.EXECUTE, NOW, NOW)), True)
    reader.on_message("df/v1/tiny/alpha/health", encode(site_health(enterprise.site("alpha"), NOW)), False)
    reader.on_message("df/v1/tiny/alpha/shop/health", encode(site_health(enterprise.site("alpha"), NOW)), False)
    assert "temperature" in store.values(KILN)
    assert store.state(KILN) is not None
    assert store.health("alpha") is not None
    assert store.health("alpha/shop") is None
    assert store.refused == {}


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        (f"df/v1/tiny/{KILN}/values", "malformed_payload"),
        ("df/v1/tiny/alpha/values", "wrong_topic"),
        ("df/v2/tiny/alpha/health", "wrong_topic"),
    ],
)
def test_a_bad_message_is_counted_by_its_reason(topic: str, reason: str) -> None:
    """What cannot be used is counted and changes nothing."""
    reader, store, _ = _reader()
    reader.on_message(topic, b"{}", False)
    reader.on_message(topic, b"not json", False)
    assert store.refused == {reason: 2}
    assert store.received == 0


@given(st.text(max_size=60), st.binary(max_size=200))
def test_nothing_stops_it(topic: str, payload: bytes) -> None:
    """Whatever comes, on whatever topic, the reader goes on."""
    reader, store, _ = _reader()
    reader.on_message(topic, payload, False)
    reader.on_message(f"df/v1/tiny/{KILN}/state", payload, False)
    assert sum(store.refused.values()) == 2

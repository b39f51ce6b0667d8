"""Bad input is counted for ever and kept for a while."""

from __future__ import annotations

import orjson
from collecting import NOW, Clock
from hypothesis import given
from hypothesis import strategies as st

from collectors.quarantine import PAYLOAD_BYTES, TEXT_CHARACTERS, Quarantine
from collectors.reasons import Reason


def test_entries_tell_what_an_engineer_needs():
    """Reason, topic, time, first bytes, error: newest first."""
    clock = Clock()
    quarantine = Quarantine(clock)
    quarantine.add("malformed_payload", "spBv1.0/alpha/NDATA/kiln-1", "cut short", b"\x08\x01", count=1)
    clock.now += 5
    quarantine.add(Reason.OUT_OF_RANGE, "alpha/shop/kiln-1/kiln/power", "3 values", count=3)
    quarantine.count(Reason.OUT_OF_RANGE, 4)
    page = orjson.loads(orjson.dumps(quarantine.to_json()))
    assert page["counts"] == {"malformed_payload": 1, "out_of_range": 7}
    newest, oldest = page["entries"]
    assert (newest["reason"], newest["time"], newest["count"]) == ("out_of_range", NOW + 5, 3)
    assert (oldest["payload_hex"], oldest["size"], oldest["error"]) == ("08 01", 2, "cut short")


def test_the_oldest_entry_makes_room_but_stays_counted():
    """Memory is bounded, counts are not lost."""
    quarantine = Quarantine(Clock(), capacity=2)
    for number in range(5):
        quarantine.add("retained", f"topic-{number}", "retained")
    assert [entry.topic for entry in quarantine.newest()] == ["topic-4", "topic-3"]
    assert quarantine.counts == {"retained": 5}


@given(st.text(st.characters()) | st.just("x" * 100_000), st.binary(max_size=2_000))
def test_an_entry_is_bounded_and_always_json(text, payload):
    """Whatever a publisher sends: no entry is larger than its bounds, and the page can be made."""
    quarantine = Quarantine(Clock())
    quarantine.add("malformed_payload", text, text, payload)
    (entry,) = quarantine.newest()
    assert len(entry.topic) <= TEXT_CHARACTERS
    assert len(entry.payload) <= PAYLOAD_BYTES
    assert entry.size == len(payload)
    assert orjson.loads(orjson.dumps(quarantine.to_json()))["counts"] == {"malformed_payload": 1}

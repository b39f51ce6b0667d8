"""What third parties read of a unit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from collecting import NOW, tiny

from collectors.counts import Counts
from collectors.live import LiveState
from collectors.publisher import INTERVAL_MS, NamespacePublisher
from collectors.texts import TextState
from collectors.units import UnitTable
from plant.messages import Value, decode_state, decode_values
from plant.packml import Mode, State
from plant.readings import GOOD, STALE, Columns, Event, EventKind

STATE, MODE, POWER = 12, 13, 14
"""Tags of the board former."""
FORMER = 1
VALUES = "df/v1/tiny/alpha/shop/board-1/former/values"
STATES = "df/v1/tiny/alpha/shop/board-1/former/state"


@dataclass
class Bench:
    """A publisher and a broker that keeps the newest of each topic."""

    retained: dict[str, bytes] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    takes: bool = True

    def __post_init__(self) -> None:
        enterprise, tags = tiny()
        units = UnitTable(enterprise, tags, ["alpha", "beta"])
        self.live, self.texts, self.counts = LiveState(units), TextState(), Counts()
        self.publisher = NamespacePublisher(units, self.live, self.texts, self.publish, self.counts)

    def publish(self, topic: str, payload: bytes) -> bool:
        """Keep it, if the broker takes it."""
        if self.takes:
            self.retained[topic] = payload
            self.sent.append(topic)
        return self.takes

    def apply(self, *rows: tuple[int, int, float, int]) -> None:
        """New readings of (tag, time, value, quality)."""
        self.publisher.mark(self.live.apply(Columns.of(*zip(*rows, strict=True))))


@pytest.fixture
def bench():
    """Nothing is known yet."""
    return Bench()


def test_a_values_message_holds_everything_the_unit_shows(bench):
    """All numbers and texts by metric key, with times and qualities; what has never come has time 0 and is stale."""
    bench.texts.seed(FORMER, Event(NOW - 9, "alpha/board-1/former", EventKind.TEXT, "order", "A-7", -1, GOOD))
    bench.apply((POWER, NOW, 40.5, GOOD))
    bench.publisher.turn(0)
    message = decode_values(bench.retained[VALUES])
    assert message.time == NOW
    assert message.values["power"] == Value(40.5, NOW, GOOD)
    assert message.values["order"] == Value("A-7", NOW - 9, STALE)
    assert message.values["speed"] == Value(None, 0, STALE)
    assert message.values["product"] == Value(None, 0, STALE)
    former = tiny()[0].site("alpha").line("board-1").unit("former")
    assert set(message.values) == {metric.key for metric in former.metrics if metric.retired is None}


def test_changes_within_the_interval_are_merged(bench):
    """At once after silence, then one message with the newest of everything."""
    bench.apply((POWER, NOW, 1.0, GOOD))
    assert bench.publisher.turn(0) is None
    for step in range(1, 5):
        bench.apply((POWER, NOW + step, 1.0 + step, GOOD))
        assert bench.publisher.turn(step) == INTERVAL_MS
    assert bench.sent.count(VALUES) == 1
    bench.publisher.turn(INTERVAL_MS)
    assert bench.sent.count(VALUES) == 2
    assert decode_values(bench.retained[VALUES]).values["power"].value == 5.0


def test_a_state_message_is_sent_when_state_mode_or_quality_change(bench):
    """And not when the state is merely confirmed."""
    bench.apply((STATE, NOW, State.EXECUTE, GOOD), (MODE, NOW - 5, Mode.PRODUCTION, GOOD))
    bench.publisher.turn(0)
    message = decode_state(bench.retained[STATES])
    assert (message.state, message.mode, message.since, message.time, message.quality) == (
        "EXECUTE",
        "PRODUCTION",
        NOW,
        NOW,
        GOOD,
    )
    bench.apply((STATE, NOW + 7, State.EXECUTE, GOOD))
    bench.publisher.turn(1_000)
    assert bench.sent.count(STATES) == 1
    bench.live.withdraw(np.array([STATE, MODE]), NOW + 9)
    bench.publisher.mark(np.array([FORMER]))
    bench.publisher.turn(2_000)
    stale = decode_state(bench.retained[STATES])
    assert (stale.state, stale.since, stale.quality) == ("EXECUTE", NOW, STALE)


def test_a_code_that_packml_does_not_know_is_undefined(bench):
    """A PLC may report anything."""
    bench.apply((STATE, NOW, 77.0, GOOD), (MODE, NOW, float("nan"), 0))
    bench.publisher.turn(0)
    message = decode_state(bench.retained[STATES])
    assert (message.state, message.mode) == ("UNDEFINED", "UNDEFINED")


def test_everything_is_said_again_after_a_reconnect(bench):
    """All units, states too, although nothing has changed; three units of values and states."""
    bench.publisher.republish()
    bench.publisher.turn(0)
    assert len(bench.sent) == len(bench.retained) == 6
    bench.publisher.republish()
    bench.publisher.turn(1)
    assert len(bench.sent) == 12


def test_what_a_slow_broker_does_not_take_is_sent_later(bench):
    """Nothing is lost: the unit stays due, and the newest goes out."""
    bench.takes = False
    bench.apply((POWER, NOW, 1.0, GOOD))
    assert bench.publisher.turn(0) == INTERVAL_MS
    assert bench.counts.unpublished == 1
    bench.apply((POWER, NOW + 1, 2.0, GOOD))
    bench.takes = True
    assert bench.publisher.turn(INTERVAL_MS) is None
    assert decode_values(bench.retained[VALUES]).values["power"].value == 2.0

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from simulators.fleet.delivery import OVERLAP_S, Delivery

NOTICED_S = 60
"""A dead connection or host is noticed after so long at the latest."""


@dataclass
class Line:
    """An edge node, and a host that may have stopped to listen before the node notices."""

    delivery: Delivery = field(default_factory=lambda: Delivery(0))
    now_s: int = 0
    born: bool = False
    deaf_since_s: int | None = 0
    told: list[int] = field(default_factory=list)
    heard: set[int] = field(default_factory=set)

    def wait(self, seconds: int) -> None:
        """Time passes; a host that is deaf for long is noticed."""
        for _ in range(seconds):
            self.now_s += 1
            if self.deaf_since_s is not None and self.now_s >= self.deaf_since_s + NOTICED_S:
                self.born = False
            if self.born:
                self.delivery.confirm(self.now_s)

    def tell(self) -> None:
        """A record."""
        self.told.append(len(self.told) + 1)
        self.delivery.told(self.told[-1], live=self.born)
        if self.born:
            self.send(self.told[-1])

    def send(self, stamp: int) -> None:
        """It is heard if somebody listens."""
        if self.deaf_since_s is None:
            self.heard.add(stamp)

    def deafen(self) -> None:
        """The host is gone."""
        self.deaf_since_s = self.now_s if self.deaf_since_s is None else self.deaf_since_s

    def bear(self) -> None:
        """It is there again, and knows nothing of what was sent meanwhile."""
        self.deaf_since_s, self.born = None, True
        self.delivery.doubt()

    def replay(self) -> None:
        """One record."""
        if self.born and self.delivery.pending:
            stamp = next(stamp for stamp in self.told if stamp > self.delivery.sent)
            self.send(stamp)
            self.delivery.replayed(stamp)


@given(st.lists(st.one_of(st.integers(1, 40), st.sampled_from(("tell", "tell", "deafen", "bear", "replay")))))
def test_nothing_is_ever_confirmed_that_was_not_heard(steps: list[int | str]) -> None:
    """Whatever happens in whatever order: what counts as arrived has, and after a last birth all is heard."""
    line = Line()
    for step in steps:
        if isinstance(step, int):
            line.wait(step)
        else:
            getattr(line, step)()
        assert set(range(1, line.delivery.confirmed + 1)) <= line.heard
    line.bear()
    while line.delivery.pending:
        line.replay()
    assert line.heard == set(line.told)


def test_a_calm_node_confirms_what_is_older_than_the_overlap() -> None:
    """Without doubt the ring holds no more than the overlap, and nothing is replayed."""
    line = Line()
    line.bear()
    for _ in range(200):
        line.tell()
        line.wait(1)
    assert line.delivery.confirmed == 200 - OVERLAP_S
    assert not line.delivery.pending


def test_live_records_do_not_lengthen_the_gap() -> None:
    """What is told during a replay is told once; the replay ends where the live values began."""
    delivery = Delivery(5)
    delivery.doubt()
    delivery.told(6, live=True)
    delivery.replayed(4)
    assert (delivery.pending, delivery.sent, delivery.gap_end) == (True, 4, 5)
    delivery.replayed(5)
    assert (delivery.pending, delivery.sent) == (False, 6)


def test_a_record_that_is_held_back_is_not_confirmed_before_it_is_sent() -> None:
    """A node that dies with something held back finds it in the ring."""
    delivery = Delivery(0)
    delivery.told(1, live=True)
    delivery.hold(2, due_ms=500_000)
    delivery.told(3, live=True)
    delivery.confirm(0.0)
    delivery.confirm(OVERLAP_S)
    assert delivery.confirmed == 1
    assert delivery.due(499_999) == []
    assert delivery.due(500_000) == [2]
    delivery.confirm(OVERLAP_S + 1)
    delivery.confirm(2 * OVERLAP_S + 1)
    assert delivery.confirmed == 3

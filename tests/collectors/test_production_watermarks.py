"""Until when the edge nodes of a line have told everything."""

from __future__ import annotations

import numpy as np
import pytest
from collecting import tiny

from collectors.live import LiveState
from collectors.production_watermarks import GRACE_MS, LOOKS, OVERLAP_MS, Watermarks
from collectors.units import UnitTable
from plant.production.lines import LineTable
from plant.readings import GOOD, Columns
from plant.sparkplug.host.node import NodeStatus
from plant.sparkplug.topic import NodeId

ENTERPRISE, TAGS = tiny()
TABLE = LineTable(TAGS)
KILN = TABLE.by_storage("alpha/kiln-1")
BOARD = TABLE.by_storage("alpha/board-1")
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index
GOOD_TOTAL = TAGS.by_path("alpha/shop/kiln-1/kiln/good_total").index
T = 1_000_000_000_000


class Node:
    """The edge node of the kiln as the host sees it, with a clock to turn by hand."""

    def __init__(self) -> None:
        units = UnitTable(ENTERPRISE, TAGS, ["alpha", "beta"])
        self.live = LiveState(units)
        self.watermarks = Watermarks(units, self.live, TABLE)
        self.now, self.online, self.since, self.rebirths = T, False, 0, 0

    def rows(self, time: int, tag: int = POWER) -> Columns:
        """A reading."""
        return Columns.of([tag], [time], [1.0], [GOOD])

    def is_born(self, time: int) -> None:
        """NBIRTH and DBIRTH, whose newest value has this time."""
        self.online, self.since = True, self.now
        self.watermarks.born(self.rows(time))
        self.live.apply(self.rows(time), anew=True)

    def tells(self, time: int) -> None:
        """A live reading."""
        self.live.apply(self.rows(time))

    def dies(self) -> None:
        """NDEATH."""
        self.online, self.since = False, self.now
        self.live.withdraw(np.array([POWER, GOOD_TOTAL]), self.now)

    def look(self, after_ms: int = 0, *, durable: bool = True) -> int:
        """What the collector knows when it is durable."""
        self.now += after_ms
        status = NodeStatus(NodeId("alpha", "kiln-1"), self.online, self.since, self.now, 1, 0, self.rebirths)
        for _ in range(LOOKS + 1):
            self.watermarks.look([status], self.now, durable=durable)
        return int(self.watermarks.of_lines()[KILN])


@pytest.fixture
def node() -> Node:
    """It has told until T + 10 s."""
    node = Node()
    node.is_born(T)
    node.tells(T + 10_000)
    node.look(10_000)
    return node


def test_a_node_that_is_there_has_told_all_until_its_newest_reading(node: Node) -> None:
    """Reports come by exception, so its own newest time counts, and that of no other node."""
    assert node.look() == T + 10_000
    node.tells(T + 12_000)
    assert node.look() == T + 12_000
    assert node.watermarks.of_lines()[BOARD] == 0


def test_nothing_counts_before_it_is_durable(node: Node) -> None:
    """While readings wait for the historian, the watermark waits with them; at the end it is told that none do."""
    node.tells(T + 20_000)
    assert node.look(durable=False) == T + 10_000
    node.watermarks.flushed()
    assert node.watermarks.of_lines()[KILN] == T + 20_000


def test_a_node_that_is_away_has_told_all_until_it_stopped(node: Node) -> None:
    """However long it stays away."""
    node.dies()
    assert node.look(3_600_000) == T + 10_000


def test_a_node_that_is_back_has_told_what_it_has_replayed(node: Node) -> None:
    """Live readings do not count until the replay has reached the birth."""
    node.dies()
    node.look(600_000)
    node.is_born(T + 600_000)
    node.tells(T + 601_000)
    assert node.look() == T + 10_000
    node.watermarks.replayed(node.rows(T + 300_000))
    assert node.look() == T + 300_000
    node.watermarks.replayed(node.rows(T + 599_000))
    assert node.look() == T + 601_000


def test_a_gateway_that_keeps_nothing_has_told_all_after_the_grace(node: Node) -> None:
    """It need not say so; a replay that ends early, for nothing else had changed, likewise."""
    node.dies()
    node.look(600_000)
    node.is_born(T + 600_000)
    assert node.look(GRACE_MS - 1) == T + 10_000
    node.watermarks.replayed(node.rows(T + 100_000))
    assert node.look(1) == T + 100_000
    assert node.look(GRACE_MS) == T + 600_000


def test_a_node_that_goes_away_again_still_owes_what_it_has_not_replayed(node: Node) -> None:
    """The grace is for nodes that are there."""
    node.dies()
    node.look(600_000)
    node.is_born(T + 600_000)
    node.watermarks.replayed(node.rows(T + 300_000))
    node.look()
    node.dies()
    assert node.look(10 * GRACE_MS) == T + 300_000


def test_a_rebirth_puts_the_last_minute_in_doubt(node: Node) -> None:
    """A message was missing; what the node tells again begins before it."""
    node.tells(T + 200_000)
    node.look(190_000)
    node.rebirths += 1
    node.watermarks.born(node.rows(T + 201_000))
    assert node.look() == T + 200_000 - OVERLAP_MS
    node.watermarks.replayed(node.rows(T + 200_500))
    assert node.look() == T + 200_000


def test_of_a_node_that_was_never_heard_nothing_is_expected() -> None:
    """A first birth is no return: what it tells settles at once."""
    node = Node()
    assert node.look() == 0
    node.is_born(T)
    assert node.look() == T

"""Health of a site's data supply."""

from __future__ import annotations

from collecting import NOW, tiny

from collectors.live import LiveState
from collectors.supply import DataSupply
from collectors.units import UnitTable
from plant.messages import CollectorHealth, NodeHealth, SiteQuality
from plant.readings import BAD, GOOD, Columns
from plant.sparkplug.host import NodeStatus
from plant.sparkplug.topic import NodeId

COLLECTOR = CollectorHealth("collector-1", NOW, "memory", True, "", 0.0, None, 0, 0)
QUALITY = SiteQuality(NOW - 3_600_000, 99.5, 22, {}, ())


def test_health_counts_live_tags_and_tells_of_every_gateway_of_the_model():
    """A gateway that was never heard of is there, offline; one that is not in the model is not."""
    enterprise, tags = tiny()
    units = UnitTable(enterprise, tags, ["alpha"])
    live = LiveState(units)
    live.apply(Columns.of([2, 3, 14], [NOW] * 3, [1.0, 2.0, 3.0], [GOOD, BAD, GOOD]))
    nodes = [
        NodeStatus(NodeId("alpha", "kiln-1"), True, NOW - 5, NOW - 1, 1, 2, 3),
        NodeStatus(NodeId("alpha", "stranger"), True, NOW, NOW, 9, 0, 0),
    ]
    messages = DataSupply(enterprise, units, live).messages(NOW, nodes, COLLECTOR, {"alpha": QUALITY})
    assert list(messages) == ["alpha"]
    health = messages["alpha"]
    assert health.quality is QUALITY
    assert (health.tags_live, health.tags_expected) == (2, 22)
    assert health.nodes == (
        NodeHealth("kiln-1", True, NOW - 5, NOW - 1, 1, 1, 2, 3),
        NodeHealth("board-1", False, 0, 0, 0, 1, 0, 0),
    )

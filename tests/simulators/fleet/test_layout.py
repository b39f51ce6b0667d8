from __future__ import annotations

import math

import numpy as np
import pytest
from fleets import TINY

from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.readings import BAD, GOOD
from plant.sparkplug.datatypes import DataType
from simulators.fleet.layout import Change, Layout
from simulators.fleet.scanner import Scan
from simulators.fleet.told import Told

ENTERPRISE = load(TINY)
TAGS = TagTable(ENTERPRISE)
TEXTS = [text.path for text in text_tags(ENTERPRISE)]
NODES = ["alpha/kiln-1", "alpha/board-1", "beta/plant"]


def layout(*sites: str) -> Layout:
    return Layout(ENTERPRISE, TAGS, [site for site in ENTERPRISE.sites if not sites or site.slug in sites])


def scan(time_ms: int, told: dict[str, float], *, quality: int = GOOD, texts: dict[str, str] | None = None) -> Scan:
    """A scan that tells values by path."""
    values = {TAGS.by_path(path).index: value for path, value in told.items()}
    rows = np.array(sorted(values), np.intp)
    return Scan(
        time_ms,
        rows,
        np.array([values[row] for row in rows.tolist()], np.float64),
        np.full(len(rows), quality, np.uint16),
        [(TEXTS.index(path), text) for path, text in (texts or {}).items()],
    )


def dealt(*scans: Scan, sites: tuple[str, ...] = ()) -> dict[str, list[tuple[str, object, int, int]]]:
    """(metric, value, time, quality) by site/node/device."""
    plan = layout(*sites)
    found: dict[str, list[tuple[str, object, int, int]]] = {}
    for node, changes in zip(plan.nodes, plan.deal(Told.of(scans)), strict=True):
        for change in changes:
            name = f"{node.definition.group}/{node.definition.node}/{change.device}"
            found[name] = [
                (node.metric(change.device, index).key, value, time, quality)
                for index, value, time, quality in columns(change)
            ]
    return found


def columns(change: Change) -> list[tuple[int, object, int, int]]:
    return list(zip(change.indices, change.values, change.times, change.qualities, strict=True))


def test_one_edge_node_for_each_gateway() -> None:
    """Group is the site, node the gateway, device the unit, and the births wait for the site's host."""
    definitions = [node.definition for node in layout().nodes]
    assert sorted(f"{each.group}/{each.node}" for each in definitions) == sorted(NODES)
    assert {each.primary_host for each in definitions} == {"collector-1"}
    assert [len(node.definition.devices) for node in layout("beta").nodes] == [1]


def test_datatypes_and_writable_metrics_follow_the_model() -> None:
    """Texts are strings, codes integers; only writable metrics take commands."""
    (kiln,) = (node for node in layout("alpha").nodes if node.definition.node == "kiln-1")
    metrics = {metric.name: metric for metric in kiln.definition.devices["kiln"]}
    assert metrics["burning"].datatype is DataType.BOOLEAN
    assert metrics["reason"].datatype is DataType.STRING
    assert metrics["temperature"].datatype is DataType.DOUBLE
    assert {name for name, metric in metrics.items() if metric.writable} == {"temperature_sp", "reset"}


def test_values_go_to_the_device_they_belong_to() -> None:
    """Rows of several units are dealt out; units without news are not there."""
    assert dealt(scan(5, {"alpha/shop/kiln-1/kiln/rate": 20.5, "beta/shop/board-1/former/speed": 7.25})) == {
        "alpha/kiln-1/kiln": [("rate", 20.5, 5, GOOD)],
        "beta/plant/former": [("speed", 7.25, 5, GOOD)],
    }


def test_sites_of_others_stay_silent() -> None:
    """A tag of a site that is not simulated here is nobody's."""
    assert dealt(scan(5, {"beta/shop/board-1/former/speed": 1.0}), sites=("alpha",)) == {}


def test_whole_numbers_are_rounded_and_missing_ones_are_null() -> None:
    """An integer travels as one, and NaN as null with its quality."""
    told = {"alpha/shop/kiln-1/kiln/state": 5.999999, "alpha/shop/kiln-1/kiln/power": math.nan}
    assert dealt(scan(5, told, quality=BAD)) == {"alpha/kiln-1/kiln": [("state", 6.0, 5, BAD), ("power", None, 5, BAD)]}


def test_texts_join_the_numbers_of_their_device() -> None:
    """A device's texts and numbers are one change; a text alone is one too."""
    path = "alpha/shop/kiln-1/kiln/reason"
    assert dealt(scan(5, {"alpha/shop/kiln-1/kiln/rate": 1.0}, texts={path: "mechanical"})) == {
        "alpha/kiln-1/kiln": [("rate", 1.0, 5, GOOD), ("reason", "mechanical", 5, GOOD)]
    }
    assert dealt(scan(5, {}, texts={path: "material"})) == {"alpha/kiln-1/kiln": [("reason", "material", 5, GOOD)]}


@pytest.mark.parametrize("count", [2, 5])
def test_several_scans_keep_their_times_and_order(count: int) -> None:
    """Scans that travel together are one change a device, each value with its own time."""
    scans = [
        scan(t, {"alpha/shop/kiln-1/kiln/rate": float(t), "alpha/shop/board-1/former/speed": 10.0 * t})
        for t in range(count)
    ]
    assert dealt(*scans) == {
        "alpha/kiln-1/kiln": [("rate", float(t), t, GOOD) for t in range(count)],
        "alpha/board-1/former": [("speed", 10.0 * t, t, GOOD) for t in range(count)],
    }


MIXED = Told.of(
    [
        scan(5, {"alpha/shop/kiln-1/kiln/rate": 20.5, "beta/shop/board-1/former/speed": 7.25}),
        scan(6, {"alpha/shop/kiln-1/kiln/rate": 21.5}, texts={"alpha/shop/kiln-1/kiln/reason": "jam"}),
    ]
)


def test_only_some_nodes_get_theirs() -> None:
    """The others' part of a record is left where it is."""
    plan = layout()
    beta = [node.definition.group for node in plan.nodes].index("beta")
    found = plan.deal(MIXED, only=[beta])
    assert [sum(len(change.indices) for change in changes) for changes in found] == [
        1 if place == beta else 0 for place in range(len(plan.nodes))
    ]


def test_values_are_counted_by_node() -> None:
    """Numbers and texts; what belongs to nobody here is not counted."""
    plan = layout("alpha")
    counts = dict(zip([node.definition.node for node in plan.nodes], plan.counts(MIXED).tolist(), strict=True))
    assert counts == {"kiln-1": 3, "board-1": 0}


def test_a_wrong_clock_moves_all_times_of_its_node_and_no_other() -> None:
    """Numbers and texts alike; values stay."""
    plan = layout()
    offsets = [100 if node.definition.node == "kiln-1" else 0 for node in plan.nodes]
    moved = plan.shifted(MIXED, offsets)
    assert moved.times.tolist() == [105, 5, 106]
    assert [time for _, time, _ in moved.texts] == [106]
    assert moved.values is MIXED.values
    assert plan.shifted(MIXED, [0] * len(plan.nodes)) is MIXED

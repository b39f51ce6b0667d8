"""What contestants are given is the same in every form, and known to the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest

from benchmarks.workload import (
    DEVICE,
    FLEET,
    METRIC_NAMES,
    METRICS,
    VALUES_PER_STEP,
    EdgeNodes,
    as_json,
    as_lines,
    model,
    walk,
)
from plant.model.load import load
from plant.model.tags import TagTable
from plant.sparkplug.host import Birth, Data, HostConfig, HostSession

NOW = 1_790_000_000_000


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """The second step of all machines."""
    return list(walk(2))[1]


def test_every_form_tells_the_same(values: np.ndarray) -> None:
    """Sparkplug, JSON and line protocol carry the same machines, metrics, time and numbers."""
    nodes = EdgeNodes(NOW)
    host = HostSession(HostConfig("collector-1", tuple(dict.fromkeys(machine.site for machine in FLEET))))
    births = [out for each in nodes.births(NOW) for out in host.message(each.topic, each.payload, NOW)]
    names = {out.source: [row.name for row in out.table.rows] for out in births if isinstance(out, Birth)}
    told = [out for each in nodes.data(0, NOW, values) for out in host.message(each.topic, each.payload, NOW)]
    bodies, lines = as_json(0, NOW, values), as_lines(NOW, values)
    assert len(told) == len(bodies) == len(lines) == len(FLEET)
    for data, body, line, machine, row in zip(told, bodies, lines, FLEET, values.tolist(), strict=True):
        expected = dict(zip(METRIC_NAMES, row, strict=True))
        assert isinstance(data, Data)
        assert (data.source.group, data.source.node, data.source.device) == (machine.site, machine.line, DEVICE)
        live = data.reading.live
        metrics = [names[data.source][index] for index in live.indices]
        assert dict(zip(metrics, live.values, strict=True)) == expected
        assert set(live.timestamps_ms) == {NOW}
        assert body.topic.split("/")[1:] == [machine.site, machine.line, DEVICE]
        assert orjson.loads(body.payload) == {"time": NOW, "values": expected}
        where, fields, time = line.split(" ")
        assert (where, int(time)) == (f"raw,{machine.tags}", NOW)
        assert {key: float(value) for key, value in (field.split("=") for field in fields.split(","))} == expected


def test_the_model_knows_every_metric(tmp_path: Path) -> None:
    """All values of a step have a tag, so that nothing is refused; there is a state besides, which never comes."""
    path = tmp_path / "model.yaml"
    path.write_text(model())
    tags = TagTable(load(str(path)))
    known = {(tag.unit.site, tag.unit.line, tag.unit.slug, tag.metric.key) for tag in tags}
    wanted = {(machine.site, machine.line, DEVICE, name) for machine in FLEET for name in METRIC_NAMES}
    assert wanted <= known
    assert len(wanted) == VALUES_PER_STEP == len(FLEET) * METRICS


def test_the_walk_is_the_same_every_time() -> None:
    """All contestants of all rounds are given the same numbers."""
    np.testing.assert_array_equal(np.array(list(walk(3))), np.array(list(walk(3))))

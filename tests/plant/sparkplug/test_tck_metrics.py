"""Conformance, payload, metric and alias rules: checklist section 10."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sparkplug_peers import START_MS, EdgeBench, HostBench, metrics, of_kind, published, tck

from plant.sparkplug.datatypes import DataType, accessor
from plant.sparkplug.edge import EdgeDefinition, EdgeSession, MetricDefinition
from plant.sparkplug.host import Data
from plant.sparkplug.payload_pb2 import PropertyItem, SparkplugMetric, SparkplugPayload
from plant.sparkplug.topic import Source

PROTOCOL_METRICS = {"bdSeq", "Node Control/Rebirth"}
EVERY_TYPE = tuple(
    MetricDefinition(datatype.name, datatype, writable=True) for datatype in DataType if accessor(datatype) is not None
)


@tck("payloads-timestamp-in-UTC", "payloads-metric-timestamp-in-UTC", "payloads-name-birth-data-requirement")
def test_payloads_and_metrics_carry_utc_milliseconds(tck_id: str, edge: EdgeBench) -> None:
    """Every payload has the time of sending, and every metric in it its own capture time, in ms since the epoch."""
    edge.connect()
    publish = edge.session.data("d1", [0, 1], [START_MS - 900, START_MS - 800], [1.0, 2.0], START_MS + 100)
    assert publish is not None
    (data,) = published([publish])
    assert data.payload.timestamp == START_MS + 100
    assert [metric.timestamp for metric in data.payload.metrics] == [START_MS - 900, START_MS - 800]
    for sent in edge.sent:
        assert START_MS <= sent.payload.timestamp < START_MS + 1000
        assert all(metric.HasField("timestamp") for metric in sent.payload.metrics)


@tck("payloads-timestamp-in-UTC", "payloads-metric-timestamp-in-UTC", "payloads-name-birth-data-requirement")
def test_a_host_stores_the_metrics_time_not_the_payloads(tck_id: str, host: HostBench) -> None:
    """The capture time counts; only where it is missing does the payload's time stand in."""
    host.nbirth("a")
    payload = host.payload()
    payload.metrics.add(alias=0, timestamp=START_MS - 5000, double_value=1.0)
    payload.metrics.add(alias=0, double_value=2.0)
    (data,) = of_kind(host.hear("spBv1.0/g/NDATA/n", payload), Data)
    assert data.reading.live.timestamps_ms == [START_MS - 5000, START_MS]
    assert data.sent_ms == START_MS


@tck("payloads-name-requirement", "payloads-alias-birth-requirement")
def test_births_carry_name_and_alias(tck_id: str, edge: EdgeBench) -> None:
    """Every metric in a birth has a name and an alias, but for bdSeq and Node Control/Rebirth, which have no alias."""
    edge.connect()
    for sent in edge.sent:
        for metric in sent.payload.metrics:
            assert metric.name
            assert metric.HasField("alias") == (metric.name not in PROTOCOL_METRICS)


@tck("payloads-alias-data-cmd-requirement", "payloads-metric-datatype-not-req")
def test_data_carries_the_alias_only(tck_id: str, edge: EdgeBench) -> None:
    """DATA has neither name nor datatype, and the alias is the one of the birth."""
    edge.connect()
    sent = edge.data("d2", (1, 1.0))
    assert sent is not None
    (metric,) = sent.payload.metrics
    assert not metric.HasField("name")
    assert not metric.HasField("datatype")
    assert metric.alias == edge.sent[2].metric("m1").alias


@tck("payloads-alias-data-cmd-requirement", "payloads-metric-datatype-not-req")
def test_a_command_carries_the_alias_only(tck_id: str, host: HostBench) -> None:
    """A command has neither name nor datatype where the birth gave an alias, also when that alias is 0."""
    host.nbirth("a", "b")
    (command,) = published([host.session.command(Source("g", "n"), [("a", 2.0)], host.now_ms)])
    (metric,) = command.payload.metrics
    assert not metric.HasField("name")
    assert not metric.HasField("datatype")
    assert metric.HasField("alias")
    assert metric.alias == 0


@tck("payloads-name-requirement")
def test_without_aliases_names_do(tck_id: str, host: HostBench) -> None:
    """A node that uses no aliases sends names: they are read in DATA and written in commands."""
    birth = host.payload(seq=0)
    birth.metrics.add(name="a", datatype=DataType.DOUBLE, timestamp=START_MS, double_value=1.0)
    host.hear("spBv1.0/g/NBIRTH/n", birth)
    data = host.payload()
    data.metrics.add(name="a", timestamp=START_MS, double_value=2.0)
    (output,) = of_kind(host.hear("spBv1.0/g/NDATA/n", data), Data)
    assert output.reading.live.values == [2.0]
    (command,) = published([host.session.command(Source("g", "n"), [("a", 3.0)], host.now_ms)])
    assert command.payload.metrics[0].name == "a"


@tck("payloads-alias-uniqueness")
@given(sizes=st.lists(st.integers(0, 6), max_size=6), own=st.integers(0, 4))
def test_aliases_are_unique_over_the_node_and_its_devices(tck_id: str, sizes: list[int], own: int) -> None:
    """No alias comes twice in all births of a node, whatever the numbers of devices and metrics."""
    devices = {f"d{index}": metrics(size) for index, size in enumerate(sizes)}
    session = EdgeSession(EdgeDefinition("g", "n", devices=devices, node_metrics=metrics(own)))
    session.connecting(START_MS)
    births = published(session.connected(START_MS))
    aliases = [metric.alias for sent in births for metric in sent.payload.metrics if metric.HasField("alias")]
    assert len(aliases) == len(set(aliases)) == own + sum(sizes)


@tck("payloads-metric-datatype-value-type", "payloads-metric-datatype-value", "payloads-metric-datatype-req")
def test_births_declare_a_datatype_of_the_specification(tck_id: str, make_edge: Callable[..., EdgeBench]) -> None:
    """Each metric of a birth has a datatype, a uint32 from 0 to 34."""
    edge = make_edge(devices={"d": EVERY_TYPE})
    edge.connect()
    declared = [metric for sent in edge.sent for metric in sent.payload.metrics]
    assert all(metric.HasField("datatype") for metric in declared)
    assert {metric.datatype for metric in declared} <= set(range(35))
    assert (
        SparkplugMetric.DESCRIPTOR.fields_by_name["datatype"].type
        == PropertyItem.DESCRIPTOR.fields_by_name["type"].type
    )
    assert SparkplugMetric.DESCRIPTOR.fields_by_name["datatype"].cpp_type == 3  # uint32


@tck(
    "payloads-propertyset-keys-array-size",
    "payloads-propertyset-values-array-size",
    "payloads-metric-propertyvalue-type-type",
    "payloads-metric-propertyvalue-type-value",
    "payloads-metric-propertyvalue-type-req",
    "payloads-propertyset-quality-value-type",
    "payloads-propertyset-quality-value-value",
)
@pytest.mark.parametrize("quality", [0, 500])
def test_quality_is_a_property_of_what_is_not_good(tck_id: str, edge: EdgeBench, quality: int) -> None:
    """Quality is one key with one Int32 value, 0 or 500, in births and DATA; good values go without properties."""
    edge.connect()
    data = edge.data("d1", (0, 1.0), (1, 2.0), qualities=[quality, 192])
    births = published(edge.session.rebirth(edge.now_ms))
    assert data is not None
    for bad, good in (data.payload.metrics, births[1].payload.metrics):
        assert list(bad.properties.keys) == ["Quality"]
        (value,) = bad.properties.values
        assert (value.type, value.int_value, value.WhichOneof("value")) == (DataType.INT32, quality, "int_value")
        assert not good.HasField("properties")


@tck("payloads-propertyset-keys-array-size", "payloads-propertyset-values-array-size")
def test_a_host_survives_properties_of_unequal_length(tck_id: str, host: HostBench) -> None:
    """Keys without values, and other properties than Quality, do no harm."""
    host.nbirth("a")
    payload = host.payload()
    metric = payload.metrics.add(alias=0, timestamp=START_MS, double_value=2.0)
    metric.properties.keys.extend(["engUnit", "Quality"])
    metric.properties.values.add(type=DataType.STRING, string_value="t/h")
    (data,) = of_kind(host.hear("spBv1.0/g/NDATA/n", payload), Data)
    assert data.reading.live.qualities == [192]


@pytest.mark.parametrize(("sent", "expected"), [({}, 192), ({"int_value": 0}, 0), ({"int_value": 192}, 192)])
def test_a_host_reads_the_quality_property(host: HostBench, sent: dict[str, int], expected: int) -> None:
    """No property is good; 0, 192 and 500 are taken as they are, from either integer field."""
    host.nbirth("a")
    payload = host.payload()
    metric = payload.metrics.add(alias=0, timestamp=START_MS, double_value=2.0)
    if sent:
        metric.properties.keys.append("Quality")
        metric.properties.values.add(type=DataType.INT32, **sent)
    (data,) = of_kind(host.hear("spBv1.0/g/NDATA/n", payload), Data)
    assert data.reading.live.qualities == [expected]


def test_dataset_and_template_metrics_are_read_without_failing(host: HostBench) -> None:
    """Metrics of kinds that are not used are counted, and cost neither the birth nor the other values."""
    birth = host.payload(seq=0)
    table = birth.metrics.add(name="table", alias=1, datatype=DataType.DATASET, timestamp=START_MS)
    table.dataset_value.num_of_columns = 1
    table.dataset_value.rows.add().elements.add(int_value=1)
    shape = birth.metrics.add(name="shape", alias=2, datatype=DataType.TEMPLATE, timestamp=START_MS)
    shape.template_value.is_definition = True
    shape.template_value.metrics.add(name="part", datatype=DataType.INT32, int_value=1)
    birth.metrics.add(name="future", alias=3, datatype=99, timestamp=START_MS, int_value=1)
    birth.metrics.add(name="a", alias=4, datatype=DataType.DOUBLE, timestamp=START_MS, double_value=1.0)
    outputs = host.hear("spBv1.0/g/NBIRTH/n", birth)
    assert host.session.rejected == {"unsupported_type": 3}
    assert of_kind(outputs, Data) == []
    payload = SparkplugPayload.FromString(birth.SerializeToString())
    payload.seq = 1
    (data,) = of_kind(host.hear("spBv1.0/g/NDATA/n", payload), Data)
    assert data.reading.live.values == [1.0]

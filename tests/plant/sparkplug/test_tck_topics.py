"""Conformance, identity and topic namespace: checklist section 1."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sparkplug_peers import EdgeBench, HostBench, metrics, of_kind, tck

from plant.errors import ConfigurationError
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import EdgeDefinition, MetricDefinition
from plant.sparkplug.host import Birth
from plant.sparkplug.topic import InvalidTopicError, NodeId, Source, StateTopic, Topic, Verb, parse

DEVICE_VERBS = [Verb.DBIRTH, Verb.DDATA, Verb.DDEATH, Verb.DCMD]
NODE_VERBS = [Verb.NBIRTH, Verb.NDATA, Verb.NDEATH, Verb.NCMD]


@tck("intro-group-id-string", "intro-edge-node-id-string", "intro-device-id-string", "topic-structure")
def test_ids_are_utf8_strings_and_topic_tokens(tck_id: str) -> None:
    """A topic is namespace/group/verb/node[/device], with any UTF-8 text as id, and reads back as it was built."""
    topic = Topic("Завод 1", Verb.DDATA, "линия 2", "агрегат-ё")
    assert str(topic) == "spBv1.0/Завод 1/DDATA/линия 2/агрегат-ё"
    assert parse(str(topic)) == topic
    with pytest.raises(InvalidTopicError, match="UTF-8"):
        Topic("\ud800", Verb.NDATA, "n")


@tck("topic-structure-namespace-a")
@pytest.mark.parametrize("text", ["spAv1.0/g/NDATA/n", "spbv1.0/g/NDATA/n", "spBv2.0/STATE/h", "g/NDATA/n", ""])
def test_namespace_is_exactly_sp_b_v1_0(tck_id: str, text: str) -> None:
    """Every topic begins with spBv1.0; any other namespace is refused."""
    assert str(Topic("g", Verb.NDATA, "n")).split("/")[0] == "spBv1.0"
    assert str(StateTopic("h")).split("/")[0] == "spBv1.0"
    with pytest.raises(InvalidTopicError, match=r"spBv1\.0"):
        parse(text)


@tck("intro-group-id-chars", "topic-structure-namespace-valid-group-id")
@pytest.mark.parametrize("bad", ["", "a+b", "a/b", "a#", "a\0b"])
def test_group_id_is_legal_in_a_topic(tck_id: str, bad: str) -> None:
    """A group id is not empty and holds none of + / # and NUL."""
    with pytest.raises(InvalidTopicError, match="group"):
        EdgeDefinition(bad, "n")


@tck("intro-edge-node-id-chars", "topic-structure-namespace-valid-edge-node-id")
@pytest.mark.parametrize("bad", ["", "a+b", "a/b", "a#", "a\0b"])
def test_edge_node_id_is_legal_in_a_topic(tck_id: str, bad: str) -> None:
    """An edge node id is not empty and holds none of + / # and NUL."""
    with pytest.raises(InvalidTopicError, match="edge node"):
        EdgeDefinition("g", bad)


@tck("intro-device-id-chars", "topic-structure-namespace-valid-device-id")
@pytest.mark.parametrize("bad", ["", "a+b", "a/b", "a#", "a\0b"])
def test_device_id_is_legal_in_a_topic(tck_id: str, bad: str) -> None:
    """A device id is not empty and holds none of + / # and NUL."""
    with pytest.raises(InvalidTopicError, match="device"):
        EdgeDefinition("g", "n", devices={bad: metrics(1)})


@pytest.mark.parametrize("bad", ["", "a+b", "a/b", "a#", "a\0b"])
def test_host_id_is_legal_in_a_topic(bad: str) -> None:
    """A host id is not empty and holds none of + / # and NUL."""
    with pytest.raises(InvalidTopicError, match="host"):
        StateTopic(bad)


@tck("topic-structure-namespace-device-id-associated-message-types")
@pytest.mark.parametrize("verb", DEVICE_VERBS)
def test_device_verbs_need_a_device(tck_id: str, verb: Verb) -> None:
    """DBIRTH, DDATA, DDEATH and DCMD name a device."""
    assert parse(f"spBv1.0/g/{verb}/n/d") == Topic("g", verb, "n", "d")
    with pytest.raises(InvalidTopicError, match="needs a device"):
        parse(f"spBv1.0/g/{verb}/n")


@tck("topic-structure-namespace-device-id-non-associated-message-types")
@pytest.mark.parametrize("verb", NODE_VERBS)
def test_node_verbs_have_no_device(tck_id: str, verb: Verb) -> None:
    """NBIRTH, NDATA, NDEATH and NCMD name no device, and neither does STATE."""
    assert parse(f"spBv1.0/g/{verb}/n") == Topic("g", verb, "n")
    with pytest.raises(InvalidTopicError, match="must not name a device"):
        parse(f"spBv1.0/g/{verb}/n/d")
    assert parse("spBv1.0/STATE/h") == StateTopic("h")


@pytest.mark.parametrize(
    "text", ["spBv1.0", "spBv1.0/g", "spBv1.0/STATE", "spBv1.0/g/NDATA", "spBv1.0/g/ndata/n", "spBv1.0/g/DDATA/n/d/x"]
)
def test_what_the_grammar_does_not_know_is_refused(text: str) -> None:
    """Topics with missing, unknown or additional parts raise InvalidTopicError with reason wrong_topic."""
    with pytest.raises(InvalidTopicError) as error:
        parse(text)
    assert error.value.reason == "wrong_topic"


@tck("topic-structure-namespace-unique-device-id")
def test_device_ids_are_unique_under_a_node(tck_id: str) -> None:
    """Two devices of one node cannot have the same id: they are keys, and case alone does not tell them apart."""
    with pytest.raises(ConfigurationError, match="twice"):
        EdgeDefinition("g", "n", devices={"Packer": metrics(1), "packer": metrics(1)})


@tck("topic-structure-namespace-duplicate-device-id-across-edge-node")
def test_same_device_id_under_two_nodes_is_two_devices(tck_id: str, host: HostBench) -> None:
    """A host keys a device by group, node and device id."""
    host.nbirth(node="n1")
    host.nbirth(node="n2")
    births = []
    for node in ("n1", "n2"):
        payload = host.payload(seq=1)
        births += of_kind(host.hear(f"spBv1.0/g/DBIRTH/{node}/d", payload), Birth)
    assert [birth.source for birth in births] == [Source("g", "n1", "d"), Source("g", "n2", "d")]
    assert [status.devices_online for status in host.session.nodes()] == [1, 1]
    assert [status.node for status in host.session.nodes()] == [NodeId("g", "n1"), NodeId("g", "n2")]


@tck("case-sensitivity-sparkplug-ids")
def test_ids_that_differ_by_case_are_refused(tck_id: str) -> None:
    """Devices whose ids differ by case only are a mistake in the configuration."""
    with pytest.raises(ConfigurationError, match="twice"):
        EdgeDefinition("g", "n", devices={"Силос": metrics(1), "силос": metrics(1)})


@tck("case-sensitivity-metric-names")
def test_metric_names_that_differ_by_case_are_refused(tck_id: str) -> None:
    """Metrics of one device whose names differ by case only are a mistake in the configuration."""
    twins = (MetricDefinition("Rate", DataType.DOUBLE), MetricDefinition("rate", DataType.DOUBLE))
    with pytest.raises(ConfigurationError, match="twice"):
        EdgeDefinition("g", "n", devices={"d": twins})


@pytest.mark.parametrize("name", ["", "bdSeq", "Node Control/Rebirth"])
def test_metric_names_of_the_protocol_are_refused(name: str) -> None:
    """A metric of ours has a name, and none that the protocol needs for itself."""
    with pytest.raises(ConfigurationError, match="cannot be named"):
        EdgeDefinition("g", "n", node_metrics=(MetricDefinition(name, DataType.DOUBLE),))


@pytest.mark.parametrize("datatype", [DataType.UNKNOWN, DataType.DATASET, DataType.TEMPLATE, DataType.PROPERTY_SET])
def test_datatypes_that_cannot_be_published_are_refused(datatype: DataType) -> None:
    """A datatype without an accessor is a mistake in the configuration, found before anything connects."""
    with pytest.raises(ConfigurationError, match="cannot be published"):
        EdgeDefinition("g", "n", node_metrics=(MetricDefinition("m", datatype),))


@tck(
    "topics-nbirth-topic",
    "topics-dbirth-topic",
    "topics-ndata-topic",
    "topics-ddata-topic",
    "topics-ddeath-topic",
    "topics-ndeath-topic",
    "message-flow-edge-node-birth-publish-nbirth-topic",
    "message-flow-device-birth-publish-dbirth-topic",
    "message-flow-device-birth-publish-dbirth-match-edge-node-topic",
)
def test_edge_node_publishes_on_its_own_topics(tck_id: str, edge: EdgeBench) -> None:
    """Each message goes to spBv1.0/GROUP/VERB/NODE[/DEVICE], with the group and node of the NBIRTH throughout."""
    edge.connect()
    edge.data(None, (0, 1.0))
    edge.data("d1", (0, 1.0))
    edge.note(edge.session.device_lost("d1", edge.now_ms))
    edge.note(edge.session.disconnect(edge.now_ms))
    assert [sent.topic for sent in edge.sent] == [
        "spBv1.0/g/NBIRTH/n",
        "spBv1.0/g/DBIRTH/n/d1",
        "spBv1.0/g/DBIRTH/n/d2",
        "spBv1.0/g/NDATA/n",
        "spBv1.0/g/DDATA/n/d1",
        "spBv1.0/g/DDEATH/n/d1",
        "spBv1.0/g/NDEATH/n",
    ]


def test_topics_are_immutable_and_hashable(make_edge: Callable[..., EdgeBench]) -> None:
    """Topics and sources are values: equal when their parts are, usable as keys."""
    assert len({Topic("g", Verb.NDATA, "n"), Topic("g", Verb.NDATA, "n")}) == 1
    assert Topic("g", Verb.DDATA, "n", "d").source == Source("g", "n", "d")
    assert Source("g", "n", "d").node_id == Topic("g", Verb.NDATA, "n").node_id == NodeId("g", "n")
    assert (str(Source("g", "n")), str(Source("g", "n", "d")), str(NodeId("g", "n"))) == ("g/n", "g/n/d", "g/n")

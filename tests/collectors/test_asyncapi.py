"""docs/asyncapi.yaml says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from plant.alarms.rules import Kind, Priority
from plant.alarms.states import State as AlarmState
from plant.messages import (
    Alarm,
    AlarmsMessage,
    CollectorHealth,
    CommandMessage,
    HealthMessage,
    KpiMessage,
    KpiPeriod,
    NodeHealth,
    Order,
    OrdersMessage,
    ResultMessage,
    SiteQuality,
    StateMessage,
    TagQuality,
    Value,
    ValuesMessage,
    Words,
    decode_alarms,
    decode_command,
    decode_health,
    decode_kpi,
    decode_orders,
    decode_result,
    decode_state,
    decode_values,
    encode,
)
from plant.namespace import Contract, Topic
from plant.packml import Mode, State
from plant.production.corrections import CountsChange

DOCS = Path(__file__).parents[2] / "docs"
API: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
MESSAGES = API["components"]["messages"]
SCHEMAS = API["components"]["schemas"]
DECODERS = {
    "values": decode_values,
    "state": decode_state,
    "health": decode_health,
    "orders": decode_orders,
    "alarms": decode_alarms,
    "kpi": decode_kpi,
    "command": decode_command,
    "result": decode_result,
}


@pytest.mark.parametrize(
    ("name", "example"), [(name, example) for name, row in MESSAGES.items() for example in row["examples"]]
)
def test_each_example_is_a_message(name, example):
    """It is decoded, and encoding what was decoded gives the example again."""
    message = DECODERS[name](orjson.dumps(example["payload"]))
    assert orjson.loads(encode(message)) == example["payload"]


@pytest.mark.parametrize(
    ("message", "properties"),
    [
        (ValuesMessage, MESSAGES["values"]["payload"]["properties"]),
        (StateMessage, MESSAGES["state"]["payload"]["properties"]),
        (HealthMessage, MESSAGES["health"]["payload"]["properties"]),
        (OrdersMessage, MESSAGES["orders"]["payload"]["properties"]),
        (AlarmsMessage, MESSAGES["alarms"]["payload"]["properties"]),
        (KpiMessage, MESSAGES["kpi"]["payload"]["properties"]),
        (KpiPeriod, SCHEMAS["kpi_period"]["properties"]),
        (CommandMessage, MESSAGES["command"]["payload"]["properties"]),
        (ResultMessage, MESSAGES["result"]["payload"]["properties"]),
        (Alarm, SCHEMAS["alarm"]["properties"]),
        (CountsChange, SCHEMAS["counts_change"]["properties"]),
        (Words, SCHEMAS["words"]["properties"]),
        (Order, SCHEMAS["order"]["properties"]),
        (Value, SCHEMAS["value"]["properties"]),
        (NodeHealth, SCHEMAS["node"]["properties"]),
        (CollectorHealth, SCHEMAS["collector"]["properties"]),
        (SiteQuality, SCHEMAS["site_quality"]["properties"]),
        (TagQuality, SCHEMAS["tag_quality"]["properties"]),
    ],
)
def test_each_field_is_described(message, properties):
    """No field is missing and none is invented."""
    assert set(properties) == {field.name for field in fields(message)}


def test_states_and_modes_are_those_of_packml():
    """By name."""
    properties = MESSAGES["state"]["payload"]["properties"]
    assert properties["state"]["enum"] == [state.name for state in State]
    assert properties["mode"]["enum"] == [mode.name for mode in Mode]


def test_words_of_alarms_are_those_of_the_engine():
    """States, kinds and priorities."""
    properties = SCHEMAS["alarm"]["properties"]
    assert properties["state"]["enum"] == [*AlarmState]
    assert properties["kind"]["enum"] == [*Kind]
    assert properties["priority"]["enum"] == [*Priority]


def test_each_contract_has_a_channel_with_a_topic_of_its_own():
    """With the examples of its parameters the address is a topic that the code accepts."""
    contracts = {}
    for name, channel in API["channels"].items():
        examples = {key: row["examples"][0] for key, row in channel["parameters"].items()}
        topic = Topic.parse(channel["address"].format(**examples))
        contracts[name] = topic.contract
        assert set(channel.get("messages", {})) <= set(MESSAGES)
    assert sorted(contracts) == sorted(contract.name.lower() for contract in Contract)
    assert all(name == contract.name.lower() for name, contract in contracts.items())


def test_every_reference_leads_somewhere():
    """`$ref` within the document."""
    for reference in re.findall(r"#(/[\w/]+)", (DOCS / "asyncapi.yaml").read_text()):
        place = API
        for step in reference.strip("/").split("/"):
            place = place[step]


def test_topics_of_the_guide_are_topics():
    """docs/namespace.md shows no topic that the code would refuse."""
    guide = (DOCS / "namespace.md").read_text()
    topics = re.findall(r"`(df/v1/[a-z0-9/-]+/(?:values|state|health|orders|kpi))`", guide)
    assert len(topics) >= 4
    for topic in topics:
        assert str(Topic.parse(topic)) == topic

"""Messages of the unified namespace: what is encoded is decoded, and nothing else is."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.errors import BadInputError
from plant.messages import (
    CollectorHealth,
    HealthMessage,
    Message,
    NodeHealth,
    Order,
    OrdersMessage,
    SiteQuality,
    StateMessage,
    TagQuality,
    Value,
    ValuesMessage,
    decode_health,
    decode_orders,
    decode_state,
    decode_values,
    encode,
)
from plant.packml import Mode, State

TIMES = st.integers(0, 2**53)
QUALITIES = st.sampled_from([0, 192, 500])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.builds(Value, st.none() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS, TIMES, QUALITIES)
COUNTS = st.integers(0, 2**40)
NODES = st.builds(NodeHealth, TEXTS, st.booleans(), TIMES, TIMES, COUNTS, COUNTS, COUNTS, COUNTS)
COLLECTORS = st.builds(
    CollectorHealth,
    TEXTS,
    TIMES,
    TEXTS,
    st.booleans(),
    TEXTS,
    st.floats(0, 1e9),
    st.none() | st.floats(0, 1e9),
    COUNTS,
    COUNTS,
    st.dictionaries(TEXTS, COUNTS),
    st.none() | COUNTS,
    st.none() | st.floats(-1e12, 1e12),
    st.none() | COUNTS,
)
SCORES = st.floats(0, 100)
TAG_QUALITIES = st.builds(TagQuality, TEXTS, SCORES, st.dictionaries(TEXTS, st.floats(0, 1e6)))
QUALITIES_OF_SITES = st.builds(
    SiteQuality, TIMES, SCORES, COUNTS, st.dictionaries(TEXTS, COUNTS), st.lists(TAG_QUALITIES, max_size=2).map(tuple)
)
STATES = st.sampled_from([state.name for state in State])
MODES = st.sampled_from([mode.name for mode in Mode])
STATE = StateMessage(7, "HELD", 5, "PRODUCTION", 192)
ORDERS = st.builds(Order, TEXTS, TEXTS, st.floats(0, 1e12), TEXTS, TIMES, st.integers(1, 9))
ORDER = Order("boards-00481", "board-12", 29_000.0, "m2", 9, 2)
DECODERS = (decode_values, decode_state, decode_health, decode_orders)


@given(TIMES, st.dictionaries(TEXTS, VALUES))
def test_values_survive_the_wire(time, values):
    """Numbers, texts and nulls with their times and qualities."""
    message = ValuesMessage(time, values)
    assert decode_values(encode(message)) == message


@given(
    TIMES,
    st.sampled_from([state.name for state in State]),
    TIMES,
    st.sampled_from([mode.name for mode in Mode]),
    QUALITIES,
)
def test_states_survive_the_wire(time, state, since, mode, quality):
    """By name, so that no reader needs the table of codes."""
    message = StateMessage(time, state, since, mode, quality)
    assert decode_state(encode(message)) == message


@given(TIMES, COUNTS, COUNTS, st.lists(NODES, max_size=3).map(tuple), COLLECTORS, st.none() | QUALITIES_OF_SITES)
def test_health_survives_the_wire(time, live, expected, nodes, collector, quality):
    """With all that is not known yet as null."""
    message = HealthMessage(time, live, expected, nodes, collector, quality)
    assert decode_health(encode(message)) == message


@given(TIMES, st.lists(ORDERS, max_size=3).map(tuple))
def test_orders_survive_the_wire(time, orders):
    """In their order; a line may have none."""
    message = OrdersMessage(time, orders)
    assert decode_orders(encode(message)) == message


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_say_becomes_null(number):
    """NaN and infinities are no values for a reader."""
    message = decode_values(encode(ValuesMessage(1, {"power": Value(number, 1, 0)})))
    assert message.values["power"].value is None


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "df.state.v2"},
        {"state": "DANCING"},
        {"state": None},
        {"mode": 3},
        {"time": "7"},
        {"since": 1.5},
        {"quality": True},
        {"time": None},
    ],
)
def test_a_state_with_one_wrong_field_is_refused(change: dict[str, Any]):
    """With the reason under which it is counted."""
    with pytest.raises(BadInputError) as caught:
        decode_state(orjson.dumps(asdict(STATE) | change))
    assert caught.value.reason == "malformed_payload"


@pytest.mark.parametrize(
    "values",
    [[], None, {"power": 5}, {"power": {"value": 1, "time": 1}}, {"power": {"value": [], "time": 1, "quality": 0}}],
)
def test_values_of_another_shape_are_refused(values: Any):
    """A list for a value is as wrong as a missing quality."""
    with pytest.raises(BadInputError):
        decode_values(orjson.dumps({"schema": "df.values.v1", "time": 1, "values": values}))


@pytest.mark.parametrize("change", [{"nodes": [{"node": "x"}]}, {"tags_live": "3"}, {"collector": {}}, {"nodes": None}])
def test_health_of_another_shape_is_refused(change: dict[str, Any]):
    """Every field is checked."""
    collector = CollectorHealth("c", 0, "duckdb", True, "", 0.0, None, 0, 0)
    body = asdict(HealthMessage(1, 2, 3, (), collector))
    assert decode_health(orjson.dumps(body)).tags_live == 2
    body.pop("quality")  # as collectors told it before they judged quality
    assert decode_health(orjson.dumps(body)).quality is None
    with pytest.raises(BadInputError):
        decode_health(orjson.dumps(body | change))


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": -1.0},
        {"quantity": None},
        {"priority": 0},
        {"due": 1.5},
        {"product": 7},
        {"order": None},
        {"unit": 1},
    ],
)
def test_a_plan_with_one_wrong_order_is_refused(change: dict[str, Any]):
    """Half a plan would make a line idle; the reader keeps the last whole one and counts the reason."""
    body = asdict(OrdersMessage(1, (ORDER,)))
    assert decode_orders(orjson.dumps(body)).orders == (ORDER,)
    with pytest.raises(BadInputError) as caught:
        decode_orders(orjson.dumps(body | {"orders": [asdict(ORDER) | change]}))
    assert caught.value.reason == "malformed_payload"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "time", "x"]), inner),
    max_leaves=8,
)
KEYS = [
    "time",
    "values",
    "state",
    "mode",
    "since",
    "quality",
    "nodes",
    "collector",
    "tags_live",
    "tags_expected",
    "orders",
]


@given(
    st.binary(max_size=40)
    | st.builds(
        lambda schema, body: orjson.dumps({**body, "schema": schema}),
        st.sampled_from(["df.values.v1", "df.state.v1", "df.health.v1", "df.orders.v1"]),
        st.dictionaries(st.sampled_from(KEYS), JSON),
    )
)
def test_any_bytes_are_a_message_or_a_bad_input(payload):
    """A reader needs to catch one error only."""
    for decode in DECODERS:
        with contextlib.suppress(BadInputError):
            assert isinstance(decode(payload), Message)

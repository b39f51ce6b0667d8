"""Payloads made as arrays against protobuf itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.sparkplug.codec import decode, encode
from plant.sparkplug.payload_pb2 import SparkplugPayload
from simulators.load.records import LARGEST_ALIAS, Records, time_fits

NOW = 1_790_000_000_000

doubles = st.floats(allow_nan=False)


def by_protobuf(aliases: list[int], values: list[float], now_ms: int) -> SparkplugPayload:
    """The same payload, metric by metric."""
    payload = SparkplugPayload(timestamp=now_ms)
    for alias, value in zip(aliases, values, strict=True):
        payload.metrics.add(alias=alias, timestamp=now_ms, double_value=value)
    return payload


@given(
    first=st.integers(0, LARGEST_ALIAS - 9),
    table=st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(doubles, min_size=n, max_size=n), min_size=1, max_size=3)
    ),
    now_ms=st.integers(1 << 35, (1 << 42) - 1),
)
def test_what_protobuf_reads_is_what_was_meant(first: int, table: list[list[float]], now_ms: int) -> None:
    """Any aliases, times and doubles come out of the parser as they went in."""
    values = np.array(table)
    messages, count = values.shape
    sources = np.arange(messages)
    metrics = np.tile(np.arange(count), (messages, 1))
    records = Records(np.full(messages, first), 10)
    for row, body in zip(table, records.encode(sources, metrics, values, now_ms), strict=True):
        assert decode(body) == by_protobuf([first + place for place in range(count)], row, now_ms)


def test_small_aliases_make_the_very_bytes_of_protobuf() -> None:
    """Below 128 nothing is padded: not even the bytes differ."""
    values = np.array([[1.5, -2.25]])
    (body,) = Records(np.array([1]), 2).encode(np.array([0]), np.array([[0, 1]]), values, NOW)
    assert body == encode(by_protobuf([1, 2], [1.5, -2.25], NOW))


def test_each_source_has_its_own_aliases() -> None:
    """Messages of several sources in one array do not mix."""
    records = Records(np.array([1, 51]), 50)
    bodies = records.encode(np.array([1, 0]), np.array([[3], [4]]), np.array([[1.0], [2.0]]), NOW)
    assert [decode(body).metrics[0].alias for body in bodies] == [54, 5]


def test_an_alias_without_room_is_refused() -> None:
    """Two bytes hold 16383."""
    with pytest.raises(ValueError, match="16384"):
        Records(np.array([LARGEST_ALIAS]), 2)


@pytest.mark.parametrize(("now_ms", "fits"), [((1 << 35) - 1, False), (1 << 35, True), (NOW, True), (1 << 42, False)])
def test_times_of_six_bytes_fit(now_ms: int, fits: bool) -> None:
    """The layout is for the years 1971 to 2109."""
    assert time_fits(now_ms) is fits

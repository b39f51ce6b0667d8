"""Metrics of many messages as arrays: the same as the usual parser reads, or left to it."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant.readings import BAD, GOOD
from plant.sparkplug.columns import SPARSE, Key, Values, read
from plant.sparkplug.datatypes import DataType, accessor
from plant.sparkplug.envelope import Envelope, scan
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.samples import BirthRow, BirthTable

NOW = 1_790_000_000_000
TYPES = [
    DataType.DOUBLE,
    DataType.FLOAT,
    DataType.BOOLEAN,
    DataType.INT8,
    DataType.INT16,
    DataType.INT32,
    DataType.INT64,
    DataType.UINT8,
    DataType.UINT16,
    DataType.UINT32,
    DataType.UINT64,
    DataType.DATETIME,
    DataType.STRING,
]
FIRST = 300
TABLE = BirthTable([BirthRow(f"m{n}", FIRST + n, datatype) for n, datatype in enumerate(TYPES)])
TARGETS = [1000 + n for n in range(len(TYPES))]
OTHER = BirthTable([BirthRow(f"x{n}", n, DataType.DOUBLE) for n in range(4)])
OTHERS = [2000 + n for n in range(4)]


def key(table: BirthTable, targets: list[int]) -> Key:
    """The key of a table whose aliases are close."""
    found = Key.of(table.rows, targets)
    assert found is not None
    return found


KEYS = {id(TABLE): (TABLE, key(TABLE, TARGETS), TARGETS), id(OTHER): (OTHER, key(OTHER, OTHERS), OTHERS)}


def numbers(datatype: DataType) -> st.SearchStrategy[float | int | bool | str]:
    """Values that fit a datatype, those at its edges among them."""
    match datatype:
        case DataType.DOUBLE:
            return st.floats(allow_nan=False)
        case DataType.FLOAT:
            return st.floats(width=32, allow_nan=False, allow_infinity=False)
        case DataType.BOOLEAN:
            return st.booleans()
        case DataType.STRING:
            return st.text(max_size=5)
        case DataType.DATETIME:
            return st.integers(0, 2**63 - 1)
    name = datatype.name
    bits = int(name.removeprefix("U").removeprefix("INT"))
    low, high = (0, 2**bits - 1) if name.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return st.integers(low, high) | st.sampled_from([low, high, 0])


@st.composite
def metrics(draw: st.DrawFn, table: BirthTable) -> tuple[int, dict[str, object]]:
    """A row of a table, or one beyond it, with what a metric may carry."""
    index = draw(st.integers(0, len(table))) if draw(st.integers(0, 9)) == 0 else draw(st.integers(0, len(table) - 1))
    row = table.rows[min(index, len(table) - 1)]
    return index, {
        "value": draw(numbers(DataType(row.datatype))),
        "time": draw(st.sampled_from([0, NOW, NOW + 5, NOW - 4_000, 1, 2**45, 2**60])),
        "null": draw(st.integers(0, 9)) == 0,
        "historical": draw(st.booleans()),
        "datatype": draw(st.booleans()),
        "properties": draw(st.integers(0, 19)) == 0,
        "by_name": draw(st.integers(0, 19)) == 0,
    }


@st.composite
def payloads(draw: st.DrawFn) -> tuple[BirthTable, bytes]:
    """A message of one of two sources, with its table."""
    table = draw(st.sampled_from([TABLE, OTHER]))
    payload = SparkplugPayload(seq=draw(st.integers(0, 255)))
    if draw(st.booleans()):
        payload.timestamp = NOW
    for index, said in draw(st.lists(metrics(table), max_size=12)):
        row = table.rows[min(index, len(table) - 1)]
        metric = payload.metrics.add()
        if said["by_name"]:
            metric.name = row.name
        else:
            metric.alias = (table.rows[0].alias or 0) + index
        if said["time"]:
            metric.timestamp = said["time"]
        if said["datatype"]:
            metric.datatype = row.datatype
        if said["historical"]:
            metric.is_historical = True
        if said["null"]:
            metric.is_null = True
        else:
            access = accessor(row.datatype)
            assert access is not None
            access.put(metric, said["value"])
        if said["properties"]:
            metric.properties.keys.append("Quality")
            metric.properties.values.add(type=3, int_value=192)
    return table, payload.SerializeToString()


def usual(table: BirthTable, targets: list[int], data: bytes) -> tuple[list[tuple[object, ...]], bool]:
    """What the usual parser reads, live values first; and whether there was anything but good numbers."""
    reading = table.read(SparkplugPayload.FromString(data))
    rows = [
        (targets[index], time, repr(float(value)), quality, historical)
        for samples, historical in ((reading.live, False), (reading.historical, True))
        for index, time, value, quality in zip(
            samples.indices, samples.timestamps_ms, samples.values, samples.qualities, strict=True
        )
    ]
    return rows, bool(reading.rejected or reading.others)


def told(values: Values, message: int) -> list[tuple[object, ...]]:
    """The rows of a message, live values first."""
    rows = [
        (target, time, repr(value), quality, historical)
        for number, target, time, value, quality, historical in zip(
            values.message.tolist(),
            values.target.tolist(),
            values.time.tolist(),
            values.value.tolist(),
            values.quality.tolist(),
            values.historical.tolist(),
            strict=True,
        )
        if number == message
    ]
    return sorted(rows, key=lambda row: bool(row[4]))


@settings(max_examples=300)
@given(st.lists(payloads(), min_size=1, max_size=8))
def test_both_ways_read_the_same(messages):
    """Any messages of two sources: what is not left to the usual parser is what that parser reads, in its order."""
    scanned = [(table, data, scan(data)) for table, data in messages]
    envelopes = [(table, data, envelope) for table, data, envelope in scanned if envelope is not None]
    if not envelopes:
        return
    values, odd = read([envelope for *_, envelope in envelopes], [KEYS[id(table)][1] for table, *_ in envelopes])
    for number, (table, data, _) in enumerate(envelopes):
        rows, strange = usual(table, KEYS[id(table)][2], data)
        if number in odd:
            assert told(values, number) == []
        else:
            assert told(values, number) == rows
            assert not strange, "what must be counted or is a text is left to the usual parser"


def message(*rows: tuple[int, float], seq: int = 1) -> bytes:
    """Doubles of the other source by alias, all of one time."""
    payload = SparkplugPayload(timestamp=NOW, seq=seq)
    for alias, value in rows:
        payload.metrics.add(alias=alias, timestamp=NOW, double_value=value)
    return payload.SerializeToString()


def read_one(data: bytes, table: BirthTable = OTHER, targets: list[int] = OTHERS) -> tuple[Values, list[int]]:
    """One message."""
    envelope = scan(data)
    assert envelope is not None
    return read([envelope], [key(table, targets)])


def test_plain_messages_are_not_left_to_the_usual_parser():
    """Otherwise nothing would be gained: values of every numeric datatype come as arrays."""
    payload = SparkplugPayload(timestamp=NOW, seq=1)
    for row in TABLE.rows[:-1]:
        access = accessor(row.datatype)
        assert access is not None
        access.put(payload.metrics.add(alias=row.alias), 1)
    values, odd = read_one(payload.SerializeToString(), TABLE, TARGETS)
    assert odd == []
    assert values.target.tolist() == TARGETS[:-1]
    assert values.value.tolist() == [1.0] * (len(TYPES) - 1)
    assert values.time.tolist() == [NOW] * (len(TYPES) - 1)


def test_negative_integers_keep_their_sign():
    """They are sent as two's complement in 32 or 64 bits without a sign."""
    payload = SparkplugPayload(timestamp=NOW, seq=1)
    for row in TABLE.rows:
        if row.datatype in {DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64}:
            access = accessor(row.datatype)
            assert access is not None
            access.put(payload.metrics.add(alias=row.alias), -5)
    assert read_one(payload.SerializeToString(), TABLE, TARGETS)[0].value.tolist() == [-5.0] * 4


def test_a_null_is_bad_and_has_no_value():
    """As the usual parser says."""
    payload = SparkplugPayload(timestamp=NOW, seq=1)
    payload.metrics.add(alias=2, is_null=True)
    values, odd = read_one(payload.SerializeToString())
    assert (odd, values.quality.tolist()) == ([], [BAD])
    assert math.isnan(values.value[0])


def test_one_odd_message_does_not_cost_the_others():
    """It alone goes the usual way; values of the others are there, with the numbers of their messages."""
    strange = SparkplugPayload(timestamp=NOW, seq=2)
    strange.metrics.add(alias=99, double_value=1.0)
    envelopes = [scan(data) for data in (message((0, 1.5)), strange.SerializeToString(), message((1, 2.5), (3, 3.5)))]
    values, odd = read([each for each in envelopes if each is not None], [key(OTHER, OTHERS)] * 3)
    assert odd == [1]
    assert values.message.tolist() == [0, 2, 2]
    assert values.value.tolist() == [1.5, 2.5, 3.5]
    assert values.quality.tolist() == [GOOD] * 3


def test_aliases_that_are_far_apart_have_no_key():
    """An array over them would be mostly empty; such a source is read the usual way."""
    assert Key.of([BirthRow("a", 1, 10), BirthRow("b", 2 + 2 * SPARSE, 10)], [0, 1]) is None
    assert Key.of([BirthRow("a", None, 10)], [0]) is None


class TestScan:
    """The outside of a payload."""

    def test_a_run_of_equal_metrics_is_one_entry(self):
        """However many there are."""
        envelope = scan(message(*((n % 4, 1.5) for n in range(500)), seq=7))
        assert envelope is not None
        assert (envelope.timestamp, envelope.seq) == (NOW, 7)
        assert [count for _, _, count in envelope.runs] == [500]

    def test_what_is_not_plain_is_left_alone(self):
        """A uuid, a body, a long metric."""
        assert scan(SparkplugPayload(timestamp=NOW, seq=1, uuid="x").SerializeToString()) is None
        assert scan(SparkplugPayload(timestamp=NOW, seq=1, body=b"x").SerializeToString()) is None
        payload = SparkplugPayload(timestamp=NOW, seq=1)
        payload.metrics.add(name="n" * 200)
        assert scan(payload.SerializeToString()) is None

    def test_a_payload_without_seq_has_none(self):
        """Zero is a sequence number, none is none."""
        assert scan(b"") == Envelope(b"")
        envelope = scan(SparkplugPayload(seq=0).SerializeToString())
        assert envelope is not None
        assert envelope.seq == 0

    @given(st.binary(max_size=60))
    def test_no_bytes_upset_it(self, data):
        """Garbage has an envelope or none; what has one is read or left, never an error."""
        envelope = scan(data)
        if envelope is not None:
            read([envelope], [key(OTHER, OTHERS)])

    @given(payloads(), st.data())
    def test_a_cut_message_is_never_read_as_a_whole_one(self, made, data):
        """A payload that breaks off inside a metric has no envelope."""
        _, whole = made
        cut = whole[: data.draw(st.integers(0, len(whole)))]
        envelope = scan(cut)
        if envelope is not None:
            SparkplugPayload.FromString(cut)

    @pytest.mark.parametrize("seq", [2**32, 2**63])
    def test_a_number_of_any_length_is_read(self, seq):
        """What is too large for a sequence number is for the session to refuse."""
        data = b"\x18" + _varint(seq)
        envelope = scan(data)
        assert envelope is not None
        assert envelope.seq == seq


def _varint(value: int) -> bytes:
    out = []
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return struct.pack(f"{len(out) + 1}B", *out, value)

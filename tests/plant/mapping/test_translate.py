"""What a device's message says in the words of the model."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mappings import ARRIVED, mapping, reasons, translation, values

from plant.mapping.refusals import Refusal
from plant.mapping.rules import Mapping
from plant.mapping.translate import LARGEST_PAYLOAD, MOST_REFUSED, REMEMBERED_TOPICS, Translator
from plant.readings import BAD, GOOD

TS = 1_789_999_999_000
OBJECT = """\
mapping: objects
stale_after: 1 min
tables:
  serials: {k-1: alpha/shop/kiln-1/kiln, f-1: alpha/shop/board-1/former}
rules:
  kiln:
    topic: gw/{serial}/data
    shape: object
    unit: "{serial|serials}"
    time: {path: ts, format: epoch_ms}
    retained: take
    quality: {path: comm, good: [ok, 0]}
    values:
      p.active: {metric: power, measure: W}
      t[0]: {metric: temperature, scale: 0.1, offset: -5}
      burning: {metric: burning}
      st: {metric: state, words: {"on": 6, "true": 6, "off": 2, "0": 2}, quality: {path: sq, bad: [fault]}}
      why: {metric: reason}
      what: {metric: order, words: {a: A-1}}
"""
LIST = """\
mapping: lists
stale_after: 1 min
tables:
  serials: {k-1: alpha/shop/kiln-1/kiln}
  keys: {PWR: power, TMP: temperature, OTHER: humidity}
rules:
  kiln:
    topic: meters/{gw}
    shape: list
    parts: {serial: head.sn}
    items: body.list
    name: n
    value: v
    unit: "{serial|serials}"
    time: {path: t, format: epoch_ms}
    values:
      GAS: {metric: gas_flow}
      "*": {metric: "{name|keys}"}
"""
PLAIN = """\
mapping: plain
stale_after: 1 min
rules:
  kiln:
    topic: "{site}/{line}/{unit}/{name}"
    shape: plain
    unit: "{site}/shop/{line}/{unit}"
    time: arrival
    values:
      burner: {metric: burning, words: {"ON": 1, "OFF": 0}}
      power: {metric: power}
      reason: {metric: reason}
"""


@pytest.fixture
def objects(tmp_path: Path) -> Mapping:
    """Objects of many values."""
    return mapping(tmp_path, OBJECT)


@pytest.fixture
def lists(tmp_path: Path) -> Mapping:
    """Lists of named values."""
    return mapping(tmp_path, LIST)


@pytest.fixture
def plain(tmp_path: Path) -> Mapping:
    """A topic per value."""
    return mapping(tmp_path, PLAIN)


def payload(**fields: object) -> str:
    """A good object."""
    return json.dumps({"ts": TS, "comm": "ok", **fields})


def test_an_object_of_many_values(objects: Mapping):
    """Units are converted, scale comes before offset, truth values are 1 and 0, words are numbers, texts stay."""
    text = payload(p={"active": 12_500}, t=[300, 1], burning=True, st="on", why="jam", what="a")
    found = translation(objects, "gw/k-1/data", text)
    assert values(found) == {
        "power": (12.5, TS, GOOD),
        "temperature": (25.0, TS, GOOD),
        "burning": (1.0, TS, GOOD),
        "state": (6, TS, GOOD),
        "reason": ("jam", TS, GOOD),
    }
    assert reasons(found) == {"unknown_metric": 1}  # a kiln has no order


def test_the_same_rule_serves_another_machine(objects: Mapping):
    """The table leads to it; what this machine does not have is said."""
    found = translation(objects, "gw/f-1/data", payload(what="a"))
    assert values(found) == {"order": ("A-1", TS, GOOD)}
    assert found.values[0].target.path == "alpha/shop/board-1/former/order"


@pytest.mark.parametrize(
    ("fields", "quality"),
    [({"comm": "ok"}, GOOD), ({"comm": 0}, GOOD), ({"comm": "lost"}, BAD), ({"comm": None}, BAD), ({"comm": [1]}, BAD)],
)
def test_only_the_good_words_are_good(objects: Mapping, fields: dict[str, object], quality: int):
    """With `good`, everything else is bad."""
    assert values(translation(objects, "gw/k-1/data", payload(burning=1, **fields)))["burning"] == (1.0, TS, quality)


def test_only_the_bad_words_are_bad(objects: Mapping):
    """With `bad`, everything else is good, silence too; a value's own rule wins over that of all."""
    assert values(translation(objects, "gw/k-1/data", payload(st="on", comm="lost")))["state"][2] == GOOD
    assert values(translation(objects, "gw/k-1/data", payload(st="on", sq="fault")))["state"][2] == BAD


def test_null_is_a_value_that_is_not_known(objects: Mapping):
    """It is stored as bad, without a number; a text is empty."""
    found = values(translation(objects, "gw/k-1/data", payload(burning=None, why=None)))
    assert math.isnan(float(found["burning"][0] or 0))
    assert found["burning"][2] == BAD
    assert found["reason"] == (None, TS, BAD)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"burning": "yes"}, "wrong_type"),
        ({"burning": [1]}, "wrong_type"),
        ({"burning": {"v": 1}}, "wrong_type"),
        ({"burning": "0x10"}, "wrong_type"),
        ({"burning": "1" * 65}, "wrong_type"),
        ({"why": ["jam"]}, "wrong_type"),
        ({"st": "idle"}, "unknown_word"),
        ({"st": {"x": 1}}, "unknown_word"),
        ({"burning": 1, "ts": None}, "absurd_timestamp"),
        ({"burning": 1, "ts": -1}, "absurd_timestamp"),
        ({"burning": 1, "ts": 1e30}, "absurd_timestamp"),
        ({"burning": 1, "ts": "now"}, "absurd_timestamp"),
        ({"other": 1}, "nothing_mapped"),
    ],
)
def test_a_wrong_value_has_a_reason_and_costs_no_other(objects: Mapping, fields: dict[str, object], reason: str):
    """One reason, one count."""
    found = translation(objects, "gw/k-1/data", payload(**fields))
    assert reasons(found) == {reason: 1}
    assert not found.values
    if "ts" not in fields and reason != "nothing_mapped":
        beside = translation(objects, "gw/k-1/data", payload(**fields, p={"active": 1_000}))
        assert values(beside) == {"power": (1.0, TS, GOOD)}


@pytest.mark.parametrize("text", ["", "{", "21.5,", "\x00", '{"a": 1}}', "[" * 100_000, b"\xff\xfe", "nan"])
def test_what_is_no_json_is_malformed(objects: Mapping, text: str | bytes):
    """Whatever it is, it is counted and no more."""
    assert reasons(translation(objects, "gw/k-1/data", text)) == {"malformed_payload": 1}


def test_firmware_that_writes_nan_does_not_lose_the_other_values(objects: Mapping):
    """Strictly it is no JSON; the number is handed on for the collector's checks to refuse."""
    found = values(translation(objects, "gw/k-1/data", f'{{"ts": {TS}, "comm": "ok", "burning": NaN, "t": [300]}}'))
    assert math.isnan(float(found["burning"][0] or 0))
    assert found["temperature"] == (25.0, TS, GOOD)


@pytest.mark.parametrize("text", ["[]", "21.5", '"text"', "null", "[{}]"])
def test_json_of_another_shape_is_told_apart_from_no_json(objects: Mapping, text: str):
    """The device works, the mapping is for another one."""
    assert reasons(translation(objects, "gw/k-1/data", text)) == {"wrong_shape": 1}


def test_topics_and_devices_that_nobody_knows(objects: Mapping):
    """A topic that no rule is for, and a serial number that no table has."""
    assert reasons(translation(objects, "gw/k-1/status", payload())) == {"unmapped_topic": 1}
    found = translation(objects, "gw/k-9/data", payload(burning=1))
    assert reasons(found) == {"unknown_device": 1}
    assert "serial 'k-9'" in found.refused[0].text


def test_a_large_payload_is_not_even_read(objects: Mapping):
    """A device has not so much to say."""
    assert reasons(translation(objects, "gw/k-1/data", b" " * (LARGEST_PAYLOAD + 1))) == {"oversize": 1}


def test_retained_messages_are_taken_only_if_the_rule_says_so(objects: Mapping, plain: Mapping):
    """With a time of their own they are as good as any."""
    assert values(translation(objects, "gw/k-1/data", payload(burning=1), retained=True))
    assert reasons(translation(plain, "alpha/kiln-1/kiln/power", "21.5", retained=True)) == {"retained": 1}


def test_a_list_of_named_values(lists: Mapping):
    """Each has its own time; the machine stands in the payload; names that the mapping leaves out are no mistake."""
    items = [
        {"n": "PWR", "v": 100.5, "t": TS},
        {"n": "TMP", "v": "150", "t": TS + 1_000},
        {"n": "GAS", "v": 700, "t": TS},
    ]
    found = translation(lists, "meters/7", json.dumps({"head": {"sn": "k-1"}, "body": {"list": items}}))
    assert values(found) == {
        "power": (100.5, TS, GOOD),
        "temperature": (150.0, TS + 1_000, GOOD),
        "gas_flow": (700.0, TS, GOOD),
    }
    assert not found.refused


def test_an_object_of_objects_is_a_list_by_name(lists: Mapping):
    """Its keys are the names."""
    text = json.dumps({"head": {"sn": "k-1"}, "body": {"list": {"PWR": {"v": 1, "t": TS}}}})
    assert values(translation(lists, "meters/7", text)) == {"power": (1.0, TS, GOOD)}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"head": {"sn": "k-1"}, "body": {"list": 7}}, "wrong_shape"),
        ({"head": {"sn": "k-1"}, "body": {}}, "wrong_shape"),
        ({"head": {}, "body": {"list": []}}, "wrong_shape"),
        ({"head": {"sn": "k-1"}, "body": {"list": [{"v": 1, "t": TS}]}}, "wrong_shape"),
        ({"head": {"sn": "k-1"}, "body": {"list": [{"n": "PWR", "t": TS}]}}, "wrong_shape"),
        ({"head": {"sn": "k-1"}, "body": {"list": [{"n": "PWR", "v": 1}]}}, "absurd_timestamp"),
        ({"head": {"sn": "k-1"}, "body": {"list": [{"n": "OTHER", "v": 1, "t": TS}]}}, "unknown_metric"),
        ({"head": {"sn": "k-1"}, "body": {"list": [{"n": "NEW", "v": 1, "t": TS}]}}, "unknown_metric"),
        ({"head": {"sn": "k-1"}, "body": {"list": []}}, "nothing_mapped"),
        ({"head": {"sn": 7}, "body": {"list": []}}, "unknown_device"),
    ],
)
def test_a_list_that_is_not_as_the_rule_says(lists: Mapping, body: object, reason: str):
    """Each way has its reason."""
    assert reasons(translation(lists, "meters/7", json.dumps(body))) == {reason: 1}


def test_a_list_of_rubbish_costs_a_bounded_number_of_sentences(lists: Mapping):
    """All of it is counted."""
    text = json.dumps({"head": {"sn": "k-1"}, "body": {"list": [0] * 10_000}})
    found = translation(lists, "meters/7", text)
    assert len(found.refused) == MOST_REFUSED
    assert reasons(found) == {"wrong_shape": 10_000}


@pytest.mark.parametrize(
    ("topic", "text", "key", "value"),
    [
        ("alpha/kiln-1/kiln/power", "21.5", "power", 21.5),
        ("alpha/kiln-1/kiln/power", " -3e1\n", "power", -30.0),
        ("alpha/kiln-1/kiln/burner", "ON", "burning", 1),
        ("alpha/kiln-1/kiln/burner", '"OFF"', "burning", 0),
        ("beta/board-1/former/reason", "бумага", "reason", "бумага"),
    ],
)
def test_a_plain_payload_is_the_value_and_the_topic_says_which(
    plain: Mapping, topic: str, text: str, key: str, value: object
):
    """It is as old as its arrival."""
    assert values(translation(plain, topic, text)) == {key: (value, ARRIVED, GOOD)}


@pytest.mark.parametrize(
    ("topic", "text", "reason"),
    [
        ("alpha/kiln-1/kiln/power", "21,5", "wrong_type"),
        ("alpha/kiln-1/kiln/power", "", "malformed_payload"),
        ("alpha/kiln-1/kiln/power", b"\xff", "malformed_payload"),
        ("alpha/kiln-1/kiln/burner", "on", "unknown_word"),
        ("alpha/kiln-1/kiln/voltage", "230", "nothing_mapped"),
        ("alpha/kiln-9/kiln/power", "1", "unknown_device"),
    ],
)
def test_a_plain_payload_that_cannot_be_used(plain: Mapping, topic: str, text: str | bytes, reason: str):
    """Each way has its reason."""
    assert reasons(translation(plain, topic, text)) == {reason: 1}


def test_a_message_goes_to_every_rule_that_its_topic_fits(objects: Mapping, lists: Mapping):
    """What one of them finds is found; memory for topics is bounded."""
    translator = Translator([objects, lists])
    assert [rule.name for rule in translator.rules] == ["objects/kiln", "lists/kiln"]
    for number in range(REMEMBERED_TOPICS + 10):
        translator.translate(f"meters/{number}", b"", ARRIVED)
    assert len(translator._topics) <= REMEMBERED_TOPICS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["ts", "t", "p", "active", "v", "n", "st", "comm", "head", "sn", "body", "list", "why"]),
            inner,
        )
    ),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def translators(tmp_path_factory: pytest.TempPathFactory) -> list[Translator]:
    """One of each shape."""
    folder = tmp_path_factory.mktemp("mappings")
    return [Translator([mapping(folder, text)]) for text in (OBJECT, LIST, PLAIN)]


@given(JSON, st.binary(max_size=40))
def test_nothing_that_a_device_sends_is_a_surprise(translators: list[Translator], body: object, data: bytes):
    """Any JSON and any bytes on a mapped topic: values that can be stored, or a reason, never an exception."""
    topics = ("gw/k-1/data", "meters/7", "alpha/kiln-1/kiln/power")
    for translator, topic in zip(translators, topics, strict=True):
        for message in (json.dumps(body).encode(), data):
            found = translator.translate(topic, message, ARRIVED)
            assert found.values or found.refused
            assert all(each.reason in set(Refusal) for each in found.refused)
            assert all(0 < each.time < 2**53 and each.quality in {GOOD, BAD} for each in found.values)
            assert all(isinstance(each.value, float | int | str | None) for each in found.values)

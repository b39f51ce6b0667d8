"""Places inside a JSON payload."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from plant.mapping.paths import ABSENT, JsonPath

PAYLOAD = {"a": {"b": [10, {"c": 11}]}, "x.y": 12, "n": None, "t": "text"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b[0]", 10),
        ("a.b[-1].c", 11),
        ('["x.y"]', 12),
        ("$.t", "text"),
        ("n", None),
        ("a.b[2]", ABSENT),
        ("t[0]", ABSENT),
        ("a.b.c", ABSENT),
        ("t.u", ABSENT),
    ],
)
def test_a_path_finds_its_value_or_says_that_there_is_none(path: str, value: object):
    """Null is a value, a letter of a text is none."""
    assert JsonPath.parse(path).find(PAYLOAD, PAYLOAD) is value or JsonPath.parse(path).find(PAYLOAD, PAYLOAD) == value


def test_inside_an_item_a_path_may_begin_at_the_payload():
    """`$.` leaves the item; without it the path stays inside."""
    item = {"t": "own"}
    assert JsonPath.parse("t").find(item, PAYLOAD) == "own"
    assert JsonPath.parse("$.t").find(item, PAYLOAD) == "text"


@pytest.mark.parametrize("text", ["", "a..b", "a[x]", "a[*]", ".a", "a.", "a[0]b", "$", "$.", 'a."b"[', "a.[0]"])
def test_what_is_no_path_is_refused_with_a_mend(text: str):
    """A typing error is found when the file is read."""
    with pytest.raises(PydanticCustomError, match="is no path"):
        JsonPath.parse(text)

"""Which topics a rule is for."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from plant.mapping.topics import TopicPattern


@pytest.mark.parametrize(
    ("pattern", "wanted", "topic", "parts"),
    [
        ("meters/{serial}/data", "meters/+/data", "meters/a b/data", {"serial": "a b"}),
        ("plant-{hall}/+/{name}", "+/+/+", "plant-3/x/power", {"hall": "3", "name": "power"}),
        ("gw/{serial}/#", "gw/+/#", "gw/7/a/b", {"serial": "7"}),
        ("gw/{serial}/#", "gw/+/#", "gw/7", {"serial": "7"}),
        ("gw/a.b/{s}", "gw/a.b/+", "gw/aXb/1", None),
        ("gw/{serial}/data", "gw/+/data", "gw/1/2/data", None),
        ("{site}/{a}/{b}", "+/+/+", "df/v1/x", None),
        ("{site}/{a}/{b}/{c}", "+/+/+/+", "spBv1.0/g/DDATA/n", None),
    ],
)
def test_levels_of_a_topic_are_called_by_their_names(pattern: str, wanted: str, topic: str, parts: object):
    """The filter reaches them; what others speak on the broker is no device's, whatever a wildcard reaches."""
    read = TopicPattern.parse(pattern)
    assert read.filter == wanted
    assert read.match(topic) == parts


@pytest.mark.parametrize(
    "text", ["", "#", "+/a", "a//b", "a/{s}/{s}", "a/{s}{t}", "a/{S}", "a/#/b", "a/b+", "a/{s", "spBv1.0/{g}", "$SYS/x"]
)
def test_what_is_no_topic_of_devices_is_refused(text: str):
    """All of the broker, Sparkplug, or what MQTT does not know."""
    with pytest.raises(PydanticCustomError):
        TopicPattern.parse(text)

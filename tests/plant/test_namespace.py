"""Topics of the unified namespace."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant import namespace
from plant.errors import BadInputError
from plant.namespace import MAX_LEVELS, SLUG, Contract, Topic, subscription

RESERVED = {str(contract) for contract in Contract}
SLUGS = st.from_regex(SLUG, fullmatch=True).filter(lambda slug: slug not in RESERVED and "__" not in slug)
TOPICS = st.builds(Topic, st.lists(SLUGS, min_size=1, max_size=MAX_LEVELS).map(tuple), st.sampled_from(Contract))


def examples(heading: str) -> list[str]:
    """Topics that the module's documentation lists under a heading."""
    assert namespace.__doc__ is not None
    block = namespace.__doc__.split(f"{heading}::\n\n", 1)[1].split("\n\n", 1)[0]
    return [line.split()[0] for line in block.splitlines()]


@pytest.mark.parametrize("text", examples("Valid"))
def test_documented_topics_are_valid(text):
    """What the documentation calls valid is."""
    assert str(Topic.parse(text)) == text


@pytest.mark.parametrize("text", examples("Invalid"))
def test_documented_mistakes_are_refused(text):
    """What the documentation calls invalid is, with the reason under which it is counted."""
    with pytest.raises(BadInputError) as caught:
        Topic.parse(text)
    assert caught.value.reason == "wrong_topic"


@given(TOPICS)
def test_a_topic_survives_its_text(topic):
    """Also `cmd/result`, the only contract of two levels."""
    assert Topic.parse(str(topic)) == topic


@given(st.text() | st.lists(SLUGS | st.sampled_from([*RESERVED, "df", "v1"]), max_size=9).map("/".join))
def test_any_text_is_a_topic_or_a_bad_input(text):
    """A reader needs to catch one error only, and never reads another topic than was written."""
    with contextlib.suppress(BadInputError):
        assert str(Topic.parse(text)) == text


@pytest.mark.parametrize("contract", Contract)
def test_no_level_may_be_called_like_a_contract(contract):
    """Otherwise a topic could be read in two ways."""
    with pytest.raises(BadInputError):
        Topic(("tiny", str(contract)), Contract.VALUES)


def matches(pattern: str, topic: str) -> bool:
    """MQTT's `+`."""
    levels, wanted = topic.split("/"), pattern.split("/")
    return len(levels) == len(wanted) and all(w in {"+", level} for w, level in zip(wanted, levels, strict=True))


@given(TOPICS)
def test_a_subscription_covers_each_topic_of_its_contract_once(topic):
    """Below the enterprise, at any depth; overlapping filters would deliver twice."""
    for contract in set(Contract) - {Contract.RESULT}:
        hits = sum(matches(pattern, str(topic)) for pattern in subscription(topic.levels[0], contract))
        assert hits == (contract is topic.contract and len(topic.levels) > 1)

"""Orders, products and reasons: what is shown, and what is stored."""

from __future__ import annotations

import pytest
from collecting import NOW, tiny

from collectors.texts import TextState
from plant.messages import Value
from plant.model.tags import text_tags
from plant.readings import GOOD, STALE, Event, EventKind
from plant.sparkplug.samples import OtherSample

UNIT = 1


@pytest.fixture
def order():
    """The order of the board former."""
    return next(tag for tag in text_tags(tiny()[0]) if tag.path == "alpha/shop/board-1/former/order")


def sample(text: str | None, time: int, quality: int = GOOD, *, historical: bool = False) -> OtherSample:
    """A text as the session hands it out."""
    return OtherSample(0, time, text, quality, historical)


def event(text: str, time: int, quality: int = GOOD) -> Event:
    """A text as it is stored."""
    return Event(time, "alpha/board-1/former", EventKind.TEXT, "order", text, -1, quality)


def test_a_change_is_shown_and_stored_once(order):
    """Repeating a text stores nothing more."""
    texts = TextState()
    assert texts.accept(UNIT, order, sample("A-7", NOW), None) == event("A-7", NOW)
    assert texts.accept(UNIT, order, sample("A-7", NOW + 5), None) is None
    assert texts.accept(UNIT, order, sample("A-8", NOW + 9), None) == event("A-8", NOW + 9)
    assert texts.of_unit(UNIT) == {"order": Value("A-8", NOW + 9, GOOD)}


def test_a_late_text_is_not_shown(order):
    """What is older than what is shown changes nothing."""
    texts = TextState()
    texts.accept(UNIT, order, sample("A-8", NOW), None)
    assert texts.accept(UNIT, order, sample("A-7", NOW - 1), None) is None
    assert texts.of_unit(UNIT)["order"].value == "A-8"


def test_a_replayed_text_is_stored_but_never_shown(order):
    """Historical values never touch live state."""
    texts = TextState()
    assert texts.accept(UNIT, order, sample("A-6", NOW, historical=True), None) == event("A-6", NOW)
    assert texts.of_unit(UNIT) == {}


def test_a_null_is_stored_as_an_empty_text(order):
    """No order is a state too; its quality says that it is not known."""
    assert TextState().accept(UNIT, order, sample(None, NOW, 0), None) == event("", NOW, 0)


def test_an_absence_ends_the_text_and_the_birth_renews_it(order):
    """A text that held all the time is known again from the birth on; a new one from its own time on."""
    texts = TextState()
    texts.accept(UNIT, order, sample("A-7", NOW), None)
    assert texts.withdraw(UNIT, order.unit, NOW + 50) == [event("A-7", NOW + 50, STALE)]
    assert texts.withdraw(UNIT, order.unit, NOW + 60) == []
    assert texts.of_unit(UNIT) == {"order": Value("A-7", NOW, STALE)}
    assert texts.accept(UNIT, order, sample("A-7", NOW), NOW + 90) == event("A-7", NOW + 90)
    texts.withdraw(UNIT, order.unit, NOW + 100)
    assert texts.accept(UNIT, order, sample("A-8", NOW + 120), NOW + 150) == event("A-8", NOW + 120)


def test_what_was_stored_before_the_start_is_shown_as_stale(order):
    """Until its source is born again."""
    texts = TextState()
    texts.seed(UNIT, event("A-5", NOW - 9))
    assert texts.of_unit(UNIT) == {"order": Value("A-5", NOW - 9, STALE)}


def test_what_has_been_heard_is_not_overwritten_by_the_past(order):
    """The historian may answer late."""
    texts = TextState()
    texts.accept(UNIT, order, sample("A-7", NOW), None)
    texts.seed(UNIT, event("A-5", NOW - 9))
    assert texts.of_unit(UNIT)["order"].value == "A-7"

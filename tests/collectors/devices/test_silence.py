"""Which devices have fallen silent."""

from __future__ import annotations

from collectors.devices.silence import Silences

KILN, FORMER = ("meters/kiln", "alpha/kiln-1/kiln"), ("meters/kiln", "alpha/board-1/former")


def test_a_device_is_silent_after_its_own_time_and_told_once():
    """Speaking puts it off."""
    silences = Silences()
    silences.heard(KILN, 5_000, 0.0).numbers.add(1)
    silences.heard(FORMER, 60_000, 0.0).numbers.add(2)
    silences.heard(KILN, 5_000, 4.0).numbers.add(3)
    assert silences.due(8.9) == []
    (tags,) = silences.due(9.0)
    assert tags.numbers == {1, 3}
    assert silences.due(20.0) == []


def test_a_device_that_speaks_again_is_watched_again():
    """For the tags that it speaks for from then on."""
    silences = Silences()
    silences.heard(KILN, 1_000, 0.0).numbers.add(1)
    assert len(silences.due(1.0)) == 1
    silences.heard(KILN, 1_000, 5.0).texts.add(7)
    (tags,) = silences.due(6.0)
    assert (tags.numbers, tags.texts) == (set(), {7})

"""Values gather in lists and leave as columns."""

from __future__ import annotations

from collecting import samples

from collectors.binding import IGNORED
from collectors.intake import Intake
from collectors.reasons import Reason
from plant.readings import GOOD
from plant.sparkplug.samples import Samples

WRONG_TYPE, UNKNOWN_METRIC = -5, -4


def test_values_of_many_messages_become_columns_in_their_order():
    """Live and historical values stay apart, and are handed over once."""
    intake = Intake()
    intake.add([7, 9], samples([(1, 10, 1.5, GOOD), (0, 11, 2.5, 0)]), Samples())
    intake.add([3], Samples(), samples([(0, 5, 4.0, GOOD)]))
    assert len(intake) == 3
    taken = intake.take()
    live, historical, refused = taken.fresh, taken.historical, taken.refused
    assert (live.tag.tolist(), live.time.tolist(), live.value.tolist()) == ([9, 7], [10, 11], [1.5, 2.5])
    assert live.quality.tolist() == [GOOD, 0]
    assert (historical.tag.tolist(), historical.time.tolist()) == ([3], [5])
    assert not refused
    assert len(intake) == 0
    assert [len(columns) for columns in (intake.take().fresh, intake.take().historical)] == [0, 0]


def test_values_that_were_old_when_they_were_sent_are_late():
    """A message whose values happened more than 2 s before it was sent is kept apart; without a time it is not."""
    intake = Intake()
    intake.add([7], samples([(0, 10_000, 1.0, GOOD)]), Samples(), sent_ms=12_001)
    intake.add([7], samples([(0, 11_000, 2.0, GOOD)]), Samples(), sent_ms=13_000)
    intake.add([7], samples([(0, 12_000, 3.0, GOOD)]), Samples())
    taken = intake.take()
    assert taken.late.value.tolist() == [1.0]
    assert taken.fresh.value.tolist() == [2.0, 3.0]


def test_values_that_their_binding_refuses_are_counted_by_reason():
    """Refused rows are masked out of the columns; an edge node's own metrics are left out in silence."""
    intake = Intake()
    bound = [4, WRONG_TYPE, UNKNOWN_METRIC, IGNORED]
    intake.add(bound, samples([(n, 10, 1.0, GOOD) for n in (0, 1, 1, 2, 3)]), samples([(1, 10, 1.0, GOOD)]))
    taken = intake.take()
    assert taken.fresh.tag.tolist() == [4]
    assert len(taken.historical) == 0
    assert taken.refused == {Reason.WRONG_TYPE: 3, Reason.UNKNOWN_METRIC: 1}

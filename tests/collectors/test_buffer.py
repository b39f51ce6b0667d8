"""The queue in front of the historian."""

from __future__ import annotations

from collecting import NOW
from hypothesis import given
from hypothesis import strategies as st

from collectors.batch import Batch
from collectors.buffer import MemoryBuffer
from plant.readings import GOOD, Columns


def batch(first: int, count: int) -> Batch:
    """Readings that are numbered on, so that order and loss can be seen."""
    numbers = range(first, first + count)
    return Batch.of(Columns.of([0] * count, [NOW] * count, numbers, [GOOD] * count), Columns.empty())


def numbers(batch: Batch | None) -> list[float]:
    """The numbers of a batch's readings."""
    return [] if batch is None else batch.columns.value.tolist()


def test_what_was_handed_out_stays_until_it_is_confirmed():
    """A write that fails is tried again with the same rows."""
    buffer = MemoryBuffer(100)
    buffer.put(batch(0, 3))
    assert numbers(buffer.peek(10)) == [0, 1, 2]
    buffer.put(batch(3, 2))
    assert numbers(buffer.peek(10)) == [0, 1, 2]
    assert buffer.rows == 5
    buffer.confirm()
    assert numbers(buffer.peek(10)) == [3, 4]
    buffer.confirm()
    assert (buffer.rows, buffer.peek(10)) == (0, None)


def test_the_oldest_makes_room_but_not_what_is_being_written():
    """A full buffer loses the oldest waiting rows and says how many."""
    buffer = MemoryBuffer(10)
    buffer.put(batch(0, 4))
    assert numbers(buffer.peek(4)) == [0, 1, 2, 3]
    assert buffer.put(batch(4, 4)) == 0
    assert buffer.put(batch(8, 4)) == 4
    assert numbers(buffer.peek(4)) == [0, 1, 2, 3]
    buffer.confirm()
    assert numbers(buffer.peek(10)) == [8, 9, 10, 11]


@given(st.lists(st.integers(1, 9) | st.none(), max_size=80), st.integers(1, 30))
def test_rows_leave_in_order_and_every_loss_is_counted(steps, most_rows):
    """For any sequence of puts and writes: order holds, the bound holds, put = taken + spilled + left."""
    buffer = MemoryBuffer(40)
    put = spilled = 0
    taken: list[float] = []
    for count in steps:
        if count is None:
            taken += numbers(buffer.peek(most_rows))
            buffer.confirm()
        else:
            spilled += buffer.put(batch(put, count))
            put += count
        assert buffer.rows <= 40
    assert taken == sorted(taken)
    assert put == len(taken) + spilled + buffer.rows

"""Answers kept for a short while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from dashboard.queries.cache import ShortMemory


def test_a_fresh_answer_is_not_made_again() -> None:
    """Ten tabs cost one question, until the answer is too old."""
    now, made = [0.0], []
    memory = ShortMemory(5, lambda: now[0])
    for at in (0.0, 1.0, 4.9, 5.0):
        now[0] = at
        memory.get("key", lambda: made.append(now[0]))
    assert made == [0.0, 5.0]


def test_an_answer_may_be_good_for_longer_than_others() -> None:
    """What cannot change soon is asked for less often."""
    now, made = [0.0], []
    memory = ShortMemory(5, lambda: now[0])
    for at in (0.0, 59.0, 61.0):
        now[0] = at
        memory.get("key", lambda: made.append(now[0]), 60)
    assert made == [0.0, 61.0]


def test_askers_at_the_same_time_wait_for_one() -> None:
    """Of two threads that ask together one makes the answer; another key is not held up."""
    memory, go, made = ShortMemory(60), Event(), []

    def slow() -> int:
        made.append(1)
        assert go.wait(10)
        return 7

    with ThreadPoolExecutor() as pool:
        askers = [pool.submit(memory.get, "slow", slow) for _ in range(4)]
        assert memory.get("other", lambda: 8) == 8
        go.set()
        assert [asker.result(10) for asker in askers] == [7, 7, 7, 7]
    assert len(made) == 1


def test_a_failure_is_not_kept() -> None:
    """The next asker tries again."""
    memory = ShortMemory(60)

    def fails() -> int:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        memory.get("key", fails)
    assert memory.get("key", lambda: 3) == 3


def test_old_answers_do_not_pile_up() -> None:
    """Keys that hold a time would otherwise fill the process over weeks."""
    now = [0.0]
    memory = ShortMemory(1, lambda: now[0])
    for step in range(100):
        now[0] = float(step)
        memory.get(step, lambda: None)
    assert len(memory._kept) == len(memory._making) == 1

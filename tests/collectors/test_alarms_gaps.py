"""When the past of an edge node is judged: once its replay is over, whoever was away, and nothing of it twice."""

from __future__ import annotations

import pytest
from watching import columns, engine, rule

from collectors.alarms_gaps import FORGET_MS, LONGEST_MS, OVERLAP_MS, REPLAY_QUIET_MS, Gaps
from plant.alarms.change import Standing
from plant.alarms.rules import Limit
from plant.alarms.states import State

NODE, NOW, LEFT = 3, 1_000_000, 900_000
HIGH = rule("high", Limit(0, 100.0, above=True, deadband=5.0))


@pytest.fixture
def gaps():
    """A node that left and came back."""
    found = Gaps()
    found.begin(NODE, LEFT, {}, NOW)
    found.end(NODE, NOW + 10_000, NOW + 10_000)
    return found


def test_a_gap_is_judged_when_its_replay_is_quiet(gaps):
    """From before the node was noticed to be away until it was heard again."""
    gaps.replayed(NODE, NOW + 12_000)
    assert not gaps.due(NOW + 12_000 + REPLAY_QUIET_MS - 1)
    ((node, gap),) = gaps.due(NOW + 12_000 + REPLAY_QUIET_MS)
    assert (node, gap.since, gap.until) == (NODE, LEFT - OVERLAP_MS, NOW + 10_000)


def test_without_a_replay_there_is_nothing_to_judge(gaps):
    """Unless this process was not there: what came meanwhile may be kept already."""
    assert not gaps.due(NOW + 10_000 + FORGET_MS)
    assert NODE not in gaps
    gaps.resume(NODE, LEFT, {}, [], NOW)
    assert not gaps.due(NOW + FORGET_MS), "nobody has heard of it yet"
    gaps.end(NODE, NOW, NOW)
    assert len(gaps.due(NOW + REPLAY_QUIET_MS)) == 1


def test_progress_waits_for_what_is_owed(gaps):
    """So that a kill at any moment makes the next start judge it."""
    assert gaps.judged_until(NODE, NOW) == NOW
    gaps.replayed(NODE, NOW + 12_000)
    assert gaps.judged_until(NODE, NOW) == LEFT


def test_a_node_that_leaves_again_before_it_is_judged_has_one_gap(gaps):
    """From the first absence to the last return."""
    gaps.replayed(NODE, NOW + 12_000)
    gaps.begin(NODE, NOW + 13_000, {}, NOW + 13_000)
    gaps.end(NODE, NOW + 20_000, NOW + 20_000)
    ((_, gap),) = gaps.owed()
    assert (gap.since, gap.until) == (LEFT - OVERLAP_MS, NOW + 20_000)


def test_a_gap_of_days_is_judged_for_its_last_day(gaps):
    """The cost of a return is bounded."""
    gaps.end(NODE, NOW + 5 * LONGEST_MS, NOW)
    gaps.replayed(NODE, NOW)
    ((_, gap),) = gaps.owed()
    assert gap.since == NOW + 4 * LONGEST_MS


def test_what_is_known_is_not_told_again(gaps):
    """Neither what was known when the node left, nor what it told live after its return, nor what was found before."""
    watched = engine([HIGH])
    watched.feed(columns([(0, 1_000, 120.0), (0, 2_000, 80.0), (0, 3_000, 120.0), (0, 4_000, 80.0)]))
    first, second, third, fourth = watched.take()
    gaps.begin(4, 1_500, {HIGH.key: Standing(1, State.UNACKNOWLEDGED, active=True, changed=first.time)}, NOW)
    gaps.end(4, 5_000, NOW)
    gaps.replayed(4, NOW)
    gaps.notice(4, fourth)
    ((_, gap),) = gaps.owed()
    assert gap.new([first, second, third, fourth]) == [second, third]
    assert gap.new([first, second, third, fourth]) == []

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.fleet.pacer import BURST_S, CATCH_UP, SKIP_AHEAD_MS, SKIP_BEHIND_MS, Pacer

NOW = 1_795_000_000_000
SCAN = 1_000
HOUR = 3_600_000

SPEEDS = st.sampled_from([1.0, 1.5, 20.0, 60.0, 1000.0])
BEHIND = st.integers(0, 30 * HOUR)
PAUSES = st.lists(st.integers(-5_000, 20_000) | st.integers(-2 * HOUR, 9 * HOUR), max_size=60)
"""Time between two questions: mostly short, sometimes a night of sleep or a clock that is set."""


def pacer(speed: float = 1.0, behind_ms: int = 0, scan_ms: int = SCAN) -> Pacer:
    return Pacer(scan_ms, speed, NOW - behind_ms, NOW)


def run(pace: Pacer, seconds: float, tick_ms: int = 50) -> int:
    """Ask every `tick_ms` for so long; the time afterwards."""
    now = NOW
    for _ in range(int(seconds * 1000 / tick_ms)):
        now += tick_ms
        pace.turn(now)
    return now


@settings(deadline=None)  # the machine may be busy
@given(SPEEDS, BEHIND, PAUSES, st.sampled_from([100, 1_000, 10_000]))
def test_no_step_is_in_the_future(speed: float, behind_ms: int, pauses: list[int], scan_ms: int) -> None:
    """Whatever the clock does, a step that is handed out is never after now."""
    pace = pacer(speed, behind_ms, scan_ms)
    now = NOW
    for pause in pauses:
        now += pause
        turn = pace.turn(now)
        assert turn.steps == 0 or pace.world_ms <= now
        assert pace.world_ms <= now + SKIP_AHEAD_MS


@settings(deadline=None)  # the machine may be busy
@given(SPEEDS, BEHIND, PAUSES)
def test_time_goes_on_without_gaps_unless_a_skip_is_said(speed: float, behind_ms: int, pauses: list[int]) -> None:
    """The world's time is the steps that were handed out and the skips that were told, nothing else."""
    pace = pacer(speed, behind_ms)
    expected, now = pace.world_ms, NOW
    for pause in pauses:
        now += pause
        turn = pace.turn(now)
        assert turn.steps >= 0
        expected += turn.skipped_ms + turn.steps * SCAN
        assert pace.world_ms == expected


@settings(deadline=None)  # the machine may be busy
@given(SPEEDS, BEHIND, PAUSES)
def test_no_burst_is_without_bound(speed: float, behind_ms: int, pauses: list[int]) -> None:
    """However long nobody asked, at most half a second of the gait is due at once."""
    pace = pacer(speed, behind_ms)
    now = NOW
    for pause in pauses:
        now += pause
        rate = CATCH_UP if pace.live else speed
        assert pace.turn(now).steps <= max(1, BURST_S * rate)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 200_000))
def test_a_live_world_catches_up(behind_ms: int) -> None:
    """A world that is some minutes behind reaches now, and stays within a scan of it."""
    pace = pacer(behind_ms=behind_ms)
    now = run(pace, 30.0)
    assert 0 <= now - pace.world_ms < SCAN


def test_a_live_world_at_now_makes_one_step_a_scan() -> None:
    """Speed 1 is one scan per scan time."""
    pace = pacer()
    run(pace, 30.0)
    assert pace.world_ms == NOW + 30_000


def test_a_replay_keeps_its_speed_until_it_is_live() -> None:
    """Speed 60 covers a minute a second, and falls to the clock's pace on reaching now."""
    pace = pacer(speed=60.0, behind_ms=HOUR)
    run(pace, 10.0)
    assert not pace.live
    assert pace.world_ms == pytest.approx(NOW - HOUR + 600_000, abs=60_000 * BURST_S)
    now = run(pace, 120.0)
    assert pace.live
    assert 0 <= now - pace.world_ms < SCAN


def test_a_replay_that_begins_long_ago_does_not_skip() -> None:
    """Only a live world leaves a gap; a replay from last month is what was asked for."""
    pace = pacer(speed=60.0, behind_ms=30 * 24 * HOUR)
    assert pace.turn(NOW + 20).skipped_ms == 0
    assert pace.world_ms < NOW - 29 * 24 * HOUR


def test_a_live_world_skips_more_than_an_hour() -> None:
    """After a night of sleep the gap stays a gap, and is told."""
    pace = pacer()
    woken = NOW + 8 * HOUR + 123
    assert pace.turn(woken).skipped_ms == 8 * HOUR
    assert pace.world_ms == woken - 123


def test_up_to_an_hour_is_made_up() -> None:
    """A short sleep leaves no gap."""
    pace = pacer()
    turn = pace.turn(NOW + SKIP_BEHIND_MS)
    assert (turn.skipped_ms, turn.steps) == (0, int(BURST_S * CATCH_UP))


def test_a_clock_that_is_set_back_far_takes_the_world_with_it() -> None:
    """The world does not stand still for an hour because the clock was an hour fast."""
    pace = pacer()
    assert pace.turn(NOW - HOUR).skipped_ms == -HOUR
    assert pace.turn(NOW - HOUR + SCAN).steps == 1


def test_a_clock_that_is_set_back_a_little_makes_the_world_wait() -> None:
    """A correction of some seconds is waited for, so that no time comes twice."""
    pace = pacer()
    assert (pace.turn(NOW - 5_000).steps, pace.turn(NOW - 5_000).skipped_ms) == (0, 0)


def test_the_wait_ends_when_the_next_scan_is_due() -> None:
    """Who waits as told misses nothing and does not ask in vain more than needed."""
    pace = pacer()
    now, questions = float(NOW), 0
    while pace.world_ms < NOW + 10_000:
        now += 1000.0 * pace.turn(int(now)).wait_s
        questions += 1
    assert questions <= 60


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from([1.0, 60.0, 1000.0]), BEHIND, st.integers(0, HOUR // 2), PAUSES)
def test_a_replay_with_an_end_stops_there(speed: float, behind_ms: int, length_ms: int, pauses: list[int]) -> None:
    """It makes every scan up to its end, none behind it, and never becomes live."""
    end_ms = min(NOW, NOW - behind_ms + length_ms)
    pace, now = Pacer(SCAN, speed, NOW - behind_ms, NOW, end_ms), NOW
    for pause in pauses:
        now = max(NOW, now + pause)
        turn = pace.turn(now)
        assert turn.skipped_ms == 0
        assert pace.world_ms <= max(end_ms, NOW - behind_ms)
        assert not pace.live
    for _ in range(4_000):  # twice half an hour at the slowest speed, which earns half a second at a time
        now += 500
        pace.turn(now)
    assert pace.over
    assert end_ms - SCAN < pace.world_ms or pace.world_ms == NOW - behind_ms

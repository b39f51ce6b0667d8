"""The oracle of alarms: what should have called, by hand; and that missing and invented alarms are found."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from factory.verify.alarm_check import Wanted, alarm_checks, told
from factory.verify.alarm_truth import NOT_JUDGED, Published, calls, silences
from factory.verify.alarms import watched
from plant.alarms.journal import Entry
from plant.alarms.load import load_rules, rules_file
from plant.alarms.rules import (
    BadQuality,
    Deviation,
    Guidance,
    InState,
    Kind,
    Limit,
    Lost,
    Priority,
    Rate,
    Rule,
    Running,
    Statistical,
    Test,
)
from plant.alarms.states import Event, State
from plant.model.enterprise import Text
from plant.model.load import load
from plant.model.tags import TagTable
from plant.readings import BAD, GOOD

END = 1_000_000
SAID = Text("", "")
VALUE, OTHER, STATE = 0, 1, 2


def _rule(test: Test, kind: Kind = Kind.LIMIT, key: str = "minsk/boards/former/x", **more: object) -> Rule:
    rule = Rule(
        key,
        ("minsk", "boards", "former"),
        "x",
        kind,
        test,
        Priority.LOW,
        "minsk/boards",
        Guidance(SAID, SAID, SAID, SAID),
    )
    return replace(rule, **more)  # type: ignore[arg-type]  # the fields of a rule


def _published(*rows: tuple[int, float], quality: int = GOOD) -> Published:
    """Values at seconds; NaN is a reading of bad quality."""
    time = np.array([1_000 * at for at, _ in rows], np.int64)
    value = np.array([value for _, value in rows])
    return Published(time, value, np.where(np.isnan(value), BAD, quality).astype(np.uint16))


HIGH = Limit(VALUE, 10.0, above=True, deadband=2.0)


def test_a_limit_counts_beyond_it_until_the_deadband_is_behind() -> None:
    """Back at the limit is not enough; the off-delay is the time for which it has to be gone."""
    values = _published((0, 5.0), (10, 11.0), (20, 9.0), (30, 7.9), (40, 5.0))
    assert calls(_rule(HIGH), {VALUE: values}, END) == [(10_000, 30_000)]
    assert calls(_rule(HIGH, off_delay_ms=5_000), {VALUE: values}, END) == [(10_000, 35_000)]


def test_a_low_limit_is_the_mirror_of_a_high_one() -> None:
    """Below, and back above by the deadband."""
    low = Limit(VALUE, 10.0, above=False, deadband=2.0)
    values = _published((0, 15.0), (10, 9.0), (20, 11.0), (30, 12.5))
    assert calls(_rule(low), {VALUE: values}, END) == [(10_000, 30_000)]


def test_what_holds_for_less_than_the_delay_calls_nobody() -> None:
    """And what holds exactly as long does."""
    rule = _rule(HIGH, on_delay_ms=15_000)
    assert calls(rule, {VALUE: _published((0, 5.0), (10, 11.0), (24, 5.0))}, END) == []
    assert calls(rule, {VALUE: _published((0, 5.0), (10, 11.0), (25, 5.0))}, END) == [(25_000, 25_000)]
    assert calls(rule, {VALUE: _published((0, 5.0), (10, 11.0), (60, 5.0))}, END) == [(25_000, 60_000)]


def test_a_delay_begins_anew_when_the_value_was_not_known() -> None:
    """Nobody can tell whether it held meanwhile; an alarm that stands stays."""
    rule = _rule(HIGH, on_delay_ms=15_000)
    assert calls(rule, {VALUE: _published((0, 11.0), (10, math.nan), (12, 11.0), (40, 5.0))}, END) == [(27_000, 40_000)]
    assert calls(rule, {VALUE: _published((0, 11.0), (20, math.nan), (22, 11.0), (40, 5.0))}, END) == [(15_000, 40_000)]


def test_an_alarm_that_stands_at_the_end_stands_until_then() -> None:
    """Nothing is known of what comes after."""
    assert calls(_rule(HIGH), {VALUE: _published((0, 5.0), (10, 11.0))}, END) == [(10_000, END)]


def test_an_alarm_of_a_standing_unit_calls_nobody() -> None:
    """From a start on its values may be on their way for a while; an alarm that still stands then calls."""
    rule = _rule(HIGH, suppression=Running(STATE, frozenset({6}), 60_000))
    values = _published((0, 5.0), (10, 11.0))
    state = _published((0, 2.0), (100, 6.0), (300, 2.0), (400, 6.0), (430, 2.0))
    assert calls(rule, {VALUE: values, STATE: state}, END) == [(160_000, 300_000)]
    assert calls(rule, {VALUE: values}, END) == []


def test_a_deviation_is_judged_by_value_and_set_point() -> None:
    """A new set point may bring it as well as a new value."""
    rule = _rule(Deviation(VALUE, OTHER, 5.0, 1.0), Kind.DEVIATION)
    values, wanted = _published((0, 100.0), (50, 107.0)), _published((1, 100.0), (10, 106.0), (20, 100.0), (60, 102.9))
    assert calls(rule, {VALUE: values, OTHER: wanted}, END) == [(10_000, 20_000), (50_000, END)]


def test_a_rate_is_the_range_of_what_held_within_the_time() -> None:
    """It ends when the oldest value ceases to count, reading or not."""
    rule = _rule(Rate(VALUE, 4.0, 60_000), Kind.RATE)
    values = _published((0, 10.0), (30, 12.0), (50, 15.0))
    assert calls(rule, {VALUE: values}, END) == [(50_000, 90_000)]


def test_states_and_bad_quality_are_judged_as_they_are() -> None:
    """A code of bad quality proves nothing."""
    aborted = _rule(InState(STATE, frozenset({9})), Kind.STATE)
    assert calls(aborted, {STATE: _published((0, 6.0), (10, 9.0), (15, math.nan), (20, 6.0))}, END) == [
        (10_000, 20_000)
    ]
    bad = _rule(BadQuality(VALUE), Kind.BAD_QUALITY, on_delay_ms=15_000)
    assert calls(bad, {VALUE: _published((0, 1.0), (10, math.nan), (40, 1.0))}, END) == [(25_000, 40_000)]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_rule_is_judged_or_has_a_reason_why_not(kind: Kind) -> None:
    """A new kind cannot be forgotten in silence."""
    enterprise = load("gypsum")
    tags = TagTable(enterprise)
    rule = next(
        rule for rule in load_rules(enterprise, tags, list(enterprise.units), rules_file("gypsum")) if rule.kind is kind
    )
    assert watched(rule)
    if kind is Kind.LOST:
        assert silences(rule, []) == ([], [])
    else:
        assert kind in NOT_JUDGED or calls(rule, {}, END) == []


def _entry(number: int, at_s: int, before: State, state: State) -> Entry:
    event = Event.RAISE if state is State.UNACKNOWLEDGED else Event.CLEAR
    return Entry("k", number, 1_000 * at_s, 0, event, before, state, Priority.LOW, "minsk/boards")


def test_a_journal_tells_when_an_alarm_called() -> None:
    """From its annunciation until it is gone or suppressed; what is still there stands until the end."""
    journal = [
        _entry(1, 10, State.NORMAL, State.UNACKNOWLEDGED),
        _entry(2, 20, State.UNACKNOWLEDGED, State.RETURNED),
        _entry(3, 30, State.RETURNED, State.UNACKNOWLEDGED),
    ]
    assert told(journal[::-1], END) == {"k": [(10_000, 20_000), (30_000, END)]}


def _wrong(wanted: list[tuple[int, int]], found: list[tuple[int, int]]) -> dict[str, float]:
    made = alarm_checks([_rule(HIGH, key="k")], {"k": Wanted(wanted)}, {"k": found}, END)
    return {check.figure.removeprefix("alarms, limit: "): check.measured for check in made if not check.ok}


def test_missing_and_invented_alarms_are_found() -> None:
    """Both, even where their numbers are equal; a scan of difference is none."""
    assert _wrong([(10_000, 20_000)], [(11_000, 20_500)]) == {}
    assert _wrong([(10_000, 20_000)], [(12_000, 20_000)]) == {"worst, s": 2.0}
    assert _wrong([(10_000, 20_000)], []) == {"raised": 0.0, "missing": 1.0}
    assert _wrong([], [(10_000, 20_000)]) == {"raised": 1.0, "invented": 1.0}
    assert _wrong([(10_000, 20_000)], [(50_000, 60_000)]) == {"missing": 1.0, "invented": 1.0}


def test_times_of_a_node_whose_clock_was_wrong_may_be_that_much_off() -> None:
    """And no more."""
    rule = _rule(HIGH, key="k")
    calls, found = [(10_000, 20_000)], {"k": [(100_000, 110_000)]}
    assert all(check.ok for check in alarm_checks([rule], {"k": Wanted(calls, clock_ms=90_000)}, found, END))
    assert not all(check.ok for check in alarm_checks([rule], {"k": Wanted(calls, clock_ms=80_000)}, found, END))


def test_what_begins_at_the_very_end_may_be_on_one_side_only() -> None:
    """The collector may not have heard of it any more."""
    assert _wrong([(END - 500, END)], []) == {}
    assert _wrong([], [(END + 5_000, END + 5_000)]) == {}


def test_a_silent_node_calls_when_it_has_been_cut_off_for_long_enough() -> None:
    """To the second is not judged, but how often; a shorter absence may have become a longer one."""
    rule, late = _rule(Lost((VALUE,)), Kind.LOST, key="k", on_delay_ms=30_000), 10 * END
    assert silences(rule, [(10_000, 100_000), (200_000, 210_000)]) == ([(40_000, 100_000)], [(230_000, 210_000)])
    wanted = Wanted([(1_040_000, 1_900_000)], [(5_000_000, 4_990_000)])
    for found in ([(1_030_000, 1_960_000)], [(1_040_000, 1_960_000), (5_000_000, 5_010_000)]):
        assert all(check.ok for check in alarm_checks([rule], {"k": wanted}, {"k": found}, late))
    for found in ([], [(10_000, 20_000)], [(1_040_000, 1_960_000), (8_000_000, 8_010_000)]):
        assert not all(check.ok for check in alarm_checks([rule], {"k": wanted}, {"k": found}, late))


def test_kinds_that_cannot_be_judged_are_left_out() -> None:
    """They are told in the docs with the reason."""
    rule = _rule(Statistical(VALUE, 25, 60_000, 3.5, 0.1), Kind.STATISTICAL, key="k")
    assert list(alarm_checks([rule], {}, {"k": [(10_000, 20_000)]}, END)) == []

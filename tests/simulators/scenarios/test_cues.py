from __future__ import annotations

import numpy as np
import pytest

from simulators.scenarios.cues import Cue, Moment, Timing, cues
from simulators.scenarios.effects import EFFECTS, Kind, On
from simulators.scenarios.schema import Step
from simulators.world.influence import ANOTHER_PRODUCT, Influences, NodeFault, SensorFaults

MINUTE = 60_000
ROWS = np.array([1, 2])


def share(timing: Timing, now_min: float) -> float:
    """How much is there at the end of a step of 10 s."""
    return timing.share(Moment(round(now_min * MINUTE) - 10_000, round(now_min * MINUTE)))


def step(**given: object) -> Step:
    return Step.model_validate({"of": "mill", **given})


def played(made: list[Cue], columns: dict[str, np.ndarray], now_min: float = 1.0) -> dict[str, np.ndarray]:
    for cue in made:
        cue.play(columns, Moment(round((now_min - 1) * MINUTE), round(now_min * MINUTE)))
    return columns


def made(strength: float = 1.0, **given: object) -> list[Cue]:
    return list(cues(step(**given), ROWS, np.ones(2), Timing(0, 10 * MINUTE), strength))


def test_a_level_comes_stays_and_goes() -> None:
    """What ramps grows evenly, holds to its end and fades evenly; before and after there is nothing."""
    timing = Timing(0, 10 * MINUTE, ramp_ms=4 * MINUTE, fade_ms=2 * MINUTE)
    assert [share(timing, at) for at in (0, 1, 4, 10, 11, 12, 13)] == [0.0, 0.25, 1.0, 1.0, 0.5, 0.0, 0.0]


def test_a_ramp_that_is_cut_short_fades_from_where_it_was() -> None:
    """A ramp longer than the step never reaches its value, and fades from what it reached."""
    timing = Timing(0, 2 * MINUTE, ramp_ms=4 * MINUTE, fade_ms=2 * MINUTE)
    assert [share(timing, at) for at in (2, 3)] == [0.5, 0.25]


def test_a_moment_happens_in_exactly_one_step() -> None:
    """However the world's steps lie, a moment falls into exactly one of them."""
    timing = Timing(95_000, 10 * MINUTE, once=True)
    for length in (1_000, 7_000, 10_000):
        hits = [timing.share(Moment(at, at + length)) for at in range(0, 200_000, length)]
        assert sum(hits) == 1.0


def test_what_comes_and_goes_has_its_period() -> None:
    """A spike of 10 s every 10 min is there in one step of 10 s of sixty."""
    timing = Timing(0, 60 * MINUTE, every_ms=10 * MINUTE, lasts_ms=10_000)
    seen = [share(timing, at / 6) for at in range(1, 361)]
    assert [i for i, there in enumerate(seen) if there] == [0, 60, 120, 180, 240, 300]


def test_factors_multiply_and_offsets_add() -> None:
    """Two effects on one place act together, and touch no other place."""
    columns = {"pace_factor": np.ones(4), "air_add": np.zeros(4)}
    both = [*made(effect="pace", to=0.5), *made(effect="pace", to=0.8)]
    both += [*made(effect="air", to=-5), *made(effect="air", to=2)]
    played(both, columns)
    assert columns["pace_factor"].tolist() == [1.0, 0.4, 0.4, 1.0]
    assert columns["air_add"].tolist() == [0.0, -3.0, -3.0, 0.0]


def test_failures_unite() -> None:
    """A unit that two scenarios make fail fails once, with the longer repair."""
    columns = {"fail": np.zeros(4, np.bool_), "cause": np.zeros(4, np.int64), "repair_s": np.full(4, np.nan)}
    longer = cues(step(effect="fail", cause="mechanical"), ROWS[:1], np.ones(1), Timing(0, 20 * MINUTE), 1.0)
    played([*made(effect="fail", cause="process"), *longer], columns)
    assert columns["fail"].tolist() == [False, True, True, False]
    np.testing.assert_array_equal(columns["repair_s"], [np.nan, 1200.0, 600.0, np.nan])


def test_shares_combine_as_independent_ones() -> None:
    """Of what one fault leaves, the other takes its share: half and half leave a quarter."""
    columns = {"duplicate": np.zeros(4)}
    played([*made(effect="duplicate", to=0.5)] * 2, columns)
    assert columns["duplicate"].tolist() == [0.0, 0.75, 0.75, 0.0]


def test_strength_moves_levels_from_neutral_within_their_range() -> None:
    """Half the strength is half way to the value; no strength takes a level out of its range."""
    half = played(made(0.5, effect="gas_supply", to=0.4), {"gas_supply": np.ones(4)})
    tenfold = played(made(10.0, effect="gas_supply", to=0.4), {"gas_supply": np.ones(4)})
    assert (half["gas_supply"][1], tenfold["gas_supply"][1]) == (0.7, 0.0)


def test_another_product_is_asked_for_by_its_mark() -> None:
    """The switch without a number sets the value that means another product."""
    columns = played(made(effect="other_product"), {"product_actual": np.full(4, -1)})
    assert columns["product_actual"].tolist() == [-1, ANOTHER_PRODUCT, ANOTHER_PRODUCT, -1]


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_each_effect_sets_a_field_that_exists(name: str) -> None:
    """Each row of the table names a field of what it acts on, and its neutral value is that field's."""
    effect = EFFECTS[name]
    neutral = {
        On.UNITS: lambda: getattr(Influences.none(1), effect.field)[0],
        On.TAGS: lambda: getattr(SensorFaults.none(1), effect.field)[0],
        On.NODES: lambda: getattr(NodeFault(), effect.field),
    }[effect.on]()
    assert float(neutral) == effect.neutral
    assert effect.low <= effect.neutral <= effect.high or effect.kind is not Kind.LEVEL

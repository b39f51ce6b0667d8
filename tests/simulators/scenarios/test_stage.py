from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plant.errors import ConfigurationError
from simulators.scenarios import load, shipped
from simulators.world.influence import Injection
from simulators.world.world import World

STEP_S = 10.0
SITE = "chelyabinsk"


def steps(world: World, count: int) -> None:
    for _ in range(count):
        world.step(STEP_S)


def inject(world: World, scenario: str, name: str = "a", **targets: str) -> None:
    world.inject(Injection(name, scenario, world.now_ms, targets))


def same(one: World, other: World) -> bool:
    """Whether two worlds show and are the same, bit for bit."""
    states = np.array_equal(one.state.totals, other.state.totals)
    return states and one.values().tobytes() == other.values().tobytes() and one.texts() == other.texts()


def test_a_scenario_without_steps_changes_nothing(gypsum) -> None:
    """The normal day is bit for bit the day without any scenario."""
    plain, played = gypsum.world(SITE), gypsum.world(SITE)
    inject(played, "normal_day")
    for world in (plain, played):
        steps(world, 60)
    assert same(plain, played)


def test_what_is_yet_to_come_changes_nothing(gypsum) -> None:
    """Until its start an injection leaves the world as it is, and is listed all the same."""
    plain, played = gypsum.world(SITE), gypsum.world(SITE)
    played.inject(Injection("later", "power_dip", played.now_ms + 600_000))
    for world in (plain, played):
        steps(world, 60)
    assert same(plain, played)
    assert [each.id for each in played.injections()] == ["later"]


def test_equal_injections_make_equal_worlds(gypsum) -> None:
    """Equal injections at equal world times give equal worlds, and others do not."""
    worlds = [gypsum.world(SITE) for _ in range(3)]
    for world, scenario in zip(worlds, ("quality_drift", "quality_drift", "power_dip"), strict=True):
        steps(world, 6)
        inject(world, scenario)
        inject(world, "sensor_drift", "b")
        steps(world, 120)
    assert same(worlds[0], worlds[1])
    assert not same(worlds[0], worlds[2])


def test_a_world_that_is_saved_amid_scenarios_goes_on_alike(gypsum, tmp_path: Path) -> None:
    """Injections, frozen sensors, lost counts and delayed reasons survive saving and loading."""
    through, again = gypsum.world(SITE), gypsum.world(SITE)
    for name in ("late_stop_code", "sensor_freeze", "counter_vs_receipt", "bearing_wear"):
        inject(through, name, name)
    steps(through, 75)
    through.save(tmp_path / "world.npz")
    again.load(tmp_path / "world.npz")
    assert again.injections() == through.injections()
    for world in (through, again):
        steps(world, 100)
    assert same(through, again)


def test_the_true_state_knows_nothing_of_instruments(gypsum) -> None:
    """Faults of sensors, counters and connections leave the true state bit for bit as it is."""
    plain, played = gypsum.world(SITE), gypsum.world(SITE)
    for name in ("sensor_freeze", "sensor_drift", "sensor_spike", "alarm_flood", "counter_vs_receipt", "comms_loss"):
        inject(played, name, name)
    for world in (plain, played):
        steps(world, 60)
    assert plain.state.numbers.tobytes() == played.state.numbers.tobytes()
    assert plain.values().tobytes() != played.values().tobytes()


def test_several_act_together_and_end_apart(gypsum) -> None:
    """Injections compose; recovering one leaves the others, and each is forgotten when it is over."""
    world = gypsum.world(SITE)
    inject(world, "gas_pressure_drop", "gas")
    inject(world, "broker_restart", "broker")
    steps(world, 12)
    assert [each.id for each in world.injections()] == ["gas", "broker"]
    assert world.transport(world.now_ms - 30_000).nodes
    steps(world, 50)
    assert [each.id for each in world.injections()] == ["gas"]
    world.recover("gas")
    assert world.injections() == ()


def test_stretch_changes_all_times(gypsum) -> None:
    """A stretched scenario begins and ends its steps in proportion."""
    world = gypsum.world(SITE)
    world.inject(Injection("a", "broker_restart", world.now_ms, {}, {"stretch": 0.5}))
    steps(world, 3)
    assert not world.transport(world.now_ms).nodes
    steps(world, 1)
    assert world.transport(world.now_ms).nodes
    steps(world, 26)
    assert world.injections() == ()


@pytest.mark.parametrize(
    ("injection", "words"),
    [
        (Injection("a", "bearing_waer", 0), "did you mean 'bearing_wear'"),
        (Injection("a", "board_break", 0), "does not fit 'chelyabinsk': there is no board_former .target 'former'."),
        (Injection("a", "bearing_wear", 0, {"site": "minsk"}), "'minsk' is not simulated here"),
        (Injection("a", "bearing_wear", 0, {"mil": "x"}), "has no target 'mil'; did you mean 'mill'"),
        (Injection("a", "bearing_wear", 0, {"mill": "binder-1/mil"}), "did you mean 'binder-1/mill'"),
        (Injection("a", "bearing_wear", 0, {}, {"strech": 2.0}), "did you mean 'stretch'"),
        (Injection("a", "bearing_wear", 0, {}, {"stretch": 0.0}), "must lie in 0.01 to 100"),
        (Injection("a", "bearing_wear", 0, {}, {"strength": float("nan")}), "must lie in 0 to 10"),
        (Injection("a", "trial_acceptance", 0), "no site with the status 'trial'"),
        (Injection("a", "sensor_drift", 0, {"sensor": "binder-1/calciner/gas_total"}), "a counter is not"),
        (Injection("taken", "bearing_wear", 0), "'taken' is still going on"),
    ],
)
def test_a_wrong_injection_says_why_in_a_sentence(gypsum, injection: Injection, words: str) -> None:
    """Whatever is wrong with an injection is told in a sentence, and the world goes on without it."""
    world = gypsum.world(SITE)
    inject(world, "normal_day", "taken")
    with pytest.raises(ConfigurationError, match=words):
        world.inject(injection)
    assert [each.id for each in world.injections()] == ["taken"]


def test_recovering_what_is_not_there_is_told(gypsum) -> None:
    """A recovery of an unknown injection says which there are."""
    world = gypsum.world(SITE)
    inject(world, "normal_day", "calm")
    with pytest.raises(ConfigurationError, match="no injection 'clam' going on; did you mean 'calm'"):
        world.recover("clam")


def test_units_and_metrics_can_be_chosen_by_name(gypsum) -> None:
    """Whoever injects may choose units or metrics; a whole path chooses the site too."""
    world = gypsum.world("minsk", SITE)
    inject(world, "late_stop_code", machine="chelyabinsk/dry-mix/dry-mix-2/packer")
    inject(world, "sensor_freeze", "b", sensor="boards/dryer/gas_flow")
    places = [(play.site, [cue.rows.tolist() for cue in play.cues][-1]) for play in world.plays]
    packer = world.fixed.roster.row["chelyabinsk", "dry-mix", "dry-mix-2", "packer"]
    assert places[0] == (SITE, [packer])
    (tag,) = places[1][1]
    shown = gypsum.tags[int(world.fixed.display.tag[tag])]
    assert (places[1][0], shown.path) == ("minsk", "minsk/boards/boards/dryer/gas_flow")


def test_each_scenario_fits_the_group(gypsum) -> None:
    """Every shipped scenario finds its cast somewhere in the gypsum model, with something to hit for each step."""
    world = gypsum.world()
    for name in shipped():
        inject(world, name, name)
    hit = {play.scenario.scenario: {len(cue.rows) for cue in play.cues} for play in world.plays}
    assert sorted(hit) == shipped()
    assert all(0 not in counts for counts in hit.values())
    assert all(counts for name, counts in hit.items() if load(name).steps)


FITS_PRINTERS = {
    "normal_day",
    "sensor_freeze",
    "sensor_drift",
    "sensor_spike",
    "comms_loss",
    "broker_restart",
    "clock_skew",
    "duplicate_and_late",
    "power_dip",
    "alarm_flood",
    "late_stop_code",
}


def test_what_needs_no_gypsum_fits_any_model(print_farm) -> None:
    """Scenarios that need no gypsum can be played at a maker of printers; the rest say what is missing."""
    world = print_farm.world()
    refused = {}
    for name in shipped():
        try:
            inject(world, name, name)
        except ConfigurationError as error:
            refused[name] = str(error)
    assert FITS_PRINTERS - set(refused) == FITS_PRINTERS
    assert all("does not fit" in text and "\n" not in text for text in refused.values())
    assert "there is no dryer_mill with a metric 'vibration'" in refused["bearing_wear"]

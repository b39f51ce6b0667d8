from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plant.errors import BadInputError, ConfigurationError
from plant.model.tags import text_tags
from plant.packml import State
from plant.readings import BAD, GOOD
from simulators.world.world import World


def _run(world: World, steps: int = 40) -> np.ndarray:
    values = []
    for _ in range(steps):
        world.step(10.0)
        values.append(world.values())
    return np.array(values)


def test_equal_seeds_make_equal_worlds(gypsum) -> None:
    """The same seed gives the same values bit for bit, another seed gives others."""
    first = _run(gypsum.world("saratov"))
    assert np.array_equal(first, _run(gypsum.world("saratov")), equal_nan=True)
    assert not np.array_equal(first, _run(gypsum.world("saratov", seed=8)), equal_nan=True)


def test_a_site_does_not_depend_on_its_neighbours(gypsum) -> None:
    """A site's values are the same bit for bit whether it runs alone or among all others, so sites can be sharded."""
    alone = gypsum.world("chelyabinsk")
    ours = alone.qualities() == GOOD
    among = gypsum.world()
    assert np.array_equal(_run(alone)[:, ours], _run(among)[:, ours])
    texts = text_tags(gypsum.enterprise)
    pairs = zip(alone.texts(), among.texts(), texts, strict=True)
    assert all(a == b for a, b, tag in pairs if tag.unit.site == "chelyabinsk")


def test_what_is_not_ours_has_no_value(gypsum) -> None:
    """Tags of sites that are not simulated are NaN and bad, their texts empty."""
    world = gypsum.world("saratov")
    ours = np.array([tag.unit.site == "saratov" for tag in gypsum.tags])
    assert np.array_equal(~np.isnan(world.values()), ours)
    assert (world.qualities()[ours] == GOOD).all()
    assert (world.qualities()[~ours] == BAD).all()
    for text, tag in zip(world.texts(), text_tags(gypsum.enterprise), strict=True):
        assert tag.unit.site == "saratov" or text == ""


def test_a_world_begins_warm(gypsum) -> None:
    """At its first moment most machines execute, silos hold 20 to 90 %, kettles are at 150 to 160 degC."""
    world = gypsum.world()
    state = world.state
    assert world.now_ms == world.begun_ms == gypsum.start_ms
    assert (state.machines.state == State.EXECUTE).mean() > 0.9
    silos = world.fixed.roster.slices["silo"]
    assert ((state.stores.amount / world.fixed.graph.capacity)[silos] > 0.15).all()
    for tag in gypsum.tags:
        if tag.metric.key == "product_temperature":
            assert 115.0 < world.values()[tag.index] < 162.0


def test_a_saved_world_goes_on_as_if_nothing_had_happened(gypsum, tmp_path: Path) -> None:
    """A run that is saved, ended and loaded elsewhere equals the uninterrupted one bit for bit: no step at the seam."""
    whole = gypsum.world("saratov")
    _run(whole)
    whole.save(tmp_path / "world.npz")
    snapshot = whole.snapshot()
    rest, texts = _run(whole), whole.texts()
    loaded = gypsum.world("saratov", start_ms=gypsum.start_ms + 12_345)
    loaded.load(tmp_path / "world.npz")
    assert loaded.now_ms == snapshot.state.time_ms
    assert np.array_equal(loaded.values(), snapshot.values, equal_nan=True)
    assert np.array_equal(_run(loaded), rest, equal_nan=True)
    assert loaded.texts() == texts
    whole.restore(snapshot)
    assert np.array_equal(_run(whole), rest, equal_nan=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "world.npz"]


@pytest.mark.parametrize(
    ("sites", "seed", "says"), [(("saratov",), 8, "seed 7, not 8"), (("minsk",), 7, "another model or other sites")]
)
def test_a_foreign_saved_world_is_refused(gypsum, tmp_path: Path, sites: tuple[str, ...], seed: int, says: str) -> None:
    """A state of another seed, model or choice of sites is refused with the reason."""
    gypsum.world("saratov").save(tmp_path / "world.npz")
    with pytest.raises(ConfigurationError, match=says):
        gypsum.world(*sites, seed=seed).load(tmp_path / "world.npz")


def test_a_broken_saved_world_is_refused(gypsum, tmp_path: Path) -> None:
    """A file that is cut off, empty or missing is an error that names it, never a traceback of the file format."""
    world, path = gypsum.world("saratov"), tmp_path / "world.npz"
    world.save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ConfigurationError, match="is broken"):
        world.load(path)
    path.write_bytes(b"")
    with pytest.raises(ConfigurationError, match="is broken"):
        world.load(path)
    with pytest.raises(ConfigurationError, match="there is no saved world"):
        world.load(tmp_path / "other.npz")


def test_an_unknown_site_is_refused(gypsum) -> None:
    """A site that the model does not have is an error that lists those it has."""
    with pytest.raises(ConfigurationError, match="unknown site 'atlantis'; the model has voskresensk"):
        gypsum.world("atlantis")


def test_a_long_step_is_many_short_ones(gypsum) -> None:
    """Time passes as asked, also for steps longer than the physics allows at once."""
    world = gypsum.world("saratov")
    world.step(65.0)
    assert world.now_ms == gypsum.start_ms + 65_000


def test_skipping_sets_the_clock_alone(gypsum) -> None:
    """After a skip the clock is as told and nothing else has happened."""
    world = gypsum.world("saratov")
    before = world.values()
    world.skip(gypsum.start_ms + 3_600_000)
    assert world.now_ms == gypsum.start_ms + 3_600_000
    assert np.array_equal(world.values(), before, equal_nan=True)


def _tag(plant, path: str) -> int:
    return plant.tags.by_path(path).index


def test_a_written_set_point_moves_the_process(gypsum) -> None:
    """A set point reads back at once, the temperature follows with inertia, and the moisture of boards answers."""
    world = gypsum.world("minsk")
    where = "minsk/boards/boards/dryer"
    for zone, value in (("zone1", 195.0), ("zone2", 155.0), ("zone3", 100.0)):
        world.write(_tag(gypsum, f"{where}/{zone}_temperature_sp"), value)
    assert world.values()[_tag(gypsum, f"{where}/zone1_temperature_sp")] == 195.0
    moisture = _tag(gypsum, f"{where}/outlet_moisture")
    before = _run(world, 6)[:, moisture].mean()
    temperature = _run(world, 180)[:, _tag(gypsum, f"{where}/zone1_temperature")]
    assert temperature[0] > 205.0
    assert temperature[-20:].mean() == pytest.approx(195.0, abs=2.0)
    assert _run(world, 30)[:, moisture].mean() > 1.3 * before


def test_a_generic_metric_follows_its_set_point(print_farm) -> None:
    """Generic physics answers to what is written, too."""
    world = print_farm.world()
    written = [tag for tag in print_farm.tags if tag.metric.writable and tag.metric.role == "set_point"]
    follower = next(
        (tag, other)
        for tag in written
        for other in print_farm.tags.of_unit(tag.unit).values()
        if other.metric.simulation.get("follows") == tag.metric.key
    )
    target = 0.9 * world.values()[follower[0].index]
    world.write(follower[0].index, target)
    _run(world, 200)
    assert world.values()[follower[0].index] == pytest.approx(target)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("saratov/binder/binder-1/calciner/product_temperature_sp", 1e6, "out_of_range"),
        ("saratov/binder/binder-1/calciner/product_temperature_sp", float("nan"), "out_of_range"),
        ("saratov/binder/binder-1/calciner/product_temperature", 150.0, "not_writable"),
        ("minsk/boards/boards/former/line_speed_sp", 60.0, "not_ours"),
    ],
)
def test_a_write_that_cannot_be_is_refused(gypsum, path: str, value: float, reason: str) -> None:
    """Out of range, not writable and not ours are told apart, and change nothing."""
    world = gypsum.world("saratov")
    before = world.values()
    with pytest.raises(BadInputError) as caught:
        world.write(_tag(gypsum, path), value)
    assert caught.value.reason == reason
    assert np.array_equal(world.values(), before, equal_nan=True)


def test_an_empty_silo_starves_the_line_behind_it(gypsum) -> None:
    """Without stucco the former suspends itself, the dryer runs empty, the stacker waits; with stucco all go on."""
    world = gypsum.world("minsk")
    row, stores = world.fixed.roster.row, world.state.stores
    silos = [r for path, r in row.items() if path[3].startswith("silo")]
    stores.amount[silos] = 0.0
    calciners = world.fixed.roster.slices["calciner"]
    world.state.machines.fails_s[calciners] = 0.0
    former, dryer, stacker = (row["minsk", "boards", "boards", unit] for unit in ("former", "dryer", "stacker"))
    seen = {former: set(), dryer: set(), stacker: set()}
    for _ in range(540):
        world.step(10.0)
        stores = world.state.stores
        stores.amount[silos] = 0.0
        for unit, states in seen.items():
            states.add(State(int(world.state.machines.state[unit])))
    assert all(State.SUSPENDED in states for states in seen.values())
    world.state.stores.amount[silos] = 100.0
    for _ in range(60):
        world.step(10.0)
    assert world.state.machines.state[former] == State.EXECUTE


def test_a_stopped_dryer_blocks_the_former(gypsum) -> None:
    """When the dryer fails, the former runs out of room within minutes and suspends itself."""
    world = gypsum.world("minsk")
    row = world.fixed.roster.row
    former, dryer = (row["minsk", "boards", "boards", unit] for unit in ("former", "dryer"))
    world.state.machines.fails_s[dryer] = 0.0
    seen = set()
    for _ in range(60):
        world.step(10.0)
        seen.add(int(world.state.machines.state[former]))
        if State.SUSPENDED in seen:
            break
    assert State.SUSPENDED in seen
    assert world.state.machines.cause[former] == 5


def test_the_print_farm_runs_on_the_same_engine(print_farm) -> None:
    """An enterprise of a quite different trade makes good pieces, stops, restarts and uses power."""
    world = print_farm.world()
    values = _run(world, 1_000)
    made = [tag.index for tag in print_farm.tags if tag.metric.role == "good"]
    assert ((values[-1] - values[0])[made] > 0).all()
    states = [tag.index for tag in print_farm.tags if tag.metric.role == "state"]
    assert len(np.unique(values[:, states])) > 3
    intake = [tag.index for tag in print_farm.tags if tag.metric.role == "power"]
    assert values[-1][intake].sum() > 0.0

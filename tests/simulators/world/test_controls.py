"""What an operator may do, and how the plant answers: on the world itself, without any edge node."""

from __future__ import annotations

import numpy as np
import pytest

from plant.errors import BadInputError
from plant.model.tags import text_tags
from plant.packml import Mode, State
from simulators.world.transitions import Command
from simulators.world.world import World

BOARDS = "minsk/boards/boards"
MIXER = "minsk/dry-mix/dry-mix/mixer"
PACKER = "minsk/dry-mix/dry-mix/packer"


@pytest.fixture
def minsk(gypsum) -> World:
    """A plant without failures of its own, so that only the operator stops anything."""
    world = gypsum.world("minsk")
    machines = world.state.machines
    machines.fails_s[:] = np.inf
    machines.stops_s[:] = np.inf
    return world


def _tag(plant, path: str) -> int:
    return plant.tags.by_path(path).index


def _text(plant, path: str) -> int:
    return [tag.path for tag in text_tags(plant.enterprise)].index(path)


def _run(world: World, minutes: float) -> None:
    for _ in range(round(6 * minutes)):
        world.step(10.0)


def _refusal(world: World, tag: int, value: float) -> str:
    with pytest.raises(BadInputError) as caught:
        world.write(tag, value)
    return caught.value.reason


def test_speed_moves_the_square_metres(gypsum, minsk: World) -> None:
    """A third less line speed is a third less m2/h, of boards and of stucco."""
    speed, rate, stucco = (
        _tag(gypsum, f"{BOARDS}/former/{key}") for key in ("line_speed_sp", "board_rate", "stucco_flow")
    )
    _run(minsk, 5)
    before = minsk.values()
    minsk.write(speed, round(before[speed] * 2 / 3, 1))
    _run(minsk, 5)
    after = minsk.values()
    assert after[rate] / before[rate] == pytest.approx(2 / 3, rel=0.05)
    assert after[stucco] / before[stucco] == pytest.approx(2 / 3, rel=0.05)


def test_hold_stops_the_line_and_starves_the_next(gypsum, minsk: World) -> None:
    """A held mixer makes nothing, the packer behind it runs out of mix and suspends itself; unhold brings both back."""
    command, state = _tag(gypsum, f"{MIXER}/command"), _tag(gypsum, f"{MIXER}/state")
    behind, mass = _tag(gypsum, f"{PACKER}/state"), _tag(gypsum, f"{MIXER}/batch_number")
    minsk.write(command, Command.HOLD)
    _run(minsk, 1)
    batch = minsk.values()[mass]
    _run(minsk, 20)
    values = minsk.values()
    assert values[state] == State.HELD
    assert values[mass] == batch
    assert values[behind] == State.SUSPENDED
    minsk.write(command, Command.UNHOLD)
    _run(minsk, 20)
    assert minsk.values()[mass] > batch
    assert minsk.values()[behind] == State.EXECUTE


def test_a_command_reads_back_and_a_refused_one_reads_0(gypsum, minsk: World) -> None:
    """Whoever reads the number that he wrote knows that it was carried out; what was refused never looks so."""
    command = _tag(gypsum, f"{BOARDS}/former/command")
    minsk.write(command, Command.STOP)
    assert minsk.values()[command] == Command.STOP
    _run(minsk, 1)
    assert minsk.values()[command] == Command.STOP
    assert _refusal(minsk, command, Command.STOP) == "not_now"
    assert minsk.values()[command] == Command.NONE
    _run(minsk, 1)
    assert minsk.values()[command] == Command.NONE
    assert _refusal(minsk, command, 11) == "out_of_range"
    assert _refusal(minsk, command, 2.5) == "out_of_range"
    minsk.write(command, Command.NONE)
    assert minsk.values()[_tag(gypsum, f"{BOARDS}/former/state")] == State.STOPPED


def test_a_command_that_is_no_number_reads_back_0(gypsum, minsk: World) -> None:
    """A command refused before it was written takes away the last one that is shown; a set point shows what holds."""
    command, speed = (_tag(gypsum, f"{BOARDS}/former/{key}") for key in ("command", "line_speed_sp"))
    minsk.write(command, Command.STOP)
    holds = minsk.values()[speed]
    for tag in (command, speed):
        minsk.refuse(tag)
    assert minsk.values()[command] == Command.NONE
    assert minsk.values()[speed] == holds
    _run(minsk, 1)
    assert minsk.values()[command] == Command.NONE
    assert minsk.values()[speed] == holds


def test_a_stopped_machine_waits_for_reset_and_start(gypsum, minsk: World) -> None:
    """Stop, reset and start lead through stopped and idle; nothing starts by itself."""
    command, state = (_tag(gypsum, f"{BOARDS}/former/{key}") for key in ("command", "state"))
    seen = []
    for asked in (Command.STOP, Command.RESET, Command.START):
        minsk.write(command, asked)
        _run(minsk, 5)
        seen.append(State(int(minsk.values()[state])))
    assert seen == [State.STOPPED, State.IDLE, State.EXECUTE]


def test_a_mode_is_chosen_while_the_machine_stands(gypsum, minsk: World) -> None:
    """Refused while it runs; in maintenance nothing starts it but a command; production gives it back to the line."""
    command, mode, state = (_tag(gypsum, f"{BOARDS}/former/{key}") for key in ("command", "mode", "state"))
    assert _refusal(minsk, mode, Mode.MAINTENANCE) == "not_now"
    assert minsk.values()[mode] == Mode.PRODUCTION
    minsk.write(command, Command.ABORT)
    _run(minsk, 1)
    minsk.write(mode, Mode.MAINTENANCE)
    assert minsk.values()[mode] == Mode.MAINTENANCE
    minsk.write(command, Command.CLEAR)
    _run(minsk, 5)
    assert minsk.values()[state] == State.STOPPED
    assert minsk.values()[mode] == Mode.MAINTENANCE
    minsk.write(mode, Mode.PRODUCTION)
    _run(minsk, 1)
    assert minsk.values()[mode] == Mode.PRODUCTION
    assert _refusal(minsk, mode, 9) == "out_of_range"


def test_a_failed_machine_in_maintenance_waits_for_the_fitter(gypsum, minsk: World) -> None:
    """Whoever turns the key to maintenance during a repair keeps the machine from starting when it is over."""
    mode, state = (_tag(gypsum, f"{BOARDS}/former/{key}") for key in ("mode", "state"))
    row = minsk.fixed.roster.row["minsk", "boards", "boards", "former"]
    minsk.state.machines.fails_s[row] = 0.0
    _run(minsk, 0.5)
    assert minsk.values()[state] == State.ABORTED
    minsk.write(mode, Mode.MAINTENANCE)
    minsk.state.machines.left_s[row] = 0.0
    _run(minsk, 10)
    assert minsk.values()[state] == State.STOPPED
    minsk.write(mode, Mode.PRODUCTION)
    _run(minsk, 5)
    assert minsk.values()[state] == State.EXECUTE


def test_a_recipe_loads_its_set_points(gypsum, minsk: World) -> None:
    """The name of a product loads the masses of its recipe; the next batch is weighed by them."""
    recipe = _text(gypsum, f"{MIXER}/recipe")
    product = _text(gypsum, f"{MIXER}/product")
    gypsum_sp, gypsum_mass = (_tag(gypsum, f"{MIXER}/{key}") for key in ("gypsum_mass_sp", "gypsum_mass"))
    line = gypsum.enterprise.site("minsk").line("dry-mix")
    assert minsk.texts()[recipe] == minsk.texts()[product]
    masses = {}
    for each in line.ideal_rates:
        minsk.write_text(recipe, each)
        assert minsk.texts()[recipe] == each
        _run(minsk, 15)
        assert minsk.texts()[recipe] == each
        masses[each] = minsk.values()[gypsum_sp]
        assert minsk.values()[gypsum_mass] == pytest.approx(masses[each], rel=0.02)
    assert len(set(masses.values())) == len(masses)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (f"{MIXER}/recipe", "board-12", "out_of_range"),
        (f"{MIXER}/recipe", "", "out_of_range"),
        (f"{MIXER}/product", "putty-20", "not_writable"),
        ("saratov/dry-mix/dry-mix/mixer/recipe", "putty-20", "not_ours"),
    ],
)
def test_a_text_that_cannot_be_is_refused(gypsum, minsk: World, path: str, value: str, reason: str) -> None:
    """A product of another line, a text that is no control and a plant of others are told apart; nothing changes."""
    before, texts = minsk.values(), minsk.texts()
    with pytest.raises(BadInputError) as caught:
        minsk.write_text(_text(gypsum, path), value)
    assert caught.value.reason == reason
    assert minsk.texts() == texts
    assert np.array_equal(minsk.values(), before, equal_nan=True)


def test_the_next_order_loads_its_own_recipe(gypsum, minsk: World) -> None:
    """What an operator set holds for the order; the next one brings its own set points."""
    recipe, product = (_text(gypsum, f"{MIXER}/{key}") for key in ("recipe", "product"))
    lines = [line.slug for _, line in minsk.fixed.plan.lines]
    other = next(each for each in ("plaster-30", "putty-20") if each != minsk.texts()[product])
    minsk.write_text(recipe, other)
    orders = minsk.state.plan
    orders.done[lines.index("dry-mix")] = orders.quantity[lines.index("dry-mix")]
    _run(minsk, 1)
    assert minsk.texts()[recipe] == minsk.orders(lines.index("dry-mix"))[0].product


def test_followers_take_no_orders_of_their_own(print_farm) -> None:
    """A machine that copies another one's state refuses commands and modes."""
    world = print_farm.world()
    where = "izhevsk/parts/electronics/inspection"
    assert _refusal(world, _tag(print_farm, f"{where}/command"), Command.STOP) == "not_now"
    assert _refusal(world, _tag(print_farm, f"{where}/mode"), Mode.MANUAL) == "not_now"


def test_controls_survive_a_restart(gypsum, minsk: World, tmp_path) -> None:
    """Orders, recipe, mode and last command are part of the saved world."""
    command, mode = (_tag(gypsum, f"{BOARDS}/former/{key}") for key in ("command", "mode"))
    recipe = _text(gypsum, f"{MIXER}/recipe")
    minsk.write_text(recipe, "putty-20")
    minsk.write(command, Command.STOP)
    _run(minsk, 1)
    minsk.write(mode, Mode.MANUAL)
    minsk.save(tmp_path / "world.npz")
    again = gypsum.world("minsk", start_ms=gypsum.start_ms + 5_000)
    again.load(tmp_path / "world.npz")
    assert again.values()[mode] == Mode.MANUAL
    assert again.values()[command] == Command.STOP
    assert again.texts()[recipe] == "putty-20"
    lines = range(len(minsk.planned_lines()))
    assert [again.orders(line) for line in lines] == [minsk.orders(line) for line in lines]
    assert again.plan_changes().tolist() == minsk.plan_changes().tolist()

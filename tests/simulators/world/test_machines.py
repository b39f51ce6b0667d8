from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from plant.packml import Mode, State
from simulators.world.machines import Cause, Machines, MachineState, Signals, command, modes, start, step
from simulators.world.maintenance import Maintenance
from simulators.world.roster import NEVER_S
from simulators.world.transitions import COMMANDS, Command


def _machines(count: int, **changes: float) -> Machines:
    numbers = {
        "mtbf_s": NEVER_S,
        "mttr_s": 1800.0,
        "minor_every_s": NEVER_S,
        "minor_s": 90.0,
        "start_s": 30.0,
        "life_s": 3.6e6,
        "renewed_at": 1.0,
        "batch_s": NEVER_S,
        "gap_s": 60.0,
    } | changes
    arrays = {name: np.full(count, value) for name, value in numbers.items()}
    idle_plan = Maintenance((), np.full(count, np.inf))
    return Machines(active=np.ones(count, np.bool_), follows=np.full(count, -1), maintenance=idle_plan, **arrays)


def _signals(count: int, **changes: float) -> Signals:
    no = np.zeros(count, np.bool_)
    calm = Signals(no, no, ~no, ~no, no, np.full(count, 600.0), np.ones(count), *np.zeros((2, count)))
    return replace(calm, **{name: np.full(count, value) for name, value in changes.items()})


def _start(machines: Machines, seed: int = 1) -> MachineState:
    rng = np.random.default_rng(seed)
    count = len(machines.active)
    return start(machines, np.ones(count, np.bool_), rng.standard_normal((2, count)), rng.random((4, count)))


def _run(machines: Machines, state: MachineState, signals: Signals, hours: float, dt_s: float = 10.0):
    rng = np.random.default_rng(2)
    count = len(machines.active)
    for _ in range(round(hours * 3600.0 / dt_s)):
        state = step(machines, state, signals, dt_s, rng.standard_normal((2, count)), rng.random((4, count)))
        yield state


@pytest.mark.parametrize("dt_s", [1.0, 10.0])
def test_failures_and_repairs_come_as_stated(dt_s: float) -> None:
    """MTBF over running time and MTTR of many machines are those of the model to 8 %, for short and long steps."""
    count, hours = (1500, 1.0) if dt_s == 1.0 else (600, 8.0)
    machines = _machines(count, mtbf_s=2.0 * 3600.0, mttr_s=300.0)
    running = down = failures = repairs = 0
    before = None
    for state in _run(machines, _start(machines), _signals(count), hours, dt_s):
        running += int((state.state == State.EXECUTE).sum())
        down += int((state.state == State.ABORTED).sum())
        if before is not None:
            failures += int(((state.state == State.ABORTING) & (before == State.EXECUTE)).sum())
            repairs += int(((state.state == State.CLEARING) & (before == State.ABORTED)).sum())
        before = state.state
    assert failures > 500
    assert running * dt_s / failures == pytest.approx(2.0 * 3600.0, rel=0.08)
    assert down * dt_s / repairs == pytest.approx(300.0, rel=0.08)


def test_worn_machines_fail_more_often() -> None:
    """A worn out machine fails about three times as often as a new one."""
    failures = []
    for wear in (0.0, 0.999):
        machines = _machines(800, mtbf_s=2.0 * 3600.0, life_s=NEVER_S)
        begun = replace(_start(machines), wear=np.full(800, wear))
        before, count = None, 0
        for state in _run(machines, begun, _signals(800), 2.0):
            count += 0 if before is None else int(((state.state == State.ABORTING) & (before == State.EXECUTE)).sum())
            before = state.state
        failures.append(count)
    assert 2.2 < failures[1] / failures[0] < 4.0


def test_fitters_renew_what_is_worn_out() -> None:
    """Once worn out, a machine is renewed at its next stop."""
    machines = _machines(1, minor_every_s=3600.0)
    state = replace(_start(machines), wear=np.array([0.9999]), stops_s=np.array([1800.0]))
    machines = replace(machines, life_s=np.array([3600.0]))
    wears = [float(state.wear[0]) for state in _run(machines, state, _signals(1), 1.0)]
    assert max(wears) > 1.0
    assert wears[-1] < 0.5


def _path(states) -> list[State]:
    path: list[State] = []
    for state in states:
        if not path or state.state[0] != path[-1]:
            path.append(State(int(state.state[0])))
    return path


def test_a_failure_goes_the_whole_way_back() -> None:
    """Aborting, aborted (in maintenance once the fitter is there), clearing, stopped, resetting, idle, starting."""
    machines = _machines(1)
    state = replace(_start(machines), fails_s=np.zeros(1))
    seen = list(_run(machines, state, _signals(1), 6.0))
    assert _path(seen) == [
        State.ABORTING,
        State.ABORTED,
        State.CLEARING,
        State.STOPPED,
        State.RESETTING,
        State.IDLE,
        State.STARTING,
        State.EXECUTE,
    ]
    aborted = [int(modes(state)[0]) for state in seen if state.state[0] == State.ABORTED]
    assert aborted[0] == Mode.PRODUCTION
    assert aborted[-1] == Mode.MAINTENANCE
    assert seen[-1].cause[0] == Cause.NONE


def test_a_starved_machine_waits_and_goes_on() -> None:
    """Without material a machine runs empty for a while, suspends itself, and goes on when it is supplied."""
    machines = _machines(1)
    starving = list(_run(machines, _start(machines), _signals(1, starved=True, supplied=False), 0.1))
    assert _path(starving) == [State.EXECUTE, State.SUSPENDING, State.SUSPENDED]
    assert starving[-1].cause[0] == Cause.MATERIAL
    assert _path(_run(machines, starving[-1], _signals(1), 0.1)) == [State.UNSUSPENDING, State.EXECUTE]


def test_a_changeover_is_a_mode() -> None:
    """The order's end leads through complete, in change-over mode for the set-up, back to execute."""
    machines = _machines(1)
    finishing = list(_run(machines, _start(machines), _signals(1, finish=True), 0.05))
    assert _path(finishing) == [State.COMPLETING, State.COMPLETE]
    assert modes(finishing[-1])[0] == Mode.CHANGEOVER
    rest = list(_run(machines, finishing[-1], _signals(1), 0.5))
    assert _path(rest) == [State.COMPLETE, State.RESETTING, State.IDLE, State.STARTING, State.EXECUTE]
    assert modes(rest[-1])[0] == Mode.PRODUCTION


def test_planned_maintenance_stops_renews_and_lets_go() -> None:
    """In its window a machine stops, in maintenance mode with the reason planned; it comes back as good as new."""
    machines = _machines(1)
    worn = replace(_start(machines), wear=np.array([0.8]))
    during = list(_run(machines, worn, _signals(1, planned_s=1_800.0), 0.05))
    assert _path(during) == [State.STOPPING, State.STOPPED]
    assert modes(during[-1])[0] == Mode.MAINTENANCE
    assert during[-1].cause[0] == Cause.PLANNED
    assert during[-1].wear[0] == 0.0
    rest = list(_run(machines, during[-1], _signals(1), 1.0))
    assert _path(rest) == [State.STOPPED, State.RESETTING, State.IDLE, State.STARTING, State.EXECUTE]
    stood = sum(state.state[0] == State.STOPPED for state in during + rest) * 10.0
    assert stood == pytest.approx(1_800.0, abs=60.0)


def test_a_machine_stands_while_its_crew_rests() -> None:
    """In a break it stops, in production mode with the reason planned, is not renewed, and goes on at its end."""
    machines = _machines(1)
    worn = replace(_start(machines), wear=np.array([0.8]))
    during = list(_run(machines, worn, _signals(1, rest_s=1_800.0), 0.05))
    assert _path(during) == [State.STOPPING, State.STOPPED]
    assert modes(during[-1])[0] == Mode.PRODUCTION
    assert Cause(during[-1].cause[0]).reason == "planned"
    assert during[-1].wear[0] == pytest.approx(0.8, abs=1e-4)
    rest = list(_run(machines, during[-1], _signals(1), 1.0))
    assert _path(rest) == [State.STOPPED, State.RESETTING, State.IDLE, State.STARTING, State.EXECUTE]
    stood = sum(state.state[0] == State.STOPPED for state in during + rest) * 10.0
    assert stood == pytest.approx(1_800.0, abs=60.0)


def test_a_set_up_is_finished_before_the_crew_rests() -> None:
    """A change-over that is under way goes on; the machine stands once it would start."""
    machines = _machines(1)
    under_way = list(_run(machines, _start(machines), _signals(1, finish=True), 0.05))[-1]
    assert (under_way.state[0], under_way.cause[0]) == (State.COMPLETE, Cause.CHANGEOVER)
    assert _path(_run(machines, under_way, _signals(1, rest_s=7_200.0), 0.5)) == [
        State.COMPLETE,
        State.RESETTING,
        State.IDLE,
        State.STOPPING,
        State.STOPPED,
    ]


def test_maintenance_leaves_alone_what_an_operator_stopped() -> None:
    """A machine that waits for its operator goes on waiting."""
    machines = _machines(1)
    stopped = command(machines, _start(machines), 0, Command.STOP)
    assert stopped is not None
    after = list(_run(machines, stopped, _signals(1, planned_s=1_800.0), 0.5))[-1]
    assert after.cause[0] == Cause.PERSONNEL


def test_without_an_order_a_machine_stays_idle() -> None:
    """Idle lasts until there is something to make."""
    machines = _machines(1)
    waiting = list(_run(machines, _start(machines), _signals(1, finish=True, ordered=False), 0.5))
    assert _path(waiting)[-1] == State.IDLE
    assert _path(_run(machines, waiting[-1], _signals(1), 0.2))[-1] == State.EXECUTE


def test_batches_repeat() -> None:
    """A batch machine executes for its batch, rests for the gap, and begins anew."""
    machines = _machines(1, batch_s=600.0, gap_s=120.0)
    path = _path(_run(machines, _start(machines), _signals(1), 1.0))
    assert path.count(State.COMPLETE) >= 3
    assert path.count(State.EXECUTE) >= 3


def test_an_operator_stops_and_starts() -> None:
    """A stopped machine stays stopped until reset and start; hold waits for unhold; abort for clear."""
    machines = _machines(1)
    state = _start(machines)
    for asked, ends in (
        (Command.HOLD, State.HELD),
        (Command.UNHOLD, State.EXECUTE),
        (Command.STOP, State.STOPPED),
        (Command.RESET, State.IDLE),
        (Command.START, State.EXECUTE),
        (Command.ABORT, State.ABORTED),
        (Command.CLEAR, State.STOPPED),
    ):
        after = command(machines, state, 0, asked)
        assert after is not None, asked
        state = list(_run(machines, after, _signals(1), 0.5))[-1]
        assert state.state[0] == ends, asked


@pytest.mark.parametrize("asked", [each for each in Command if each is not Command.NONE])
def test_a_command_is_taken_only_where_packml_takes_it(asked: Command) -> None:
    """From any other state the command is refused and nothing changes."""
    machines = _machines(1)
    for present in State:
        state = replace(_start(machines), state=np.array([int(present)]))
        assert (command(machines, state, 0, asked) is not None) == (present in COMMANDS[asked][0])


def test_followers_copy_their_unit() -> None:
    """A fan that follows its dryer has the dryer's state and takes no commands of its own."""
    machines = replace(_machines(2), follows=np.array([-1, 0]))
    begun = replace(_start(machines), fails_s=np.array([0.0, 1e9]))
    assert command(machines, begun, 1, Command.STOP) is None
    for state in _run(machines, begun, _signals(2), 1.0):
        assert state.state[0] == state.state[1]


def test_an_operators_mode_outranks_the_works() -> None:
    """A chosen mode shows until it is given back."""
    machines = _machines(1)
    state = replace(_start(machines), mode=np.array([int(Mode.MANUAL)]))
    assert modes(state)[0] == Mode.MANUAL

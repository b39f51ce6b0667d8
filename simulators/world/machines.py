"""The PackML state of every machine: starts, stops, failures, repairs, maintenance, change-overs, lack of material.

One step over arrays of all units. Failures come after exponentially distributed *running* time (MTBF), repairs last
log-normally (MTTR); both are the usual choice for machines past their infancy. Clocks are drawn ahead and counted down,
so the length of a step does not bend the statistics.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from plant.packml import Mode, State
from simulators.world import forced
from simulators.world.identity import Same
from simulators.world.inertia import ZERO, Bools, Floats, Ints, some
from simulators.world.influence import Influences
from simulators.world.maintenance import RENEW_FROM, Maintenance
from simulators.world.transitions import COMMANDS, DURATION_S, NEXT, Cause, Command

PATIENCE_S = 45.0
"""A machine that starves or is blocked runs on empty this long before it suspends itself."""
SETTLE_S = 5.0
"""Pause of the sequence in Stopped and Idle before it goes on, s."""
REACTION_S = 240.0
"""Time until a fitter turns the key to maintenance after a failure, s, before the crew's factor."""
REPAIR_SPREAD = 0.8
"""Deviation of ln(repair time): half of the repairs take under 0.73 of the mean, one in twenty over 2.7 of it."""
MINOR_SPREAD = 0.5
"""Deviation of ln(length of a minor stop)."""
WEAR_FLOOR, WEAR_GAIN = 0.6, 1.2
"""The failure rate goes with 0.6 + 1.2 wear^2: a worn out machine fails three times as often as a new one."""
ELECTRICAL_SHARE, PROCESS_SHARE = 0.30, 0.15
"""Shares of failures; the rest is mechanical. Typical of conveyors, mills and burners in dusty air."""
FOREVER = np.inf


@dataclass(frozen=True, slots=True)
class Machines:
    """What does not change; all arrays of shape (units,).

    Attributes:
        active: Has states of its own; the others execute for ever.
        follows: Row of the unit whose state this one copies, -1 for none.
        mtbf_s: Mean running time between failures, s; infinite for what never fails.
        mttr_s: Mean time from failure to cleared, s.
        minor_every_s: Mean running time between minor stops, s; `minor_s` their mean length.
        start_s: Length of Starting, s.
        life_s: Running time from new to worn out, s.
        renewed_at: Wear at which it is usually renewed, 0 to 1; the mean failure rate up to there is 1 / `mtbf_s`.
        maintenance: When it is stopped for maintenance.
        batch_s: Running time after which a batch is complete, s, infinite for continuous machines; `gap_s` the pause.
    """

    active: Bools
    follows: Ints
    mtbf_s: Floats
    mttr_s: Floats
    minor_every_s: Floats
    minor_s: Floats
    start_s: Floats
    life_s: Floats
    renewed_at: Floats
    maintenance: Maintenance
    batch_s: Floats
    gap_s: Floats


@dataclass(frozen=True, slots=True)
class MachineState:
    """What changes; all arrays of shape (units,).

    Attributes:
        state: `plant.packml.State`.
        cause: `Cause` of the present or last stop, NONE while executing.
        left_s: Time to the end of the present state, infinite while it waits for something.
        maintain_s: Mode is maintenance once `left_s` of Aborted is down to this.
        ran_s: Time since Execute began, s.
        fails_s: Running time to the next failure; `stops_s` to the next minor stop.
        wear: 0 new to 1 worn out.
        short_s: Time without material; `full_s` without room for what is made.
        automatic: The line's sequence starts and restarts it; False after an operator's stop, hold or abort.
        mode: Mode that an operator has chosen, 0 for the one that follows from the work.
    """

    state: Ints
    cause: Ints
    left_s: Floats
    maintain_s: Floats
    ran_s: Floats
    fails_s: Floats
    stops_s: Floats
    wear: Floats
    short_s: Floats
    full_s: Floats
    automatic: Bools
    mode: Ints


@dataclass(frozen=True, slots=True)
class Signals:
    """What a machine sees of its surroundings; all arrays of shape (units,).

    Attributes:
        starved: Gets no material; `blocked` has no room for what it makes.
        supplied: There is material for a minute and room, so a suspended machine may go on.
        ordered: There is something to make.
        finish: The order is done and another set-up follows, which takes `setup_s`.
        reaction: Factor on the time until people come.
        planned_s: Time left of the planned maintenance that it is in, 0 without, s; `rest_s` of the crew's rest.
    """

    starved: Bools
    blocked: Bools
    supplied: Bools
    ordered: Bools
    finish: Bools
    setup_s: Floats
    reaction: Floats
    planned_s: Floats
    rest_s: Floats


# Plain integers: comparing an array with an enum member costs several times as much.
_EXECUTE, _ABORTED, _IDLE, _STOPPED, _SUSPENDED = (
    int(state) for state in (State.EXECUTE, State.ABORTED, State.IDLE, State.STOPPED, State.SUSPENDED)
)
_HELD, _RESETTING, _CHANGEOVER = int(State.HELD), int(State.RESETTING), int(Cause.CHANGEOVER)
_PLANNED, _REST, _COMPLETE = int(Cause.PLANNED), int(Cause.REST), int(State.COMPLETE)
_PRODUCTION, _MAINTENANCE, _IN_CHANGEOVER = int(Mode.PRODUCTION), int(Mode.MAINTENANCE), int(Mode.CHANGEOVER)
_CAN_STOP = np.array([state in COMMANDS[Command.STOP][0] and state not in NEXT for state in State])
"""Whether a machine in that state is stopped for maintenance at once; what is on its way somewhere gets there first."""
_PASSES = np.array([state in NEXT or state is State.ABORTED for state in State])
"""Whether a state ends by its clock alone, so that all of its overshoot is carried on; other states may have waited."""
_FOLLOWERS = dict(NEXT) | {
    State.HELD: State.UNHOLDING,
    State.ABORTED: State.CLEARING,
    State.COMPLETE: State.RESETTING,
    State.STOPPED: State.RESETTING,
    State.IDLE: State.STARTING,
}
_NEXT = np.array([_FOLLOWERS.get(state, state) for state in State], np.int64)
_DURATION = np.array([DURATION_S.get(state, FOREVER) for state in State])
_DURATION[[State.STOPPED, State.IDLE]] = SETTLE_S


def start(machines: Machines, ordered: Bools, normal: Floats, uniform: Floats) -> MachineState:
    """A warm plant: most machines execute, and as many are under repair as MTBF and MTTR say.

    Args:
        machines: What does not change.
        ordered: There is something to make, shape (units,).
        normal: Standard normal draws, shape (at least 1, units).
        uniform: Draws on [0, 1), shape (at least 4, units).
    """
    down = machines.active & (uniform[0] < machines.mttr_s / (machines.mtbf_s + machines.mttr_s))
    idle = machines.active & ~ordered & ~down
    state = np.where(down, State.ABORTED, np.where(idle, State.IDLE, State.EXECUTE)).astype(np.int64)
    zero = np.zeros(len(state))
    repair = machines.mttr_s * _lognormal(normal[0], REPAIR_SPREAD)
    begun = MachineState(
        state=state,
        cause=np.where(down, Cause.MECHANICAL, Cause.NONE).astype(np.int64),
        left_s=np.where(down, repair * uniform[1], np.where(idle, SETTLE_S, FOREVER)),
        maintain_s=repair,
        ran_s=np.where(state == State.EXECUTE, 1800.0 + 20_000.0 * uniform[1], 0.0),
        fails_s=-np.log1p(-uniform[2]) * machines.mtbf_s,
        stops_s=-np.log1p(-uniform[3]) * machines.minor_every_s,
        wear=uniform[1] * machines.renewed_at,
        short_s=zero,
        full_s=zero,
        automatic=np.ones(len(state), np.bool_),
        mode=np.zeros(len(state), np.int64),
    )
    return _follow(machines, begun)


def step(
    machines: Machines,
    before: MachineState,
    signals: Signals,
    dt_s: float,
    normal: Floats,
    uniform: Floats,
    influences: Influences | None = None,
) -> MachineState:
    """All machines `dt_s` later; at most one transition each, the overshoot of its time is carried on.

    Args:
        machines: What does not change.
        before: The state to go on from.
        signals: Of the step before.
        dt_s: Length of the step, s.
        normal: Standard normal draws, shape (at least 2, units).
        uniform: Draws on [0, 1), shape (at least 4, units).
        influences: What is done to machines on purpose; None for nothing.
    """
    acting = influences or Influences.none(len(before.state))
    running = before.state == _EXECUTE
    ran = np.where(running, dt_s, ZERO)
    stands = forced.dark(acting) & (before.state == _ABORTED)
    now = MachineState(
        state=before.state,
        cause=before.cause,
        left_s=before.left_s - np.where(stands, ZERO, dt_s),
        maintain_s=before.maintain_s,
        ran_s=np.where(running, before.ran_s + dt_s, ZERO),
        fails_s=before.fails_s - ran * failure_rate(before.wear, machines.renewed_at),
        stops_s=before.stops_s - ran,
        wear=_worn(machines, before, running, ran * acting.wear_rate),
        short_s=np.where(signals.starved & running, before.short_s + dt_s, ZERO),
        full_s=np.where(signals.blocked & running, before.full_s + dt_s, ZERO),
        automatic=before.automatic,
        mode=before.mode,
    )
    target, cause = forced.targets(now.state, *_targets(machines, now, running, signals, uniform), acting)
    changed = (target != now.state) & machines.active & (machines.follows < 0)
    if some(changed):
        now = _enter(machines, now, target, cause, changed, signals, normal, uniform, dt_s, acting)
    return _follow(machines, now)


def failure_rate(wear: Floats, renewed_at: Floats) -> Floats:
    """Failure rate against 1 / MTBF: `WEAR_FLOOR` + `WEAR_GAIN` wear^2, so that it is 1 on average up to renewal.

    Args:
        wear: 0 new to 1 worn out.
        renewed_at: Wear at which the machine is usually renewed; wear is evenly spread below it.
    """
    return (WEAR_FLOOR + WEAR_GAIN * wear**2) / (WEAR_FLOOR + WEAR_GAIN * renewed_at**2 / 3.0)


def _worn(machines: Machines, before: MachineState, running: Bools, worked_s: Floats) -> Floats:
    """Wear after some work; new in planned maintenance when half worn, and at any stop when worn out."""
    planned = (before.state == _STOPPED) & (before.cause == _PLANNED)
    renewed = (planned & (before.wear >= RENEW_FROM)) | (~running & (before.wear >= 1.0))
    return np.where(renewed, 0.0, before.wear + worked_s / machines.life_s)


def command(machines: Machines, now: MachineState, row: int, asked: Command) -> MachineState | None:
    """The state after an operator's command to one machine, None if its present state does not take it."""
    sources, target = COMMANDS[asked]
    if not machines.active[row] or machines.follows[row] >= 0 or State(int(now.state[row])) not in sources:
        return None
    state, left, cause, automatic = (now.state.copy(), now.left_s.copy(), now.cause.copy(), now.automatic.copy())
    state[row] = target
    left[row] = machines.start_s[row] if target is State.STARTING else _DURATION[target]
    automatic[row] = asked in {Command.START, Command.UNHOLD, Command.UNSUSPEND}
    if not automatic[row]:
        cause[row] = Cause.PERSONNEL
    return _follow(machines, replace(now, state=state, left_s=left, cause=cause, automatic=automatic))


def modes(now: MachineState) -> Ints:
    """`plant.packml.Mode` of each machine: what an operator chose, else what the work is."""
    repair = (now.state == _ABORTED) & (now.left_s <= now.maintain_s)
    repair |= (now.cause == _PLANNED) & (now.state == _STOPPED)
    setup = (now.cause == _CHANGEOVER) & ((now.state >= _RESETTING) | (now.state == _HELD))
    by_work = np.where(repair, _MAINTENANCE, np.where(setup, _IN_CHANGEOVER, _PRODUCTION))
    return np.where(now.mode > 0, now.mode, by_work)


def _targets(
    machines: Machines, now: MachineState, running: Bools, signals: Signals, uniform: Floats
) -> tuple[Ints, Ints]:
    """State and cause that each machine goes to; later lines outrank earlier ones."""
    due = now.left_s <= 0.0
    waits = (now.state == _IDLE) & ~signals.ordered
    waits |= ((now.state == _STOPPED) | (now.state == _IDLE)) & (~now.automatic | (now.mode > 0))
    target = np.where(due & ~waits, _NEXT[now.state], now.state)
    target[(now.state == _SUSPENDED) & signals.supplied & now.automatic] = State.UNSUSPENDING
    cause = now.cause.copy()

    def leave(rows: Bools, to: State, why: Cause) -> None:
        target[rows] = to
        cause[rows] = why

    leave(now.short_s > PATIENCE_S, State.SUSPENDING, Cause.MATERIAL)
    leave(now.full_s > PATIENCE_S, State.SUSPENDING, Cause.DOWNSTREAM)
    leave(running & (now.ran_s >= machines.batch_s), State.COMPLETING, Cause.NONE)
    leave(running & signals.finish, State.COMPLETING, Cause.CHANGEOVER)
    leave(running & (now.stops_s <= 0.0), State.HOLDING, Cause.PROCESS)
    if some(signals.rest_s):
        rests = (signals.rest_s > 0.0) & now.automatic & machines.active
        setting_up = (now.state == _COMPLETE) & (now.cause == _CHANGEOVER)  # whoever sets up finishes first
        leave(rests & _CAN_STOP[now.state] & ~setting_up, State.STOPPING, Cause.REST)
    if some(signals.planned_s):
        planned = (signals.planned_s > 0.0) & now.automatic & machines.active
        leave(planned & _CAN_STOP[now.state], State.STOPPING, Cause.PLANNED)
    failed = running & (now.fails_s <= 0.0)
    if some(failed):
        leave(failed, State.ABORTING, Cause.MECHANICAL)
        cause[failed & (uniform[0] < ELECTRICAL_SHARE + PROCESS_SHARE)] = Cause.ELECTRICAL
        cause[failed & (uniform[0] < PROCESS_SHARE)] = Cause.PROCESS
    return target, cause


def _enter(
    machines: Machines,
    now: MachineState,
    target: Ints,
    cause: Ints,
    changed: Bools,
    signals: Signals,
    normal: Floats,
    uniform: Floats,
    dt_s: float,
    acting: Influences,
) -> MachineState:
    """Begin the new states: draw how long they last and the next failure or minor stop."""
    lasts = _DURATION[target]
    lasts = np.where(target == State.STARTING, machines.start_s, lasts)
    setup = np.where(cause == _CHANGEOVER, signals.setup_s, machines.gap_s * (0.8 + 0.4 * uniform[1]))
    lasts = np.where(target == State.COMPLETE, setup, lasts)
    minor = machines.minor_s * _lognormal(normal[1], MINOR_SPREAD) * signals.reaction
    lasts = np.where((target == State.HELD) & now.automatic, np.where(acting.hold, 0.0, minor), lasts)
    usual = machines.mttr_s * _lognormal(normal[0], REPAIR_SPREAD) * signals.reaction
    repair = forced.repair_s(usual, uniform[1], acting)
    for why, stands_s in ((_PLANNED, signals.planned_s), (_REST, signals.rest_s)):
        lasts = np.where((target == _STOPPED) & (cause == why), np.maximum(SETTLE_S, stands_s), lasts)
    aborts = changed & (target == _ABORTED) & now.automatic
    lasts = np.where(aborts, repair, lasts)
    overshoot = np.minimum(0.0, np.maximum(now.left_s, np.where(_PASSES[now.state], -FOREVER, -dt_s)))
    fails = changed & (target == State.ABORTING) & (now.fails_s <= 0.0)
    stops = changed & (target == State.HOLDING) & (now.stops_s <= 0.0)
    renewed = changed & (target == State.ABORTING) & acting.fail & (cause == Cause.MECHANICAL)
    runs = changed & ((target == _EXECUTE) | (target == State.STARTING))
    return replace(
        now,
        state=np.where(changed, target, now.state),
        cause=np.where(runs, Cause.NONE, np.where(changed, cause, now.cause)),
        left_s=np.where(changed, lasts + overshoot, now.left_s),
        maintain_s=np.where(aborts, repair - REACTION_S * signals.reaction, now.maintain_s),
        fails_s=np.where(fails, -np.log1p(-uniform[2]) * machines.mtbf_s, now.fails_s),
        stops_s=np.where(stops, -np.log1p(-uniform[3]) * machines.minor_every_s, now.stops_s),
        wear=np.where(renewed, 0.0, now.wear),
        short_s=np.where(changed, 0.0, now.short_s),
        full_s=np.where(changed, 0.0, now.full_s),
    )


def _follow(machines: Machines, now: MachineState) -> MachineState:
    """Copy the state of the unit that each follower belongs to."""
    source = _leaders(Same(machines))
    return replace(
        now,
        state=now.state[source],
        cause=now.cause[source],
        left_s=now.left_s[source],
        ran_s=now.ran_s[source],
    )


@lru_cache(maxsize=16)
def _leaders(machines: Same[Machines]) -> Ints:
    """Row of the unit whose state each unit has: mostly its own."""
    follows = machines.thing.follows
    return np.where(follows >= 0, follows, np.arange(len(follows)))


def _lognormal(normal: Floats, spread: float) -> Floats:
    """Factors with mean 1."""
    return np.exp(spread * normal - 0.5 * spread * spread)

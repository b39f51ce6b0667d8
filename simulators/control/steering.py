"""What an engineer's request does to a world and its edge nodes, and what the status tells of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plant.errors import ConfigurationError
from plant.model.enterprise import Enterprise, Role
from plant.model.mistakes import did_you_mean
from plant.model.tags import TagTable
from plant.packml import State
from simulators.control.begin import Stage, begin
from simulators.control.messages import (
    Action,
    Inject,
    InjectionRow,
    NodePhase,
    NodeRow,
    Recover,
    SetSpeed,
    Status,
    Switch,
)
from simulators.fleet.edge import EdgeNode
from simulators.fleet.rate import Rate
from simulators.fleet.status import FleetStatus

_STATE_NAMES = {state.value: state.name.title() for state in State}
"""An instrument may be made to show what is no state; that must not end a status."""


class SteeredWorld(Stage, Protocol):
    """What is asked of a world."""

    def values(self) -> NDArray[np.float64]:
        """Present value of every tag of the tag table, NaN for none."""

    def recover(self, name: str) -> None:
        """End it before its time; a `ConfigurationError` says why not."""


class SteeredFleet(Protocol):
    """What is asked of a fleet."""

    @property
    def nodes(self) -> Sequence[EdgeNode]:
        """All edge nodes."""

    def status(self) -> FleetStatus:
        """How things are now."""

    @property
    def gait(self) -> float:
        """World seconds per second that it goes at now, at most."""

    def set_speed(self, speed: float) -> None:
        """Replay at another speed; a `ConfigurationError` says why not."""

    async def switch(self, nodes: Sequence[EdgeNode], *, on: bool) -> None:
        """Switch edge nodes on or off."""


class Steering:
    """Carries out requests between two steps of the world.

    Args:
        world: Runs in the same loop.
        fleet: Its edge nodes.
        enterprise: The model.
        clock: Wall clock, UTC ms.
    """

    def __init__(
        self, world: SteeredWorld, fleet: SteeredFleet, enterprise: Enterprise, clock: Callable[[], int]
    ) -> None:
        self._world = world
        self._fleet = fleet
        self._clock = clock
        self._rates = {node.name: Rate() for node in fleet.nodes}
        self._states = {node.name: _state_tags(node, TagTable(enterprise)) for node in fleet.nodes}
        self._switching: set[asyncio.Task[None]] = set()

    def carry_out(self, action: Action) -> str:
        """Do what is asked; returns one sentence that says what has been done.

        Raises:
            ConfigurationError: It cannot be done; one sentence says why and what would help.
        """
        match action:
            case Inject():
                return begin(self._world, action)
            case Recover(injection):
                return self._recover(injection)
            case Switch():
                return self._switch(action)
            case SetSpeed(speed):
                self._fleet.set_speed(speed)
                return f"the world goes at {speed:g} seconds a second, if links and machine can follow"

    def status(self) -> Status:
        """How the simulators are now; to be asked for about once a second, for the rates."""
        fleet, values = self._fleet.status(), self._world.values()
        return Status(
            name="",
            instance="",
            online=True,
            time=self._clock(),
            world_ms=fleet.world_ms,
            speed=fleet.speed,
            asked_speed=self._fleet.gait,
            live=fleet.live,
            behind_s=fleet.behind_s,
            values_per_s=fleet.values_per_s,
            ring_bytes=fleet.ring_bytes,
            ring_limit_bytes=fleet.ring_limit_bytes,
            ring_holds_h=fleet.ring_holds_h,
            nodes=tuple(self._row(node, values) for node in self._fleet.nodes),
            injections=tuple(
                InjectionRow(each.id, each.scenario, each.start_ms, dict(each.targets))
                for each in self._world.injections()
            ),
        )

    def _recover(self, injection: str | None) -> str:
        known = [each.id for each in self._world.injections()]
        if injection is not None and injection not in known:
            mend = did_you_mean(injection, known) if known else "no scenario is being played"
            raise ConfigurationError(f"there is no injection '{injection}'; {mend}")
        ended = known if injection is None else [injection]
        for name in ended:
            self._world.recover(name)
        return f"ended: {', '.join(ended)}" if ended else "nothing to end: no scenario is being played"

    def _switch(self, asked: Switch) -> str:
        nodes = self._chosen(asked)
        task = asyncio.get_running_loop().create_task(self._fleet.switch(nodes, on=asked.action == "start"))
        self._switching.add(task)
        task.add_done_callback(self._switching.discard)
        names = ", ".join(node.name for node in nodes)
        return f"switching on: {names}" if asked.action == "start" else f"switching off: {names}"

    def _chosen(self, asked: Switch) -> list[EdgeNode]:
        sites = sorted({node.plan.definition.group for node in self._fleet.nodes})
        if asked.site not in sites:
            raise ConfigurationError(f"site '{asked.site}' is not simulated here; {did_you_mean(asked.site, sites)}")
        at_site = [node for node in self._fleet.nodes if node.plan.definition.group == asked.site]
        names = [node.plan.definition.node for node in at_site]
        if asked.node is not None and asked.node not in names:
            mend = did_you_mean(asked.node, names)
            raise ConfigurationError(f"'{asked.site}' has no edge node '{asked.node}'; {mend}")
        return [node for node in at_site if asked.node in {None, node.plan.definition.node}]

    def _row(self, node: EdgeNode, values: NDArray[np.float64]) -> NodeRow:
        rate, counts = self._rates[node.name], node.counts
        rate.mark(asyncio.get_running_loop().time(), counts.values)
        present = values[self._states[node.name]]
        codes = Counter(present[~np.isnan(present)].astype(int).tolist())
        return NodeRow(
            site=node.plan.definition.group,
            node=node.plan.definition.node,
            phase=_phase(node),
            values_per_s=rate.per_s,
            values=counts.values,
            replayed=counts.replayed,
            lost=counts.lost,
            backlog_bytes=node.link.backlog,
            births=counts.births.total(),
            states={_STATE_NAMES.get(code, str(code)): times for code, times in sorted(codes.items())},
        )


def _phase(node: EdgeNode) -> NodePhase:
    if node.off:
        return NodePhase.STOPPED
    if node.cut:
        return NodePhase.CUT
    if not node.link.connected:
        return NodePhase.NO_BROKER
    if not node.born:
        return NodePhase.NO_HOST
    return NodePhase.REPLAYS if node.delivery.pending else NodePhase.BORN


def _state_tags(node: EdgeNode, tags: TagTable) -> NDArray[np.intp]:
    """Rows of the tags that tell the state of the node's units."""
    return np.array(
        [
            tag.index
            for unit in node.plan.units.values()
            for tag in tags.of_unit(unit).values()
            if tag.metric.role is Role.STATE and tag.metric.retired is None
        ],
        np.intp,
    )

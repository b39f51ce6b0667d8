"""All edge nodes of some sites, and the loop that scans the world for them.

::

    pacer ── steps due ──▶ scanner ── changed rows ──▶ layout ── changes per device ──▶ edge nodes ──▶ broker
                             ▲  world                                                      │
                             └──────────────── commands, checked, read back ───────────────┘
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

import structlog

from plant.errors import BadInputError
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.sparkplug.edge import Command
from simulators.fleet.bdseq import BdSeqFile
from simulators.fleet.config import FleetConfig, chosen_sites
from simulators.fleet.edge import Clock, EdgeNode
from simulators.fleet.layout import Layout, NodePlan
from simulators.fleet.pacer import Pacer
from simulators.fleet.rate import Rate
from simulators.fleet.scanner import Scan, Scanner, SteppedWorld
from simulators.fleet.status import FleetStatus, Phase
from simulators.report import Reporter

log = structlog.get_logger(__name__)

SPREAD_S = 0.25
"""The nodes of one scan send within this time, so that they do not all send in one millisecond."""
SPREAD_SHARE = 0.25
"""The same at most, as a share of the time between two scans."""
FULL_BYTES = 1 << 20
"""A link on which this much waits holds up a replay."""
PATIENCE_S = 30.0
"""A live world waits this long for the first births, so that its first scans are not lost; then it goes on."""
MOST_MERGED = 20
"""Scans of a replay that travel in one message of a device; live scans travel one by one."""
RECHECK_S = 0.05
WATCH_S = 1.0


class Fleet:
    """Edge nodes around one world.

    Args:
        config: Where to and how fast.
        enterprise: The model.
        world: Has the tags of the model.
        reporter: Remembers what was told of the world.
        clock: Wall clock, UTC ms.
        rng: For the back-off of the links.
        on_scan: Told of every scan: the journal of the world.

    Attributes:
        nodes: All edge nodes.
        latest: The status about a second ago, for other threads.
    """

    def __init__(
        self,
        config: FleetConfig,
        enterprise: Enterprise,
        world: SteppedWorld,
        reporter: Reporter,
        *,
        clock: Clock,
        rng: random.Random,
        on_scan: Callable[[Scan], None] | None = None,
    ) -> None:
        self._config = config
        self._world = world
        self._scanner = Scanner(world, reporter)
        self._clock = clock
        self._on_scan = on_scan
        self._tags = TagTable(enterprise)
        self._layout = Layout(enterprise, self._tags, chosen_sites(enterprise, config.sites))
        self.nodes = tuple(self._node(plan, random.Random(rng.random())) for plan in self._layout.nodes)
        self._pacer = Pacer(config.scan_ms, config.speed, world.now_ms, clock())
        self._world_speed, self._value_rate = Rate(), Rate()
        self._commands = self._refused = 0
        self._patient_until_s = 0.0
        self.latest = self.status()

    async def run(self, stop: asyncio.Event, show: Callable[[FleetStatus], None]) -> None:
        """Run until `stop`, then say goodbye for every node.

        Args:
            stop: Ends the run.
            show: Told of the status about every second.
        """
        self._patient_until_s = asyncio.get_running_loop().time() + PATIENCE_S
        await self._tell([self._look()], stop)
        async with asyncio.TaskGroup() as tasks:
            for node in self.nodes:
                tasks.create_task(node.link.run())
            scanning = tasks.create_task(self._keep_pace(stop))
            watching = tasks.create_task(self._watch(show))
            await stop.wait()
            await scanning
            watching.cancel()
            await asyncio.gather(*(node.stop() for node in self.nodes))

    def status(self) -> FleetStatus:
        """How things are now."""
        counts = [node.counts for node in self.nodes]
        return FleetStatus(
            nodes=len(self.nodes),
            connected=sum(node.link.connected for node in self.nodes),
            born=sum(node.born for node in self.nodes),
            world_ms=self._world.now_ms,
            behind_s=max(0, self._clock() - self._world.now_ms) / 1000,
            speed=self._world_speed.per_s / 1000,
            live=self._pacer.live,
            values=sum(count.values for count in counts),
            values_per_s=self._value_rate.per_s,
            lost=sum(count.lost for count in counts),
            births=sum(count.births.total() for count in counts),
            commands=self._commands,
            refused=self._refused,
            backlog_bytes=max((node.link.backlog for node in self.nodes), default=0),
        )

    def _node(self, plan: NodePlan, rng: random.Random) -> EdgeNode:
        folder = None if self._config.data is None else self._config.data / "bdseq"
        bd_seq = BdSeqFile(folder, plan.definition.group, plan.definition.node)
        return EdgeNode(plan, self._config.broker, bd_seq, clock=self._clock, on_command=self._command, rng=rng)

    async def _keep_pace(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._room(stop)
            turn = self._pacer.turn(self._clock())
            if turn.skipped_ms:
                log.warning("the world's clock is set; the gap stays a gap", by_s=round(turn.skipped_ms / 1000))
                self._world.skip(self._world.now_ms + turn.skipped_ms)
                self._world_speed.forget()
            scans: list[Scan] = []
            for left in range(turn.steps, 0, -1):
                scans.append(self._look(self._config.scan_s))
                if left == 1 or len(scans) == MOST_MERGED:
                    await self._tell(scans, stop)
                    scans = []
                    await self._room(stop)
                    if stop.is_set():
                        return
            await _pause(stop, turn.wait_s)

    def _look(self, step_s: float = 0.0) -> Scan:
        """The next scan, `step_s` later; the journal hears of it."""
        scan = self._scanner.step(step_s) if step_s else self._scanner.look()
        if self._on_scan is not None:
            self._on_scan(scan)
        return scan

    async def _tell(self, scans: Sequence[Scan], stop: asyncio.Event) -> None:
        """Deal scans out to the nodes, spread over a part of the time between two scans."""
        loop = asyncio.get_running_loop()
        began_s, window_s = loop.time(), self._window_s()
        for place, changes in enumerate(self._layout.deal(scans)):
            wait_s = began_s + window_s * place / len(self.nodes) - loop.time()
            if wait_s > 0.001 and not stop.is_set():
                await asyncio.sleep(wait_s)
            if changes:
                self.nodes[place].report(changes)
        await asyncio.sleep(0)  # the links send now, however many scans follow

    async def _room(self, stop: asyncio.Event) -> None:
        while self._held() and not stop.is_set():
            await _pause(stop, RECHECK_S)

    def _window_s(self) -> float:
        return min(SPREAD_S, SPREAD_SHARE * self._config.scan_s / self._pacer.gait)

    def _held(self) -> bool:
        """Whether the world must wait for the links.

        A replay waits as long as it takes. A live world cannot wait: only its beginning is held for a while.
        """
        if self._pacer.live and asyncio.get_running_loop().time() > self._patient_until_s:
            return False
        return any(not node.born or node.link.backlog > FULL_BYTES for node in self.nodes)

    def _command(self, node: EdgeNode, command: Command) -> None:
        """Let the world take or refuse a host's write, and have the value that holds read back in any case."""
        if command.device is None:
            return
        unit, metric = node.plan.units[command.device], node.plan.metric(command.device, command.index)
        tag = self._tags.of_unit(unit).get(metric.key)
        if tag is None or not isinstance(command.value, int | float):
            self._refused += 1
            log.warning("a command is refused", node=node.name, metric=metric.key, reason="wrong_type")
            return
        try:
            self._world.write(tag.index, float(command.value))
        except BadInputError as error:
            self._refused += 1
            log.warning("a command is refused", tag=tag.path, reason=error.reason, text=str(error))
        else:
            self._commands += 1
            log.info("a command is carried out", tag=tag.path, value=command.value)
        self._scanner.tell_again(tag.index)

    async def _watch(self, show: Callable[[FleetStatus], None]) -> None:
        loop = asyncio.get_running_loop()
        seen: Phase | None = None
        said: Phase | None = None
        while True:
            status = self.status()
            self._world_speed.mark(loop.time(), status.world_ms)
            self._value_rate.mark(loop.time(), status.values)
            if status.phase is seen is not said:  # what is over within a second is not worth a line
                said = seen
                say = log.info if said is Phase.BORN else log.warning
                say(said.value, nodes=status.nodes, connected=status.connected, born=status.born)
            seen = status.phase
            self.latest = status
            show(status)
            await asyncio.sleep(WATCH_S)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than to `stop`."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return

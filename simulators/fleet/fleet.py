"""All edge nodes of some sites, and the loop that scans the world for them.

::

    pacer ── steps due ──▶ scanner ── changed rows ──▶ ring on disk ──▶ layout ── changes per device ──▶ edge nodes
                             ▲  world                       └─▶ replayer ── what could not be sent ──────────▶ │ ▲
                             └──────────────── commands, checked, read back ───────────────────────────────────┘ ▼
                                                                                                              broker
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

import structlog

from plant.errors import BadInputError, ConfigurationError
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable, text_tags
from plant.sparkplug.datatypes import Value
from plant.sparkplug.edge import Command, Refused
from simulators.fleet.bdseq import BdSeqFile
from simulators.fleet.config import FleetConfig, check_speed, chosen_sites
from simulators.fleet.edge import Clock, EdgeNode
from simulators.fleet.layout import Layout, NodePlan
from simulators.fleet.pacer import Pacer
from simulators.fleet.rate import Rate
from simulators.fleet.replay import Replayer
from simulators.fleet.ring import Record, Ring
from simulators.fleet.saver import Saver
from simulators.fleet.scanner import Scan, Scanner, SteppedWorld
from simulators.fleet.spool import Spool
from simulators.fleet.status import FleetStatus, Phase
from simulators.fleet.told import Told
from simulators.report import Reporter
from simulators.world.influence import TransportFaults

log = structlog.get_logger(__name__)

SPREAD_S = 0.25
"""The nodes of one scan send within this time, so that they do not all send in one millisecond."""
SPREAD_SHARE = 0.25
"""The same at most, as a share of the time between two scans."""
FULL_BYTES = 1 << 20
"""A link on which this much waits holds up a replay."""
FULL_RING = 0.5
"""A ring that is fuller than this, as a share, holds up a replay too: the past can wait, a live world cannot."""
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
        save: Saves the world, see `Saver`.

    Attributes:
        nodes: All edge nodes.
        latest: The status about a second ago, for other threads.

    Raises:
        ConfigurationError: The ring cannot be used, because another process has it.
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
        save: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        self._world = world
        self._scanner = Scanner(world, reporter)
        self._clock = clock
        self._on_scan = on_scan
        self._saver = Saver(save)
        self._tags = TagTable(enterprise)
        self._text_places = {text.path: place for place, text in enumerate(text_tags(enterprise))}
        self._layout = Layout(enterprise, self._tags, chosen_sites(enterprise, config.sites))
        ring = self._ring(enterprise)
        self._spool = Spool(ring, clock)
        self.nodes = tuple(self._node(plan, random.Random(rng.random()), ring.newest) for plan in self._layout.nodes)
        self._pacer = Pacer(config.scan_ms, config.speed, world.now_ms, clock(), config.end_ms)
        self._world_speed, self._value_rate = Rate(), Rate()
        self._replayer = Replayer(self.nodes, self._layout, self._spool, lambda: self._world.now_ms, config.replay_rate)
        self._commands = self._refused = 0
        self._skips = 0
        self._begun = False
        self._overflows = False
        self._cut = 0
        self.latest = self.status()

    async def run(self, stop: asyncio.Event, show: Callable[[FleetStatus], None]) -> None:
        """Run until `stop`, then say goodbye for every node.

        Args:
            stop: Ends the run.
            show: Told of the status about every second.
        """
        try:
            self._save_in_time()
            await self._tell([self._look()], stop)
            await self._serve(stop, show)
        finally:
            await asyncio.to_thread(self._spool.close)

    async def _serve(self, stop: asyncio.Event, show: Callable[[FleetStatus], None]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for node in self.nodes:
                tasks.create_task(node.run())
            scanning = tasks.create_task(self._keep_pace(stop))
            replaying = tasks.create_task(self._replayer.run())
            watching = tasks.create_task(self._watch(show))
            await stop.wait()
            await scanning
            replaying.cancel()
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
            stored=self._spool.stored,
            replayed=sum(count.replayed for count in counts),
            lost=sum(count.lost for count in counts),
            replaying=sum(node.delivery.pending for node in self.nodes),
            ring_bytes=self._spool.used_bytes,
            ring_limit_bytes=self._spool.limits.size_bytes,
            ring_holds_h=self._spool.holds_h,
            births=sum(count.births.total() for count in counts),
            commands=self._commands,
            refused=self._refused,
            backlog_bytes=max((node.link.backlog for node in self.nodes), default=0),
        )

    @property
    def gait(self) -> float:
        """World seconds per second that it goes at now, at most."""
        return self._pacer.gait

    def set_speed(self, speed: float) -> None:
        """Let a world that replays the past go at another speed.

        Raises:
            ConfigurationError: It is live, or the speed is out of range.
        """
        check_speed(speed)
        if self._pacer.live:
            raise ConfigurationError("the world is live and cannot be faster than the clock; replay with --from")
        self._pacer.set_speed(speed)

    async def switch(self, nodes: Sequence[EdgeNode], *, on: bool) -> None:
        """Switch edge nodes on or off, and wait until that is done."""
        await asyncio.gather(*(node.switch(on=on) for node in nodes))

    def _ring(self, enterprise: Enterprise) -> Ring:
        config, texts = self._config, [text.path for text in text_tags(enterprise)]
        ring = Ring(config.ring_file, [tag.path for tag in self._tags], texts, config.ring_limits)
        gone = ring.belong(f"{config.seed} {self._world.begun_ms}", self._world.now_ms)
        if gone:
            log.warning("values that another world had told for these times are dropped", values=gone)
        return ring

    def _node(self, plan: NodePlan, rng: random.Random, newest: int) -> EdgeNode:
        folder = None if self._config.data is None else self._config.data / "bdseq"
        bd_seq = BdSeqFile(folder, plan.definition.group, plan.definition.node)
        return EdgeNode(
            plan,
            self._config.broker,
            bd_seq,
            clock=self._clock,
            on_command=self._command,
            rng=rng,
            newest=newest,
        )

    async def _keep_pace(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._room(stop)
            self._save_in_time()
            if self._pacer.over:
                await self._delivered(stop)
                stop.set()
                return
            turn = self._pacer.turn(self._clock())
            if turn.skipped_ms:
                log.warning("the world's clock is set; the gap stays a gap", by_s=round(turn.skipped_ms / 1000))
                self._world.skip(self._world.now_ms + turn.skipped_ms)
                self._world_speed.forget()
                self._skips += 1
            scans: list[Scan] = []
            for left in range(turn.steps, 0, -1):
                scans.append(self._look(self._config.scan_s))
                if left == 1 or len(scans) == MOST_MERGED:
                    await self._tell(scans, stop)
                    scans = []
                    await self._room(stop)
                    self._save_in_time()
                    if stop.is_set():
                        return
            await _pause(stop, turn.wait_s)

    async def _delivered(self, stop: asyncio.Event) -> None:
        """Wait until hosts have got all that was told."""
        log.info("the replay has reached its end")
        while not stop.is_set() and not all(
            node.cut or (node.born and not node.delivery.pending and not node.link.backlog) for node in self.nodes
        ):
            await _pause(stop, RECHECK_S)

    def _look(self, step_s: float = 0.0) -> Scan:
        """The next scan, `step_s` later; the journal hears of it."""
        scan = self._scanner.step(step_s) if step_s else self._scanner.look()
        if self._on_scan is not None:
            self._on_scan(scan)
        return scan

    async def _tell(self, scans: Sequence[Scan], stop: asyncio.Event) -> None:
        """Keep scans in the ring, then deal them out to the nodes, spread over a part of the time between two scans."""
        loop = asyncio.get_running_loop()
        now_ms = scans[-1].time_ms
        faults = self._world.transport(now_ms)
        self._break(faults)
        told = self._layout.shifted(Told.of(scans), [faults.of(node.name).clock_offset_ms for node in self.nodes])
        kept = await self._spool.put(told)
        self._count_lost(kept.evicted)
        began_s, window_s = loop.time(), self._window_s()
        for place, changes in enumerate(self._layout.deal(told)):
            wait_s = began_s + window_s * place / len(self.nodes) - loop.time()
            if wait_s > 0.001 and not stop.is_set():
                await asyncio.sleep(wait_s)
            self.nodes[place].tell(kept.stamp, changes, now_ms, safe=kept.safe)
        await asyncio.sleep(0)  # the links send now, however many scans follow

    def _break(self, faults: TransportFaults) -> None:
        """Let every node have what is wrong with it now, and say how many are cut off."""
        for node in self.nodes:
            node.suffer(faults.of(node.name))
        cut = sum(node.cut for node in self.nodes)
        if cut != self._cut:
            self._cut = cut
            log.info("edge nodes are cut off on purpose", nodes=cut)

    def _count_lost(self, evicted: Sequence[Record]) -> None:
        """Count the values of records that fell out of the ring before they are known to have arrived."""
        lost = 0
        for record in evicted:
            for node, count in zip(self.nodes, self._layout.counts(record.told).tolist(), strict=True):
                if node.delivery.misses(record.stamp, born=node.born):
                    node.counts.lost += count
                    lost += count
        spool = self._spool
        if lost and not self._overflows:
            self._overflows = True
            log.error("the ring is full, values are lost", size_mb=spool.limits.size_bytes / 1e6, holds_h=spool.holds_h)
        elif self._overflows and spool.used_bytes < FULL_RING * spool.limits.size_bytes:
            self._overflows = False
            log.info("the ring has room again")

    def _save_in_time(self) -> None:
        outside = self._commands, self._refused, self._skips, self._world.injections()
        self._saver.look(asyncio.get_running_loop().time(), self._world.now_ms, outside)

    async def _room(self, stop: asyncio.Event) -> None:
        while self._held() and not stop.is_set():
            await _pause(stop, RECHECK_S)

    def _window_s(self) -> float:
        return min(SPREAD_S, SPREAD_SHARE * self._config.scan_s / self._pacer.gait)

    def _held(self) -> bool:
        """Whether a replay must wait: until somebody listens, later for links and ring; a live world never waits."""
        if self._pacer.live:
            return False
        self._begun = self._begun or all(node.born or node.cut or node.off for node in self.nodes)
        full = self._spool.used_bytes > FULL_RING * self._spool.limits.size_bytes
        return not self._begun or full or any(node.link.backlog > FULL_BYTES for node in self.nodes)

    def _command(self, node: EdgeNode, asked: Command | Refused) -> None:
        """Let the world take or refuse a host's write, and have the value that holds read back in any case."""
        if asked.device is None:
            return
        unit, metric = node.plan.units[asked.device], node.plan.metric(asked.device, asked.index)
        path = "/".join((*unit.path, metric.key))
        try:
            value = self._write_number(path, asked) if metric.is_numeric else self._write_text(path, asked)
        except BadInputError as error:
            self._refused += 1
            log.warning("a command is refused", tag=path, reason=error.reason, text=str(error))
        else:
            self._commands += 1
            log.info("a command is carried out", tag=path, value=value)

    def _write_number(self, path: str, asked: Command | Refused) -> float:
        row = self._tags.by_path(path).index
        self._scanner.tell_again(row)
        try:
            value = _number(_asked(asked))
        except BadInputError:
            self._world.refuse(row)
            raise
        self._world.write(row, value)
        return value

    def _write_text(self, path: str, asked: Command | Refused) -> str:
        place = self._text_places[path]
        self._scanner.tell_text_again(place)
        text = _text(_asked(asked))
        self._world.write_text(place, text)
        return text

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


def _asked(asked: Command | Refused) -> Value | None:
    if isinstance(asked, Refused):
        raise BadInputError(asked.reason, asked.text)
    return asked.value


def _number(value: Value | None) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise BadInputError("wrong_type", f"{value!r} is no number")


def _text(value: Value | None) -> str:
    if isinstance(value, str):
        return value
    raise BadInputError("wrong_type", f"{value!r} is no text")


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than to `stop`."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return

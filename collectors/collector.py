"""One collector, wired: broker to historian and unified namespace."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import structlog
from prometheus_client.registry import Collector as PrometheusCollector

from collectors import assembly
from collectors.alarms_duty import AlarmDuty
from collectors.batch import Batch
from collectors.binding import Binder
from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.devices.feed import DeviceFeed
from collectors.devices.link import DeviceLink
from collectors.devices.nodes import DeviceNodes
from collectors.entries import Entries
from collectors.host import SparkplugHost
from collectors.live import LiveState
from collectors.metrics import CollectorMetrics, Sources
from collectors.pipeline import Pipeline
from collectors.production_duty import ProductionDuty
from collectors.publisher import NamespacePublisher
from collectors.quality import QualityCounter
from collectors.quality_book import KEEP_S, QualityBook
from collectors.quarantine import Quarantine
from collectors.recall import recall
from collectors.rhythm import Rhythm
from collectors.rollup_duty import RollupDuty
from collectors.supply import DataSupply
from collectors.texts import TextState
from collectors.units import UnitTable
from collectors.validation import Validator
from collectors.vitals import Vitals
from collectors.writer import HistorianWriter
from plant.changes import ChangeDetector
from plant.errors import StoreUnavailableError
from plant.historian.protocol import Historian
from plant.mapping.load import load_all
from plant.messages import CollectorHealth, HealthMessage, ResultMessage, encode
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable, text_tags
from plant.mqtt.handler import Delivery
from plant.namespace import Contract, Topic
from plant.operations.database import Operations
from plant.production.corrections import Correction

TICK_S = 0.1
SAMPLE_S = 1.0
HEALTH_S = 2.0
ASK_STORE_S = 5.0
LEAST_ROLLUPS_S = 0.5

log = structlog.get_logger(__name__)


class Collector:
    """Takes in what the edge nodes of some sites publish.

    Args:
        config: Settings.
        enterprise: The model.
        tags: Its numeric tags; the historian must have been opened with the same table.
        historian: Where readings go; it stays open, its owner closes it.
        clock: Host time, UTC ms.
        rng: For the jitter of reconnects and retries.

    Attributes:
        quarantine: Bad input, for an engineer to look at.
        counts: Running totals.
        metrics: To be registered with a Prometheus registry.
    """

    def __init__(
        self,
        config: CollectorConfig,
        enterprise: Enterprise,
        tags: TagTable,
        historian: Historian,
        clock: Callable[[], int],
        rng: random.Random,
    ) -> None:
        self.quarantine = Quarantine(clock)
        self.counts = Counts()
        self._config = config
        self._enterprise = enterprise
        self._historian = historian
        self._clock = clock
        self._began = clock()
        self._units = UnitTable(enterprise, tags, config.sites)
        self._live = LiveState(self._units)
        self._texts = TextState()
        self._changes = ChangeDetector(tags)
        self._supply = DataSupply(enterprise, self._units, self._live)
        self._sites: Mapping[str, HealthMessage] = {}
        self._rollups = RollupDuty(config, tags, self._units, historian, clock, self.counts, self._on_rollups)
        self._quality = QualityCounter(tags, self._began)
        self._book = QualityBook(
            historian, tags, self._units.tags.tolist(), self._quality, lambda: self._rollups.made_until
        )
        self._writer = HistorianWriter(
            historian,
            assembly.buffer(config, tags, clock, self._on_secured),
            config.batch_s,
            self._on_durable,
            self.quarantine,
            self.counts,
            rng,
        )
        self._vitals = Vitals(config, historian, self._writer, self.quarantine, self.counts, clock)
        pipeline = self._make_pipeline(enterprise, tags)
        self._host = self._make_host(pipeline, rng)
        self._production = self._make_production(tags)
        pipeline.tell(self._production.watermarks)
        self._devices_feed = DeviceFeed(
            load_all(config.mappings, enterprise, tags),
            tags,
            text_tags(enterprise),
            config.sites,
            pipeline,
            self.quarantine,
            self.counts,
            time.monotonic(),
        )
        self._devices = self._make_devices(rng)
        self._device_nodes = DeviceNodes(self._units, self._live)
        publisher = NamespacePublisher(self._units, self._live, self._texts, self._host.publish_retained, self.counts)
        self._operations = Operations(config.operations)
        self._alarms = self._make_alarms(tags)
        pipeline.tell(self._alarms.service)
        self._entries = self._make_entries(tags, rng)
        self._rhythm = Rhythm(
            pipeline,
            self._writer,
            publisher,
            lambda: self._host.may_publish,
            clock,
            config.turn_s,
            self._alarms.service.feed,
        )
        self.metrics: PrometheusCollector = CollectorMetrics(
            Sources(
                self.counts,
                self.quarantine,
                self._vitals.lag,
                self._vitals.health,
                lambda: self._sites,
                lambda: self._host.online,
                lambda: self._devices.waiting,
                lambda: self._production.state,
                clock,
            )
        )

    def _make_production(self, tags: TagTable) -> ProductionDuty:
        return ProductionDuty(
            self._config,
            self._enterprise,
            tags,
            self._units,
            self._live,
            self._historian,
            self._host.publish_retained,
            self._corrections,
            self._clock,
            self.counts,
        )

    def _make_pipeline(self, enterprise: Enterprise, tags: TagTable) -> Pipeline:
        return Pipeline(
            self._units,
            Binder(enterprise, tags, self._config.sites),
            Validator(tags, self._config.raw_days),
            self._live,
            self._texts,
            self._changes,
            self.quarantine,
            self.counts,
            self._quality,
        )

    def _make_host(self, pipeline: Pipeline, rng: random.Random) -> SparkplugHost:
        config = self._config
        return SparkplugHost(
            config.broker,
            config.host_id,
            assembly.session(config, self._enterprise),
            pipeline,
            self.quarantine,
            self.counts,
            self._clock,
            self._on_input,
            self._on_online,
            rng,
        )

    def _make_devices(self, rng: random.Random) -> DeviceLink:
        config = self._config
        return DeviceLink(
            config.broker,
            f"{config.host_id}-devices",
            self._devices_feed,
            lambda: self._writer.state.ok,
            self._clock,
            self._on_input,
            rng,
        )

    def _make_alarms(self, tags: TagTable) -> AlarmDuty:
        return AlarmDuty(
            self._config,
            self._enterprise,
            tags,
            self._units,
            self._live,
            self._host.publish_retained,
            lambda: self._host.online,
            self._clock,
            self.counts,
            self._operations,
            self._answer,
            self._historian,
            lambda: self._writer.state.ok and not self._writer.state.kept,
        )

    def _make_entries(self, tags: TagTable, rng: random.Random) -> Entries:
        return Entries(
            self._config,
            tags,
            self._historian,
            self._operations,
            self._alarms.take,
            self._on_corrected,
            self._clock,
            self.quarantine,
            self.counts,
            rng,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until `stop`, then drain: what was received is written and rolled up, STATE offline is published."""
        self._began = self._clock()
        self._check_hosts()
        self._writer.start()
        self._rollups.start()
        self._production.start()
        self._alarms.start()
        try:
            recalled = await self._recall()
            if not recalled:
                log.warning("the historian cannot tell yet what was known before")
            async with asyncio.TaskGroup() as tasks:
                duties = [tasks.create_task(duty) for duty in self._duties(recalled=recalled)]
                links = [tasks.create_task(link.run()) for link in (self._host, self._devices, self._entries.link)]
                await stop.wait()
                log.info("stopping: writing what was received")
                for duty in duties:
                    duty.cancel()
                self._retire()
                await asyncio.gather(self._host.close(), self._devices.close(), self._entries.link.close())
                await asyncio.gather(*links)
        finally:
            self._rhythm.stop()
            await asyncio.shield(asyncio.to_thread(self._finish))

    def health(self, detail: bool) -> tuple[bool, dict[str, Any]]:
        """For `plant.service.HealthServer`; from any thread.

        Args:
            detail: Tell everything: the `health` messages of all sites as they were last published.

        Returns:
            Whether broker and historian are there, and what there is to tell.
        """
        collector = self._collector_health()
        online = self._host.online and self._devices.online
        body: dict[str, Any] = {
            "broker_ok": online,
            "host_detail": collector.host_detail,
            "historian_ok": collector.historian_ok,
            "historian_detail": collector.historian_detail,
            "operations_detail": self._alarms.detail,
        }
        if detail:
            body["collector"] = asdict(collector)
            body["sites"] = {site: asdict(message) for site, message in self._sites.items()}
        return online and collector.historian_ok, body

    def _check_hosts(self) -> None:
        """Edge nodes publish nothing before *their* host is there."""
        for slug in self._config.sites:
            wanted = self._enterprise.site(slug).primary_host
            if wanted != self._config.host_id:
                log.warning("edge nodes of this site wait for another host", site=slug, host_id=wanted)

    # duties on the loop

    def _duties(self, *, recalled: bool) -> list[Coroutine[Any, Any, None]]:
        duties = [
            _every(TICK_S, self._host.tick),
            _every(SAMPLE_S, self._vitals.sample),
            _every(SAMPLE_S, self._devices.tick),
            _every(SAMPLE_S, self._quality.sample),
            _every(SAMPLE_S, self._look_at_nodes),
            _every(HEALTH_S, self._publish_health),
            _every(HEALTH_S, self._production.kpi.turn),
            self._alarms.watch(),
            self._alarms.look_back(),
            self._alarms.chart(),
            self._ask_store(),
            self._keep_quality(),
        ]
        return duties if recalled else [*duties, self._recall_later()]

    async def _recall(self) -> bool:
        """Show what was known before; False when the historian does not answer."""
        try:
            recalled = await asyncio.to_thread(recall, self._historian, self._units, self._began)
        except StoreUnavailableError:
            return False
        self._live.seed(recalled.known, recalled.states)
        for number, event in recalled.texts:
            self._texts.seed(number, event)
        self._rhythm.republish()
        return True

    async def _recall_later(self) -> None:
        """Ask until there is an answer: some sources may be away for long."""
        while True:
            await asyncio.sleep(ASK_STORE_S)
            if await self._recall():
                return

    async def _ask_store(self) -> None:
        while True:
            await asyncio.to_thread(self._vitals.ask_store)
            await asyncio.sleep(ASK_STORE_S)

    async def _keep_quality(self) -> None:
        while True:
            await asyncio.to_thread(self._book.turn, self._clock())
            await asyncio.sleep(KEEP_S if self._book.latest else ASK_STORE_S)

    def _look_at_nodes(self) -> None:
        writer = self._writer.state
        self._production.look(self._host.nodes(), self._clock(), durable=writer.ok and not writer.kept)

    def _publish_health(self) -> None:
        now = self._clock()
        nodes = [*self._host.nodes(), *self._device_nodes.nodes(self._devices_feed.claimed, now)]
        self._sites = self._supply.messages(now, nodes, self._collector_health(), self._book.latest)
        for site, message in self._sites.items():
            topic = str(Topic((self._enterprise.slug, site), Contract.HEALTH))
            self.counts.published += self._host.publish_retained(topic, encode(message))

    def _collector_health(self) -> CollectorHealth:
        return replace(self._vitals.health(), host_detail=self._host.contested)

    def _on_input(self) -> None:
        self._rhythm.on_input()

    def _on_online(self) -> None:
        """The broker is there: it gets everything, for it may have forgotten."""
        self._rhythm.republish()
        self._production.kpi.republish()
        self._alarms.service.excuse()
        self._publish_health()

    def _on_durable(self, batch: Batch) -> None:
        """From the writer's thread."""
        self._vitals.on_durable(batch)
        self._rollups.touch(batch.columns)
        self._production.touch(batch)

    def _on_rollups(self) -> None:
        """From the thread that makes minute rows."""
        self._production.tiers_made()

    def _answer(self, topic: str, result: ResultMessage) -> None:
        """Of a command about alarms: the connection of the desks is made after them."""
        self._entries.link.answer(topic, result)

    def _corrections(self, start: int, end: int) -> Sequence[Correction]:
        """For the thread that makes production minutes."""
        return self._entries.corrections(start, end)

    def _on_corrected(self, line: str, start: int, end: int) -> None:
        """From the worker of the entries."""
        log.info("counts are corrected", line=line, start=start, end=end)
        self._production.remake(line, start, end)

    def _on_secured(self, receipts: Sequence[Delivery]) -> None:
        """From the writer's thread."""
        self._devices.secured(receipts)

    def _retire(self) -> None:
        """Say goodbye: the last messages of the namespace are honest about who will not be there to correct them."""
        self._host.retire()
        self._devices.retire()
        self._entries.link.retire()
        self._rhythm.turn()
        self._rhythm.republish()
        self._publish_health()

    def _finish(self) -> None:
        """End the threads; blocks, but not for long: the next start makes minute rows that are missing."""
        deadline = time.monotonic() + self._config.drain_s
        self._look_at_nodes()
        flushed = self._writer.drain(self._config.drain_s)
        self._rollups.finish(max(deadline - time.monotonic(), LEAST_ROLLUPS_S))
        self._production.finish(flushed=flushed)
        self._entries.finish()
        self._alarms.finish(max(deadline - time.monotonic(), 0.0) + self._config.settle_s)
        self._operations.close()
        self._quality.sample()
        if self._writer.state.ok:
            self._book.turn(self._clock())


async def _every(seconds: float, act: Callable[[], None]) -> None:
    """Do something now and again and again, at an even pace."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        act()
        due = max(due + seconds, loop.time())
        await asyncio.sleep(due - loop.time())

"""Collectors and dashboard in one process around one historian: DuckDB has a single writer process.

The collector has a thread and an event loop of its own; the two meet in the historian object only, the dashboard still
reads the unified namespace over MQTT.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import closing

from prometheus_client import REGISTRY

from collectors.collector import Collector
from collectors.config import CollectorConfig
from collectors.thread import CollectorThread
from dashboard.app import create_app
from dashboard.live.store import LiveStore
from dashboard.server import ServerConfig, serve
from dashboard.services import Services
from factory.answers import Answers
from plant import heap
from plant.clock import now_ms
from plant.historian.inventory import inventory
from plant.historian.open import open_store
from plant.model.load import load
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.operations.open import open_operations
from plant.service import configure_logging, install_stop
from plant.settings import Settings, read

WATCH_S = 1.0


def main(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain: what was received is durable when this returns."""
    configure_logging(settings.log_level, settings.log_format)
    enterprise = load(settings.model)
    tags = TagTable(enterprise)
    broker = BrokerAddress.parse(settings.broker)
    with closing(open_store(settings, tags)) as historian:
        config = CollectorConfig.of(settings, broker, enterprise)
        collector = Collector(config, enterprise, tags, historian, now_ms, random.Random())
        REGISTRY.register(collector.metrics)
        operations = open_operations(settings.operations, settings.data)
        answers = Answers(settings, enterprise, tags, historian, operations, now_ms)
        services = Services(enterprise, tags, historian, LiveStore(now_ms), now_ms)
        thread = CollectorThread(collector)
        thread.start()
        try:
            asyncio.run(_serve(settings, services, broker, thread, answers))
        finally:
            thread.stop()
            operations.close()


async def _serve(
    settings: Settings, services: Services, broker: BrokerAddress, collecting: CollectorThread, answers: Answers
) -> None:
    """Serve until asked to stop, or until the collector has ended by itself: then the supervisor starts us again."""
    stop = install_stop(asyncio.get_running_loop())
    documents = {
        "/quarantine": collecting.collector.quarantine.to_json,
        "/historian": lambda: inventory(services.historian),
    }
    watching = asyncio.create_task(_watch(collecting, stop))
    app = create_app(services, broker, documents=documents, questions=answers.by_path)
    await serve(ServerConfig.of(settings), app, stop)
    watching.cancel()


async def _watch(collecting: CollectorThread, stop: asyncio.Event) -> None:
    while collecting.alive:  # noqa: ASYNC110 - the end of a thread sets no asyncio event
        await asyncio.sleep(WATCH_S)
    stop.set()


if __name__ == "__main__":
    heap.settle()
    main(read())

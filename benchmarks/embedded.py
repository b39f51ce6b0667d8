"""A collector beside its historian in one process, as ``factory up`` has it, with a reader that looks for news.

``python -m benchmarks.embedded BROKER_PORT MODEL FOLDER PORT``; DuckDB lets one process have its file, so the reader
must be inside. Serves the collector's metrics on `PORT`; after SIGTERM what the reader saw is in `SEEN` in the folder.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading
from contextlib import closing
from pathlib import Path

from prometheus_client import CollectorRegistry

from benchmarks.reader import Reader
from collectors.collector import Collector
from collectors.config import CollectorConfig
from plant.clock import now_ms
from plant.historian.open import open_store
from plant.model.load import load
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.service import HealthServer, configure_logging, install_stop
from plant.settings import read

SEEN = "seen.json"


async def serve(collector: Collector) -> None:
    """Collect until told to stop."""
    await collector.run(install_stop(asyncio.get_running_loop()))


def main(broker_port: str, model: str, folder: str, port: str) -> None:
    """Collect and look until SIGTERM."""
    configure_logging("warning", "text")
    settings = read(model=model, data=Path(folder), historian="")
    enterprise = load(model)
    tags = TagTable(enterprise)
    config = CollectorConfig.of(settings, BrokerAddress("127.0.0.1", int(broker_port)), enterprise)
    with closing(open_store(settings, tags)) as historian:
        collector = Collector(config, enterprise, tags, historian, now_ms, random.Random())
        registry = CollectorRegistry()
        registry.register(collector.metrics)
        reader, stop = Reader(historian, tags), threading.Event()
        looking = threading.Thread(target=reader.look, args=(stop,))
        looking.start()
        with HealthServer(int(port), collector.health, registry):
            asyncio.run(serve(collector))
        stop.set()
        looking.join()
    (Path(folder) / SEEN).write_text(json.dumps(reader.seen))


if __name__ == "__main__":
    main(*sys.argv[1:])

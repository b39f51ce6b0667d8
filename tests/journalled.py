"""The simulators as a process that writes down all that it scans, a line a scan: for tests that kill it.

``python tests/journalled.py BROKER DATA JOURNAL SPEED BEGIN_MS``, with the tiny model. Each line is there before
anything of its scan is published: (source time, [(tag, value)], [(text, value)]) by path.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import orjson

from plant.clock import now_ms
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.mqtt.address import BrokerAddress
from plant.service import configure_logging, install_stop
from simulators.fleet.config import FleetConfig
from simulators.fleet.fleet import Fleet
from simulators.fleet.scanner import Scan
from simulators.fleet.service import open_world
from simulators.report import Reporter

TINY = Path(__file__).parent / "plant" / "model" / "tiny.yaml"
WORLD_FILE = "world.npz"


def config_of(broker: str, data: Path, speed: float, begin_ms: int) -> FleetConfig:
    """Fresh at `begin_ms`, UTC ms, or from the saved world if there is one."""
    state = data / WORLD_FILE
    return FleetConfig(
        str(TINY),
        BrokerAddress.parse(broker),
        speed=speed,
        start_ms=begin_ms,
        state=state,
        resume=state if state.exists() else None,
        data=data,
    )


def main() -> None:
    """Run until SIGTERM."""
    broker, data, journal, speed, begin_ms = sys.argv[1:]
    configure_logging("info", "text")
    enterprise = load(str(TINY))
    config = config_of(broker, Path(data), float(speed), int(begin_ms))
    world = open_world(config, enterprise, now_ms())
    tags, texts = TagTable(enterprise), text_tags(enterprise)

    with Path(journal).open("ab", buffering=0) as out:

        def note(scan: Scan) -> None:
            numbers = [(tags[row].path, value) for row, value in zip(scan.rows, scan.values.tolist(), strict=True)]
            words = [(texts[place].path, text) for place, text in scan.texts]
            out.write(orjson.dumps([scan.time_ms, numbers, words]) + b"\n")

        async def run() -> None:
            fleet = Fleet(
                config,
                enterprise,
                world,
                Reporter(tags),
                clock=now_ms,
                rng=random.Random(3),
                on_scan=note,
                save=lambda: world.save(Path(data) / WORLD_FILE),
            )
            await fleet.run(install_stop(asyncio.get_running_loop()), lambda _: None)

        asyncio.run(run())


if __name__ == "__main__":
    main()

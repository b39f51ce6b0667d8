"""``python -m simulators --from --to --truth`` as a process: it ends by itself, and its journal is what was heard."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fleets import TINY, Ear, Point, listening, wall_ms
from links import until

from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.mqtt.address import BrokerAddress
from simulators.truth.parts import parts
from simulators.truth.read import Truth
from simulators.truth.tables import MINUTE_MS

pytestmark = pytest.mark.broker


async def _simulate(broker: BrokerAddress, *arguments: str) -> asyncio.subprocess.Process:
    command = ["-m", "simulators", "--model", str(TINY), "--broker", str(broker), *arguments]
    return await asyncio.create_subprocess_exec(sys.executable, *command, stdin=subprocess.DEVNULL)


def _journal(truth: Truth) -> set[Point]:
    """Every value of the journal, named as a host names it."""
    enterprise, rows = load(str(TINY)), truth.journal()
    heard = {
        tag.path: f"{tag.unit.site}/{tag.unit.gateway}/{tag.unit.slug}/{tag.metric.key}"
        for tag in (*TagTable(enterprise), *text_tags(enterprise))
    }
    what = [text if np.isnan(value) else value for value, text in zip(rows.value.tolist(), rows.text, strict=True)]
    return set(zip((heard[tag] for tag in rows.tag), rows.time_ms.tolist(), what, strict=True))


def test_a_replay_ends_by_itself_when_all_has_arrived(mosquitto: BrokerAddress, tmp_path: Path) -> None:
    """Exit code 0 at the end that was asked for; a host has heard every value of the journal."""

    async def scenario() -> tuple[int | None, Ear]:
        async with listening(mosquitto) as ear:
            arguments = ("--speed", "200", "--from", "30m", "--to", "27m", "--truth", str(tmp_path))
            process = await _simulate(mosquitto, *arguments)
            return await asyncio.wait_for(process.wait(), 120), ear

    begun_ms = wall_ms()
    code, ear = asyncio.run(scenario())
    assert code == 0
    truth = Truth(tmp_path)
    ((start_ms, end_ms),) = truth.covered
    assert 0 <= end_ms - (begun_ms - 27 * MINUTE_MS) + 1_000 < 60_000
    assert end_ms - start_ms > 2.8 * MINUTE_MS
    assert _journal(truth) <= ear.points


def test_what_a_killed_run_had_told_is_in_the_journal(mosquitto: BrokerAddress, tmp_path: Path) -> None:
    """A run that was killed goes on from its saved world: no gap in time, nothing twice, and all of it was heard."""
    data, folder = tmp_path / "data", tmp_path / "truth"

    async def scenario() -> Ear:
        async with listening(mosquitto) as ear:
            arguments = ("--speed", "1000", "--scan", "5", "--data", str(data), "--truth", str(folder))
            process = await _simulate(mosquitto, "--from", "24h", *arguments)
            await until(lambda: len(parts(folder)) >= 2, "the world is saved", timeout_s=60)
            process.send_signal(signal.SIGKILL)
            await process.wait()
            before = Truth(folder).covered[-1][1]
            process = await _simulate(mosquitto, *arguments)
            await until(lambda: Truth(folder).covered[-1][1] > before, "it goes on", timeout_s=60)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 60) == 0
        return ear

    ear = asyncio.run(scenario())
    truth = Truth(folder)
    assert {part.run for part in parts(folder)} == {1, 2}
    assert len(truth.covered) == 1
    told = _journal(truth)
    assert len(truth.journal()) == len(told) == len({(tag, time) for tag, time, _ in told})
    late = {point for point in told if point[1] > truth.covered[0][1] - MINUTE_MS}
    assert told - late <= ear.points

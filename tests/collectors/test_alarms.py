"""Alarms between a real broker and a real operations database: published, commanded, killed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from collecting import TINY, Edge, collecting, edge, now_ms, tiny
from links import Probe, running, until
from processing import service

from plant.alarms.states import Event, State
from plant.historian.memory import MemoryHistorian
from plant.messages import Alarm, CommandMessage, ResultMessage, decode_alarms, decode_result, encode
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link
from plant.operations.address import operations_url
from plant.operations.alarms import AlarmStore
from plant.operations.open import open_operations
from plant.packml import State as Packml

ENTERPRISE, TAGS = tiny()
KILN = "df/v1/tiny/alpha/shop/kiln-1/kiln"
RULES = """
alarms: quick
rules:
  - metric: temperature
    limits: [h, hh]
    on_delay: 0.001 s
    off_delay: 0.001 s
    cause: {ru: п, en: c}
    consequence: {ru: с, en: q}
    action: {ru: д, en: a}
"""
pytestmark = pytest.mark.broker


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rules file without patience."""
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    return file


@dataclass
class Screen:
    """What an operator sees and does."""

    probe: Probe = field(default_factory=lambda: Probe([(f"{KILN}/alarms", 1), (f"{KILN}/cmd/result", 1)]))
    link: Link | None = None
    asked: int = 0

    def alarms(self) -> dict[str, Alarm]:
        """The alarms that are shown."""
        told = self.probe.payloads(f"{KILN}/alarms")
        return {alarm.alarm: alarm for alarm in decode_alarms(told[-1]).alarms} if told else {}

    def state(self, name: str) -> str:
        """Of one alarm."""
        alarm = self.alarms().get(name)
        return State.NORMAL if alarm is None else alarm.state

    def results(self) -> list[ResultMessage]:
        """All answers."""
        return [decode_result(payload) for payload in self.probe.payloads(f"{KILN}/cmd/result")]

    def send(self, command: CommandMessage, *, retain: bool = False) -> None:
        """Publish a command."""
        assert self.link is not None
        self.link.publish(f"{KILN}/cmd", encode(command), 1, retain)

    async def ask(self, command: CommandMessage) -> ResultMessage:
        """Publish a command and wait for its answer."""
        before = len(self.results())
        self.send(command)
        await until(lambda: len(self.results()) > before, f"{command.command} is answered")
        return self.results()[-1]

    def command(self, action: str, target: str = "temperature.h", why: str = "", until_ms: int | None = None):
        """A command that nobody has sent before."""
        self.asked += 1
        now = now_ms()
        return CommandMessage(f"c{now}-{self.asked}", now, now + 30_000, "anna", action, target, why, until_ms)


@asynccontextmanager
async def screen(address: BrokerAddress) -> AsyncIterator[Screen]:
    """An operator's screen."""
    shown = Screen()
    async with running(address, f"screen-{random.random()}", shown.probe) as shown.link:
        yield shown


async def heat(kiln: Edge, value: float) -> None:
    """The kiln has this temperature, and time goes on."""
    await until(lambda: kiln.births, "births are out")
    kiln.send("kiln", {"temperature": value, "state": Packml.EXECUTE}, now_ms())
    kiln.send("kiln", {"power": 100.0 + random.random()}, now_ms() + 20)


def test_an_alarm_is_published_commanded_and_written_down(
    mosquitto: BrokerAddress, operations_address: str, rules: Path, tmp_path: Path
):
    """Raised, acknowledged, shelved, brought back, out of service, returned: on the namespace and in the journal."""
    url = operations_url(operations_address, tmp_path)

    async def main() -> None:
        async with (
            screen(mosquitto) as seen,
            collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, operations=url, alarms=rules),
            edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
        ):
            await heat(kiln, 178.0)
            await until(lambda: seen.state("temperature.h") == State.UNACKNOWLEDGED, "the alarm is shown")
            alarm = seen.alarms()["temperature.h"]
            assert (alarm.value, alarm.active, alarm.action.en, alarm.position) == (178.0, True, "a", "alpha/shop")
            acknowledge = seen.command("alarm.acknowledge")
            assert (await seen.ask(acknowledge)).ok
            await until(lambda: seen.state("temperature.h") == State.ACKNOWLEDGED, "it is acknowledged")
            assert seen.alarms()["temperature.h"].who == "anna"
            shelve = seen.command("alarm.shelve", why="the sensor is changed", until_ms=now_ms() + 3_600_000)
            assert (await seen.ask(shelve)).ok
            await until(lambda: seen.state("temperature.h") == State.SHELVED, "it is shelved")
            again = await seen.ask(shelve)
            assert again == seen.results()[-2], "the same command gets the same answer"
            assert (await seen.ask(seen.command("alarm.unshelve"))).ok
            await until(lambda: seen.state("temperature.h") == State.UNACKNOWLEDGED, "it is back")
            assert (await seen.ask(seen.command("alarm.acknowledge"))).reason == ""
            await heat(kiln, 150.0)
            await until(lambda: "temperature.h" not in seen.alarms(), "it has returned to normal")
            refused = await seen.ask(seen.command("alarm.acknowledge"))
            assert (refused.ok, refused.reason) == (False, "wrong_state")

    asyncio.run(main())
    database = open_operations(operations_address, tmp_path)
    store = AlarmStore(database)
    entries = [each for each in store.journal(0, 1 << 62) if each.alarm == "alpha/kiln-1/kiln/temperature.h"]
    assert [each.event for each in entries] == [
        Event.RAISE,
        Event.ACKNOWLEDGE,
        Event.SHELVE,
        Event.UNSHELVE,
        Event.ACKNOWLEDGE,
        Event.CLEAR,
    ]
    assert (entries[2].who, entries[2].why) == ("anna", "the sensor is changed")
    trail = store.audit(0, 1 << 62)
    assert [each.action for each in trail] == [
        "alarm.acknowledge",
        "alarm.shelve",
        "alarm.unshelve",
        "alarm.acknowledge",
        "alarm.acknowledge",
    ]
    assert [each.ok for each in trail] == [True] * 4 + [False]
    database.close()


def test_commands_that_are_late_or_retained_do_nothing(mosquitto: BrokerAddress, rules: Path, tmp_path: Path):
    """A retained command of yesterday must not act at every start, nor one that has waited somewhere."""

    async def main() -> None:
        url = operations_url("", tmp_path)
        async with screen(mosquitto) as seen:
            seen.send(seen.command("alarm.acknowledge"), retain=True)
            async with (
                collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, operations=url, alarms=rules),
                edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
            ):
                await until(seen.results, "the retained one is answered")
                assert seen.results()[-1].reason == "retained"
                await heat(kiln, 178.0)
                await until(lambda: seen.state("temperature.h") == State.UNACKNOWLEDGED, "the alarm is shown")
                late = replace(seen.command("alarm.acknowledge"), expires_at=now_ms() - 1)
                assert (await seen.ask(late)).reason == "expired"
                assert seen.state("temperature.h") == State.UNACKNOWLEDGED

    asyncio.run(main())


def test_a_killed_collector_neither_loses_alarms_nor_raises_them_twice(
    mosquitto: BrokerAddress, operations_address: str, rules: Path, tmp_path: Path
):
    """Killed (-9) with one alarm acknowledged and one not; the next process shows both as they were."""
    given = ("--operations", operations_address, "--alarms", str(rules), "--data", str(tmp_path))
    arguments = ("--broker", str(mosquitto), "--model", str(TINY), *given)

    async def main() -> None:
        async with screen(mosquitto) as seen, edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln:
            with service(*arguments) as first:
                await until(lambda: kiln.births, "births are out", 60.0)
                await heat(kiln, 190.0)
                await until(lambda: seen.state("temperature.hh") == State.UNACKNOWLEDGED, "both alarms are shown")
                assert (await seen.ask(seen.command("alarm.acknowledge"))).ok
                await until(lambda: seen.state("temperature.h") == State.ACKNOWLEDGED, "one is acknowledged")
                raised = seen.alarms()["temperature.hh"].raised
                first.kill()
                first.wait()
            heard, births = len(seen.probe.messages), kiln.births
            with service(*arguments):
                await until(lambda: kiln.births > births, "births are out again", 60.0)
                await heat(kiln, 189.0)
                await until(lambda: len(seen.probe.messages) > heard, "alarms are told again", 30.0)
                assert seen.state("temperature.h") == State.ACKNOWLEDGED
                assert seen.state("temperature.hh") == State.UNACKNOWLEDGED
                assert seen.alarms()["temperature.hh"].raised == raised
                await heat(kiln, 150.0)
                await until(lambda: seen.state("temperature.hh") == State.RETURNED, "they return", 30.0)
                assert (await seen.ask(seen.command("alarm.comment", why="cooled"))).ok, "so all before is kept"

    asyncio.run(main())
    database = open_operations(operations_address, tmp_path)
    entries = [each for each in AlarmStore(database).journal(0, 1 << 62) if "temperature" in each.alarm]
    entries.sort(key=lambda each: each.noted)
    assert [(each.alarm.split("/")[-1], each.event) for each in entries] == [
        ("temperature.h", Event.RAISE),
        ("temperature.hh", Event.RAISE),
        ("temperature.h", Event.ACKNOWLEDGE),
        ("temperature.h", Event.CLEAR),
        ("temperature.hh", Event.CLEAR),
        ("temperature.h", Event.COMMENT),
    ]
    database.close()

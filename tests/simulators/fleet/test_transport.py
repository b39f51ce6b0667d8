"""What is wrong with connections on purpose, as hosts see it: every message stays valid Sparkplug."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import pytest
from fleets import Ear, Point, Running, fleet_running, listening
from links import until

from plant.errors import ConfigurationError
from plant.mqtt.address import BrokerAddress
from plant.sparkplug.codec import decode
from plant.sparkplug.host import Data, NodeOffline, NodeOnline, SequenceGap
from simulators.world.influence import NodeFault, TransportFaults

pytestmark = pytest.mark.broker

KILN = "alpha/kiln-1"


def faults(**of_kiln: object) -> TransportFaults:
    return TransportFaults({KILN: NodeFault(**of_kiln)})  # type: ignore[arg-type]  # the test's own names


def of_node(points: set[Point], node: str = KILN) -> set[Point]:
    return {point for point in points if point[0].startswith(f"{node}/")}


def history(ear: Ear, run: Running) -> set[Point]:
    """What was told as history, without the first look, which was stored before anybody listened."""
    first_ms = min(time for _, time, _ in run.journal)
    return {point for point in ear.history if point[1] > first_ms}


def verbs(ear: Ear, node: str = KILN) -> Mapping[str, int]:
    group, name = node.split("/")
    return Counter(topic.split("/")[2] for topic, _ in ear.raw if f"/{group}/" in topic and f"/{name}" in topic)


def assert_valid(ear: Ear) -> None:
    """Nothing was refused and no number in the sequence was missed."""
    assert ear.of_kind(SequenceGap) == []
    assert ear.session.rejected.total() == 0


async def come_to_rest(run: Running, ear: Ear) -> None:
    """All that was told until now has come."""
    told = set(run.journal)
    await until(lambda: told <= ear.points, "all that was told")
    await until(lambda: run.fleet.status().replaying == 0, "nothing is left to replay")


def test_a_node_that_is_cut_off_tells_all_of_it_later(mosquitto: BrokerAddress) -> None:
    """The broker publishes its will, the others go on; back again it replays, and live values do not wait."""

    async def scenario() -> tuple[Ear, Running]:
        async with (
            listening(mosquitto) as ear,
            fleet_running(mosquitto, speed=60.0, behind_s=7200, replay_rate=200) as run,
        ):
            await until(lambda: run.born and ear.data_points > 50, "data")
            run.world.faults = faults(offline=True)
            await until(lambda: ear.of_kind(NodeOffline), "the will")
            cut_ms = run.world.now_ms
            await until(lambda: run.world.now_ms >= cut_ms + 120_000, "two minutes")
            assert [str(offline.node) for offline in ear.of_kind(NodeOffline)] == [KILN]
            run.world.faults = TransportFaults()
            await until(lambda: run.born, "born again")
            await until(lambda: run.fleet.status().replaying == 1, "it replays")
            before = len(ear.outputs)
            await come_to_rest(run, ear)
            replay = [each for each in ear.outputs[before:] if isinstance(each, Data) and each.source.node == "kiln-1"]
            last = max(n for n, each in enumerate(replay) if each.reading.historical)
            assert sum(bool(each.reading.live) for each in replay[:last]) > 10, "live values come between the old ones"
        return ear, run

    ear, run = asyncio.run(scenario())
    assert run.journal <= ear.points
    assert of_node(history(ear, run)) == history(ear, run), "the others had nothing to replay"
    assert run.fleet.status().lost == 0
    assert_valid(ear)


def test_all_links_cut_and_back(mosquitto: BrokerAddress) -> None:
    """A broker restart as nodes see it: all are born anew, each with the next bdSeq, and nothing is missing."""

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, speed=60.0, behind_s=7200) as run:
            await until(lambda: run.born and ear.data_points > 50, "data")
            run.world.faults = TransportFaults({node.name: NodeFault(offline=True) for node in run.fleet.nodes})
            await until(lambda: len(ear.of_kind(NodeOffline)) == 3, "three wills")
            cut_ms = run.world.now_ms
            await until(lambda: run.world.now_ms >= cut_ms + 60_000, "a minute")
            run.world.faults = TransportFaults()
            await until(lambda: run.born, "born again")
            await come_to_rest(run, ear)
        return ear, run

    ear, run = asyncio.run(scenario())
    assert run.journal <= ear.points
    births: dict[str, list[int]] = {}
    for online in ear.of_kind(NodeOnline):
        births.setdefault(str(online.node), []).append(online.bd_seq)
    assert all((first + 1) % 256 == second for first, second in births.values())
    assert_valid(ear)


def test_a_wrong_clock_is_in_all_timestamps(mosquitto: BrokerAddress) -> None:
    """Source times and times of sending of that node are ahead, those of the others are true."""
    ahead_ms = 45_000

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, speed=60.0, behind_s=7200) as run:
            run.world.faults = faults(clock_offset_ms=ahead_ms)
            await until(lambda: run.born and ear.data_points > 500, "data")
        return ear, run

    ear, run = asyncio.run(scenario())
    first_ms = min(time for _, time, _ in run.journal)
    shifted = {(path, time + ahead_ms, value) for path, time, value in of_node(ear_less(run.journal, first_ms))}
    assert of_node(ear.points) >= {point for point in shifted if point[1] <= max(t for _, t, _ in of_node(ear.points))}
    assert of_node(ear.points, "beta/plant") <= run.journal
    sent = {topic.split("/")[3]: decode(payload).timestamp for topic, payload in ear.raw if "/DDATA/" in topic}
    assert ahead_ms / 2 < sent["kiln-1"] - sent["plant"] < 2 * ahead_ms


def ear_less(journal: set[Point], first_ms: int) -> set[Point]:
    """Without the first look, which came before the fault."""
    return {point for point in journal if point[1] > first_ms + 1000}


def test_what_is_sent_twice_is_valid_and_tells_nothing_new(mosquitto: BrokerAddress) -> None:
    """A gateway that repeats itself gives each message a number of its own; the values are the same."""

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, speed=60.0, behind_s=7200) as run:
            run.world.faults = faults(duplicate=1.0)
            await until(lambda: run.born and ear.data_points > 1000, "data")
        return ear, run

    ear, run = asyncio.run(scenario())
    assert ear.points <= run.journal
    bodies = Counter(
        b"".join(metric.SerializeToString() for metric in message.metrics)
        for message in (decode(payload) for topic, payload in ear.raw if "/DDATA/kiln-1" in topic)
        if not message.metrics[0].is_historical
    )
    assert set(bodies.values()) == {2}
    kiln = next(node for node in run.fleet.nodes if node.name == KILN)
    assert kiln.counts.doubled == kiln.counts.messages
    assert_valid(ear)


def test_late_values_come_as_history_in_the_end(mosquitto: BrokerAddress) -> None:
    """Held back by so much of the world's time, they come out of order with their own times, and none is missing."""
    late_ms = 60_000

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, speed=60.0, behind_s=7200) as run:
            await until(lambda: run.born and run.fleet.status().replaying == 0, "all born")
            run.world.faults = faults(late=0.5, late_ms=late_ms)
            begin_ms = run.world.now_ms
            await until(lambda: run.world.now_ms >= begin_ms + 150_000, "two and a half minutes")
            run.world.faults = TransportFaults()
            told = set(run.journal)
            await until(lambda: told <= ear.points, "all that was told")
        return ear, run

    ear, run = asyncio.run(scenario())
    kiln = next(node for node in run.fleet.nodes if node.name == KILN)
    assert kiln.counts.held > 5
    assert of_node(history(ear, run)) == history(ear, run) != set()
    newest, delays = 0, []
    for output in (each for each in ear.of_kind(Data) if each.source.node == "kiln-1"):
        newest = max([newest, *output.reading.live.timestamps_ms])
        delays += [newest - time for time in output.reading.historical.timestamps_ms if newest]
    assert max(delays) >= late_ms - 30_000
    assert_valid(ear)


def test_a_node_that_is_switched_off_says_goodbye(mosquitto: BrokerAddress) -> None:
    """NDEATH, then nothing; switched on again it is born and tells what it kept."""

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, speed=60.0, behind_s=7200) as run:
            await until(lambda: run.born and ear.data_points > 50, "data")
            kiln = [node for node in run.fleet.nodes if node.name == KILN]
            await run.fleet.switch(kiln, on=False)
            await until(lambda: verbs(ear)["NDEATH"] == 1, "its death")
            assert not kiln[0].link.connected
            off_ms = run.world.now_ms
            await until(lambda: run.world.now_ms >= off_ms + 60_000, "a minute")
            assert verbs(ear)["NBIRTH"] == 1
            await run.fleet.switch(kiln, on=True)
            await until(lambda: run.born, "born again")
            await come_to_rest(run, ear)
        return ear, run

    ear, run = asyncio.run(scenario())
    assert run.journal <= ear.points
    assert_valid(ear)


def test_the_speed_of_a_replay_can_be_changed(mosquitto: BrokerAddress) -> None:
    """While it is in the past; a live world keeps its pace."""

    async def scenario() -> None:
        async with listening(mosquitto), fleet_running(mosquitto, speed=20.0, behind_s=3600) as run:
            await until(lambda: run.born, "all born")
            with pytest.raises(ConfigurationError, match="choose 1 to 1000"):
                run.fleet.set_speed(2000.0)
            assert run.fleet.gait == 20.0
            run.fleet.set_speed(500.0)
            assert run.fleet.gait == 500.0
            begin_ms = run.world.now_ms
            await until(lambda: run.world.now_ms >= begin_ms + 600_000, "ten minutes")
        async with fleet_running(mosquitto) as run:
            with pytest.raises(ConfigurationError, match="the world is live"):
                run.fleet.set_speed(20.0)

    asyncio.run(scenario())

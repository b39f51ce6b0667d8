"""Devices on a real broker: what was published is stored, each value once, whatever dies in between."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from collecting import TINY, collecting, now_ms, tiny
from devices import FORMER_POWER, POWER, TEMPERATURE, TOPIC, mapping_file, message
from links import Probe, running, until
from processing import page, service
from servers.brokers import BrokerServer, mosquitto
from servers.processes import Server

from plant.errors import StoreUnavailableError
from plant.historian.duckdb.historian import DuckDBHistorian
from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import Historian, Retention
from plant.messages import Value, decode_health, decode_values
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import LARGEST_PAYLOAD, Link
from plant.readings import BAD, GOOD, STALE, Columns

ENTERPRISE, TAGS = tiny()
VALUES = "df/v1/tiny/alpha/shop/kiln-1/kiln/values"
SPAN = 500
"""What the instrument can show."""

pytestmark = pytest.mark.broker


class AwayHistorian(MemoryHistorian):
    """A historian that can be taken away."""

    away = False

    def write(self, columns: Columns) -> None:
        """As long as it is there."""
        if self.away:
            raise StoreUnavailableError("connection refused")
        super().write(columns)


@pytest.fixture
def keeping_server(tmp_path: Path) -> Iterator[BrokerServer]:
    """A Mosquitto that keeps sessions and their messages over a restart."""
    server = mosquitto(tmp_path)
    config = Path(server.command[-1])
    kept = f"persistence true\npersistence_location {tmp_path}/\nuser root\n"
    config.write_text(config.read_text().replace("persistence false\n", kept))
    server.start()
    yield server
    server.stop()


class Meters:
    """Publishes with QoS 1 and remembers what it has said."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.sent: dict[int, float] = {}
        self.begin = now_ms() - 60_000

    def say(self, count: int = 1, topic: str = TOPIC) -> None:
        """As many new values, each of its own time; they must leave."""
        for _ in range(count):
            time, value = self.begin + len(self.sent), float(len(self.sent) % SPAN)
            assert self.link.publish(topic, message(time, value), qos=1)
            self.sent[time] = value


@asynccontextmanager
async def meters(address: BrokerAddress) -> AsyncIterator[Meters]:
    """Meters that are connected."""
    async with running(address, "meters", Probe()) as link:
        yield Meters(link)


def good(historian: Historian, tag: int, times: dict[int, float]) -> dict[int, float]:
    """What is stored as good of these times."""
    rows = historian.raw([tag], min(times), max(times) + 1)
    kept = rows.take(rows.quality == GOOD)
    return dict(zip(kept.time.tolist(), kept.value.tolist(), strict=True))


def power(probe: Probe) -> Value:
    """What the namespace shows; bad of time 0 before it shows anything."""
    payloads = probe.payloads(VALUES)
    values = decode_values(payloads[-1]).values if payloads else {}
    return values.get("power", Value(None, 0, BAD))


@pytest.mark.parametrize("kind", ["mosquitto", "embedded_broker"])
def test_from_a_meter_to_historian_and_namespace(kind: str, request: pytest.FixtureRequest, tmp_path: Path):
    """On both brokers, without any Sparkplug; everything is acknowledged in the end."""
    address: BrokerAddress = request.getfixturevalue(kind)

    async def main() -> None:
        historian, probe = MemoryHistorian(TAGS), Probe([("df/v1/tiny/#", 0)])
        async with (
            running(address, "reader", probe),
            collecting(address, historian, ENTERPRISE, TAGS, mappings=(mapping_file(tmp_path),)) as collector,
            meters(address) as source,
        ):
            source.say(1_000)
            assert source.link.publish("sensors/k-1/t", b"150.5", qos=1)
            await until(lambda: collector.counts.written >= 1_001, "all is stored")
            await until(lambda: not collector._devices.waiting, "all is acknowledged")
            last = (float(999 % SPAN), GOOD)
            await until(lambda: (power(probe).value, power(probe).quality) == last, "the last is shown")
            assert collector.counts.device_messages == 1_001
            assert collector.quarantine.counts == {}
        assert good(historian, POWER, source.sent) == source.sent
        assert historian.raw([TEMPERATURE], now_ms() - 60_000, now_ms()).value.tolist() == [150.5]

    asyncio.run(main())


def test_a_device_that_falls_silent_is_stale_until_it_speaks(mosquitto: BrokerAddress, tmp_path: Path):
    """In the namespace and, with one row, in the historian."""

    async def main() -> None:
        historian, probe = MemoryHistorian(TAGS), Probe([(VALUES, 0)])

        async with (
            running(mosquitto, "reader", probe),
            collecting(mosquitto, historian, ENTERPRISE, TAGS, mappings=(mapping_file(tmp_path, "1 s"),)) as collector,
            meters(mosquitto) as source,
        ):
            source.say()
            await until(lambda: power(probe).quality == GOOD, "it is shown")
            await until(lambda: power(probe).quality == STALE, "silence is shown")
            assert collector.counts.device_silences >= 1
            assert source.link.publish(TOPIC, message(now_ms(), 42.0), qos=1)
            await until(lambda: power(probe).quality == GOOD, "it is back")
            await until(lambda: len(historian.raw([POWER], source.begin, now_ms() + 1)) >= 3, "all is stored")
        rows = historian.raw([POWER], source.begin, now_ms() + 1)
        assert rows.quality.tolist()[:3] == [GOOD, STALE, GOOD]

    asyncio.run(main())


def test_what_comes_while_no_collector_is_there_waits_at_the_broker(mosquitto: BrokerAddress, tmp_path: Path):
    """The session is persistent: the next collector finds it all."""

    async def main() -> None:
        historian, options = MemoryHistorian(TAGS), {"mappings": (mapping_file(tmp_path),)}
        async with meters(mosquitto) as source:
            async with collecting(mosquitto, historian, ENTERPRISE, TAGS, **options):
                source.say(50)
                await until(lambda: len(historian.raw([POWER], source.begin, now_ms())) == 50, "the first are stored")
            source.say(200)
            async with collecting(mosquitto, historian, ENTERPRISE, TAGS, **options) as second:
                await until(lambda: second.counts.written >= 200, "the others are stored")
                assert second.counts.device_messages == 200  # what was acknowledged does not come again
        assert good(historian, POWER, source.sent) == source.sent

    asyncio.run(main())


def test_a_restart_of_the_broker_loses_nothing(keeping_server: BrokerServer, tmp_path: Path):
    """What was received and not kept yet comes again from the broker's disk; what came meanwhile too."""

    async def main() -> None:
        historian = AwayHistorian(TAGS)
        options = {"mappings": (mapping_file(tmp_path),), "batch_s": 0.02}
        async with (
            collecting(keeping_server.address, historian, ENTERPRISE, TAGS, **options) as collector,
            meters(keeping_server.address) as source,
        ):
            source.say(100)
            await until(lambda: collector.counts.written >= 100, "the first are stored")
            historian.away = True
            source.say(100)
            await until(lambda: collector.counts.device_messages >= 200, "the next are received")
            assert collector._devices.waiting == 100
            await asyncio.to_thread(keeping_server.stop)
            await until(lambda: not collector._devices.online, "the loss is noticed")
            assert collector._devices.waiting == 0
            await asyncio.to_thread(keeping_server.start)
            await until(lambda: collector.counts.device_messages >= 300, "they come again", 30.0)
            historian.away = False
            await until(lambda: source.link.connected, "the meters are back", 30.0)
            source.say(100)
            await until(lambda: good(historian, POWER, source.sent) == source.sent, "all is stored", 30.0)
            await until(lambda: not collector._devices.waiting, "all is acknowledged")

    asyncio.run(main())


def test_a_message_that_had_to_make_room_is_asked_for_again(
    mosquitto: BrokerAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Memory was too small while the historian was away: the broker still has what was never acknowledged."""
    monkeypatch.setattr("collectors.devices.link.PATIENCE_S", 0.5)

    async def main() -> None:
        historian = AwayHistorian(TAGS)
        options = {"mappings": (mapping_file(tmp_path),), "batch_s": 0.02, "buffer_rows": 40, "turn_s": 0.001}
        async with (
            collecting(mosquitto, historian, ENTERPRISE, TAGS, **options) as collector,
            meters(mosquitto) as source,
        ):
            historian.away = True
            for _ in range(20):
                source.say(10)
                await until(lambda: collector.counts.device_messages >= len(source.sent), "they are received")
            await until(lambda: collector.quarantine.counts.get("buffer_full", 0) > 0, "some had to go")
            historian.away = False
            await until(lambda: good(historian, POWER, source.sent) == source.sent, "all is stored after all", 60.0)

    asyncio.run(main())


def health(port: int) -> dict[str, int]:
    """What the collector tells of itself; empty while it does not answer."""
    return json.loads(page(port, "/healthz?detail=1")[1] or "{}").get("collector", {})


def test_a_kill_between_receive_and_durable_loses_nothing(
    mosquitto: BrokerAddress,
    tmp_path: Path,
    free_port: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
):
    """Kill -9 under load: what was received and not kept comes again to the next collector, and is stored once."""
    monkeypatch.setenv("FACTORY_BATCH", "1.0")  # so that there is always something between
    port = free_port()
    arguments = ["--broker", str(mosquitto), "--model", str(TINY), "--data", str(tmp_path)]
    arguments += ["--mappings", str(mapping_file(tmp_path)), "--service-port", str(port)]

    async def publish(source: Meters, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while loop.time() < until_s:
            source.say(10)
            await asyncio.sleep(0.01)

    async def main() -> dict[int, float]:
        probe = Probe([(VALUES, 0)])
        async with meters(mosquitto) as source:
            with service(*arguments) as first:
                await until(lambda: health(port).get("historian_ok"), "the first collector serves", 60.0)
                await until(lambda: page(port, "/healthz")[0] == 200, "it listens", 30.0)
                load = asyncio.get_running_loop().create_task(publish(source, 4.0))
                await until(lambda: health(port).get("written", 0) > 300, "some is stored", 30.0)
                await until(lambda: health(port).get("pending", 0) > 100, "some is only received", 30.0)
                first.kill()
                await asyncio.to_thread(first.wait)
                await load
            with service(*arguments) as second:
                async with running(mosquitto, "reader", probe):
                    await until(lambda: health(port).get("written", 0) > 0, "the second collector stores", 60.0)
                    source.say(10)
                    last = max(source.sent)
                    await until(lambda: power(probe).time == last, "the last is taken in, so all are", 60.0)
                second.terminate()
                assert await asyncio.to_thread(second.wait, 20) == 0
            return source.sent

    sent = asyncio.run(main())
    historian = DuckDBHistorian(tmp_path / "historian.duckdb", TAGS, Retention())
    rows = historian.raw([POWER], min(sent), max(sent) + 1)
    historian.close()
    kept = rows.take(rows.quality == GOOD)
    assert dict(zip(kept.time.tolist(), kept.value.tolist(), strict=True)) == sent


@pytest.mark.influxdb
def test_what_is_in_the_spool_is_acknowledged_and_survives_a_kill(
    mosquitto: BrokerAddress, influxdb: str, influxdb_server: Server, tmp_path: Path, free_port: Callable[[], int]
):
    """The broker is relieved while the historian is away; kill -9 then costs nothing, and nothing comes twice."""
    port = free_port()
    arguments = ["--broker", str(mosquitto), "--historian", influxdb, "--model", str(TINY), "--data", str(tmp_path)]
    arguments += ["--mappings", str(mapping_file(tmp_path)), "--service-port", str(port)]

    def metric(name: str) -> float:
        found = re.search(rf"^{name} (.+)$", page(port, "/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else -1.0

    async def main() -> dict[int, float]:
        async with meters(mosquitto) as source:
            with service(*arguments) as first:
                await until(lambda: page(port, "/healthz")[0] == 200, "the first collector listens", 60.0)
                source.say(300)
                await until(lambda: health(port).get("written", 0) >= 300, "the first are stored", 30.0)
                await asyncio.to_thread(influxdb_server.stop)
                source.say(500)
                await until(lambda: health(port).get("spooled", 0) >= 500, "the others are on disk", 30.0)
                await until(lambda: metric("collector_device_unacknowledged") == 0, "all is acknowledged", 30.0)
                first.kill()
                await asyncio.to_thread(first.wait)
            await asyncio.to_thread(influxdb_server.start)
            with service(*arguments):
                await until(lambda: health(port).get("written", 0) >= 500, "the spool is drained", 60.0)
                assert metric("collector_device_messages_total") == 0
            return source.sent

    sent = asyncio.run(main())
    historian = open_historian(influxdb, TAGS, tmp_path, Retention())
    assert good(historian, POWER, sent) == sent
    historian.close()


def rubbish(now: int) -> dict[str, list[tuple[str, bytes]]]:
    """Everything that a device may do wrong, by the reason under which it is to be counted: topic and payload."""
    return {
        "malformed_payload": [(TOPIC, b"{"), (TOPIC, b""), (TOPIC, b"\xff\xfe"), (TOPIC, b"[" * 10_000)],
        "wrong_shape": [(TOPIC, b"[]"), (TOPIC, b"21.5")],
        "nothing_mapped": [(TOPIC, b"{}"), ("sensors/k-1/colour", b"1")],
        "unknown_device": [("meters/x-9/data", message(now, 1.0))],
        "wrong_type": [(TOPIC, message(now, "much")), (TOPIC, message(now, [1])), ("sensors/k-1/t", b"21,5")],
        "not_a_number": [(TOPIC, b'{"ts": %d, "p": NaN}' % (now - 5)), ("sensors/k-1/t", b"nan")],
        "out_of_range": [(TOPIC, message(now - 4, 1e9))],
        "absurd_timestamp": [
            (TOPIC, message(-1, 1.0)),
            (TOPIC, b'{"ts": 1e300, "p": 1}'),
            (TOPIC, b'{"p": 1}'),
            (TOPIC, message(1_000, 1.0)),  # 1970
        ],
        "future_timestamp": [(TOPIC, message(now + 3_600_000, 1.0))],
        "too_old": [(TOPIC, message(now - 40 * 86_400_000, 1.0))],
        "oversize": [(TOPIC, b" " * LARGEST_PAYLOAD)],
        "text_too_long": [(TOPIC, message(now - 2, None, why="x" * 5_000))],
    }


def test_rubbish_is_counted_by_its_reason_and_good_values_flow_on(mosquitto: BrokerAddress, tmp_path: Path):
    """Another meter on the same connection loses nothing; every message is acknowledged, or it would come for ever."""

    async def main() -> None:
        historian = MemoryHistorian(TAGS)
        async with (
            collecting(mosquitto, historian, ENTERPRISE, TAGS, mappings=(mapping_file(tmp_path),)) as collector,
            meters(mosquitto) as source,
        ):
            wrong = rubbish(now_ms())
            for messages in wrong.values():
                for topic, payload in messages:
                    source.say(5, "meters/b-1/data")
                    assert source.link.publish(topic, payload, qos=1)
            source.say(5, "meters/b-1/data")
            total = len(source.sent) + sum(map(len, wrong.values()))
            await until(lambda: collector.counts.device_messages == total, "all has come")
            await until(lambda: good(historian, FORMER_POWER, source.sent) == source.sent, "all good is stored")
            await until(lambda: not collector._devices.waiting, "all is acknowledged")
            assert collector.quarantine.counts == {reason: len(messages) for reason, messages in wrong.items()}
            assert collector.health(False)[0]

    asyncio.run(main())


def test_a_gateway_without_sparkplug_is_a_node_of_its_site(mosquitto: BrokerAddress, tmp_path: Path):
    """The health of the site counts what its devices say."""
    file = mapping_file(tmp_path)
    keys = [metric.key for metric in next(u for u in ENTERPRISE.units if u.slug == "kiln").metrics]
    values = "\n".join(f"      {key}: {{metric: {key}}}" for key in keys)
    head, _, _ = file.read_text().partition("      p:")
    file.write_text(f"{head}{values}\n")

    async def main() -> None:
        probe = Probe([("df/v1/tiny/alpha/health", 0)])
        async with (
            running(mosquitto, "reader", probe),
            collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, mappings=(file,)),
            running(mosquitto, "meter", Probe()) as link,
        ):
            assert link.publish(TOPIC, json.dumps({"ts": now_ms(), "power": 5}).encode(), qos=1)

            def online() -> bool:
                told = [decode_health(payload) for _, payload, _ in probe.messages]
                return any(node.online and node.devices == 1 for health in told for node in health.nodes)

            await until(online, "the gateway is shown as online")

    asyncio.run(main())

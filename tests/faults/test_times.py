"""Readings whose times repeat, come late, in no order, from the future or from 1970, through a running collector."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from collecting import collecting, edge, now_ms, tiny
from links import Probe, running, until

from plant.historian.open import open_historian
from plant.historian.protocol import DAY_MS, MINUTE_MS, Retention, Tier
from plant.messages import decode_values
from plant.mqtt.address import BrokerAddress
from plant.readings import GOOD

ENTERPRISE, TAGS = tiny()
KILN = "alpha/shop/kiln-1/kiln"
POWER = TAGS.by_path(f"{KILN}/power").index
COUNT = 600
SKEW_MS = 20_000
HOPELESS = {
    "absurd_timestamp": (1, DAY_MS, 3_650 * DAY_MS, 2**62),
    "future_timestamp": (2 * MINUTE_MS, 60 * MINUTE_MS, 30 * DAY_MS),
}
"""Times that cannot be true by the reason under which they are counted; those of the future from now on."""

Said = list[tuple[int, float]]
"""Time and value in the order in which they are said."""


def credible(now: int) -> tuple[Said, Said]:
    """What is said as it happens, and what as history.

    Ten minutes in no order, one time in five twice with the same value, one in seven twice with another, up to
    20 s ahead of us.
    """
    rng = random.Random(11)
    begin = now // MINUTE_MS * MINUTE_MS - 10 * MINUTE_MS
    times = [begin + 1_000 * number for number in range(COUNT)] + [now + SKEW_MS]
    said = [(time, float(number % 400)) for number, time in enumerate(times)]
    again = [(time, value) for time, value in said if time // 1_000 % 5 == 0]
    other = [(time, value + 7.0) for time, value in said if time // 1_000 % 7 == 0]
    live = said + again + other
    rng.shuffle(live)
    past = [(begin - 1_000 * number, float(number % 400)) for number in range(1, 200)]
    rng.shuffle(past)
    return live, past


@pytest.mark.broker
@pytest.mark.influxdb
@pytest.mark.parametrize("store", ["DuckDB", "InfluxDB"])
def test_of_any_times_each_is_stored_once_and_the_incredible_are_counted(
    store: str, mosquitto: BrokerAddress, influxdb: str, tmp_path: Path
):
    """Of one instant the last to arrive counts; minutes agree with readings; the newest is shown, not the last."""
    with closing(open_historian(influxdb if store == "InfluxDB" else "", TAGS, tmp_path, Retention())) as historian:
        now = now_ms()
        live, past = credible(now)
        probe = Probe([(f"df/v1/tiny/{KILN}/values", 0)])

        async def main() -> dict[str, int]:
            async with (
                running(mosquitto, "reader", probe),
                collecting(mosquitto, historian, ENTERPRISE, TAGS, batch_s=0.05) as collector,
                edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
            ):
                await until(lambda: kiln.births, "births are out")
                for number, (time, value) in enumerate(live):
                    kiln.send("kiln", {"power": value}, time)
                    if number < len(past):
                        kiln.send("kiln", {"power": past[number][1]}, past[number][0], historical=True)
                    if number % 50 == 0:
                        await asyncio.sleep(0.01)
                for reason, times in HOPELESS.items():
                    for time in times:
                        kiln.send("kiln", {"power": 1.0}, time if reason == "absurd_timestamp" else now + time)
                told = {reason: len(times) for reason, times in HOPELESS.items()}
                await until(lambda: collector.quarantine.counts.items() >= told.items(), "all is judged")
                await until(lambda: collector.counts.historical >= len(past), "all is taken in")
                return collector.quarantine.counts

        counts = asyncio.run(main())
        assert counts == {reason: len(times) for reason, times in HOPELESS.items()}
        expected = dict(past) | dict(live)
        raw = historian.raw([POWER], 1, now + 365 * DAY_MS)
        good = raw.take(raw.quality == GOOD)
        stored = list(zip(good.time.tolist(), good.value.tolist(), strict=True))
        assert dict(stored) == expected
        assert len(stored) == len(expected)
        newest = decode_values(probe.payloads(f"df/v1/tiny/{KILN}/values")[-2]).values["power"]
        assert (newest.time, newest.value) == max(expected.items())
        minutes = historian.tier(Tier.MINUTE, [POWER], min(expected) - MINUTE_MS, now)
        made = {time: count for time, count in zip(minutes.time.tolist(), minutes.count.tolist(), strict=True) if count}
        at = np.array(sorted(time for time in expected if time < int(minutes.time[-1]) + MINUTE_MS)) // MINUTE_MS
        assert made == {int(time) * MINUTE_MS: int((at == time).sum()) for time in np.unique(at)}

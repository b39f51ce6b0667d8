"""Corrections and plans between a real broker and a real operations database."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from collecting import collecting, now_ms, tiny
from links import Probe, running, until

from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.entries import Entries
from collectors.quarantine import Quarantine
from plant.errors import StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import MINUTE_MS
from plant.messages import CommandMessage, Order, OrdersMessage, decode_result, encode
from plant.mqtt.address import BrokerAddress
from plant.operations.address import operations_url
from plant.operations.audit import Audited
from plant.operations.corrections import CorrectionStore
from plant.operations.database import Operations
from plant.operations.open import open_operations
from plant.operations.plans import PlanStore
from plant.production.corrections import Correction, CountsChange

ENTERPRISE, TAGS = tiny()
LINE = "df/v1/tiny/alpha/shop/board-1"
PLAN = OrdersMessage(1_790_000_000_000, (Order("boards-1", "board", 100.0, "m2", 1_790_000_100_000, 1),))
ENTERED = Correction("k1", "alpha/board-1", 0, MINUTE_MS, 1.0, 1.0, 0.0, "anna", "x")
pytestmark = pytest.mark.broker


def command(change: CountsChange | None, name: str = "k1") -> CommandMessage:
    """Somebody asks now."""
    now = now_ms()
    return CommandMessage(name, now, now + 30_000, "anna", "counts.correct", "counts", "was blocked", None, change)


def test_a_correction_is_answered_when_it_is_kept(mosquitto: BrokerAddress, operations_address: str, tmp_path: Path):
    """Once, also when it is sent twice; a refusal has its reason; both are in the audit trail."""
    url = operations_url(operations_address, tmp_path)
    probe = Probe([(f"{LINE}/cmd/result", 1)])
    end = now_ms() // MINUTE_MS * MINUTE_MS
    asked = command(CountsChange(end - 5 * MINUTE_MS, end, good=5.0))
    wrong = command(CountsChange(end - 5 * MINUTE_MS, end, good=-6.0), "k2")

    async def main() -> None:
        async with (
            running(mosquitto, f"desk-{random.random()}", probe) as link,
            collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, operations=url) as collector,
        ):
            for number, each in enumerate([asked, asked, wrong]):
                link.publish(f"{LINE}/cmd", encode(each), 1)
                await until(lambda n=number: len(probe.payloads(f"{LINE}/cmd/result")) > n, "it is answered")
            assert collector.counts.count_commands == 3

    asyncio.run(main())
    results = [decode_result(each) for each in probe.payloads(f"{LINE}/cmd/result")]
    assert [(each.id, each.ok, each.reason) for each in results] == [
        ("k1", True, ""),
        ("k1", True, ""),
        ("k2", False, "below_zero"),
    ]
    with closing(open_operations(operations_address, tmp_path)) as operations:
        store = CorrectionStore(operations)
        kept = [(each.id, each.line, each.good, each.who) for each in store.between(0, 1 << 62)]
        trail = [store.answered(name) for name in ("k1", "k2")]
    assert kept == [("k1", "alpha/board-1", 5.0, "anna")]
    assert [(row.ok, row.why) for row in trail if row is not None] == [(True, "was blocked"), (False, "was blocked")]


def test_plans_of_lines_outlive_the_broker(mosquitto: BrokerAddress, operations_address: str, tmp_path: Path):
    """What is retained when the collector comes is kept; a plan that is none is quarantined."""
    url = operations_url(operations_address, tmp_path)

    async def main() -> None:
        async with running(mosquitto, f"erp-{random.random()}", Probe([("x", 0)])) as link:
            link.publish(f"{LINE}/orders", encode(PLAN), 1, True)
            async with collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, operations=url) as collector:
                await until(lambda: collector.counts.plans == 1, "the plan is kept")
                link.publish(f"{LINE}/orders", b"{}", 1)
                await until(lambda: collector.quarantine.counts.get("malformed_payload") == 1, "it is no plan")
            link.publish(f"{LINE}/orders", b"", 1, True)

    asyncio.run(main())
    with closing(open_operations(operations_address, tmp_path)) as operations:
        assert PlanStore(operations).plans() == {"alpha/board-1": PLAN}


def test_corrections_are_known_while_the_database_is_away(tmp_path: Path) -> None:
    """Nobody else changes those of our lines, so what was known last still holds; before that it is not guessed."""
    url = operations_url("", tmp_path)
    operations = Operations(url)

    class Away(Operations):
        """Until it comes back."""

        away = True

        @contextmanager
        def reading(self):
            if self.away:
                raise StoreUnavailableError("away")
            with super().reading() as connection:
                yield connection

    operations.migrate()
    CorrectionStore(operations).enter(ENTERED, Audited("k1", 5, "anna", "x", "counts.correct", "p", "counts", ok=True))
    operations.close()
    database = Away(url)
    config = CollectorConfig(BrokerAddress("127.0.0.1", 1), "collector-1", ("alpha",), operations=url)
    entries = Entries(
        config,
        TAGS,
        MemoryHistorian(TAGS),
        database,
        lambda *_: None,
        lambda *_: None,
        now_ms,
        Quarantine(now_ms),
        Counts(),
        random.Random(1),
    )
    with pytest.raises(StoreUnavailableError):
        entries.corrections(0, MINUTE_MS)
    database.away = False
    assert entries.corrections(0, MINUTE_MS) == [ENTERED]
    database.away = True
    assert entries.corrections(0, MINUTE_MS) == [ENTERED]
    assert entries.corrections(MINUTE_MS, 2 * MINUTE_MS) == []
    entries.finish()
    database.close()

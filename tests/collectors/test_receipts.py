"""Messages are acknowledged when what they held is kept, and not before: in the historian or on disk."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from collecting import NOW, Clock, tiny
from hypothesis import given
from hypothesis import strategies as st
from servers.processes import until

from collectors.batch import Batch
from collectors.buffer import MemoryBuffer
from collectors.counts import Counts
from collectors.quarantine import Quarantine
from collectors.spool import Spool
from collectors.spooling import SpoolingBuffer
from collectors.writer import HistorianWriter
from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.mqtt.handler import Delivery
from plant.readings import GOOD, Columns

TAGS = tiny()[1]


def batch(number: int, rows: int = 1, *, fresh: bool = True) -> Batch:
    """Readings with the receipt of the message that brought them."""
    columns = Columns.of([0] * rows, [NOW + 1_000 * number + n for n in range(rows)], [number] * rows, [GOOD] * rows)
    is_fresh = np.full(rows, fresh, np.bool_)
    return Batch(columns, is_fresh, receipts=(Delivery(1, number, 1),))


class Secured(list[int]):
    """Numbers of the messages that may be acknowledged."""

    def __call__(self, receipts: Sequence[Delivery]) -> None:
        """Note them."""
        self.extend(receipt.mid for receipt in receipts)


def spooling(folder: Path, secured: Secured, capacity: int = 100) -> SpoolingBuffer:
    """Memory, and behind it a spool."""
    spool = Spool(folder / "spool", TAGS, most_bytes=1_000_000, most_age_ms=10**9, clock=Clock())
    return SpoolingBuffer(MemoryBuffer(capacity, secured), spool)


def test_a_receipt_waits_for_the_write():
    """What was only handed out may still be lost."""
    secured = Secured()
    buffer = MemoryBuffer(100, secured)
    buffer.put(batch(1))
    buffer.put(batch(2))
    buffer.peek(100)
    assert secured == []
    buffer.confirm()
    assert secured == [1, 2]


def test_what_had_to_make_room_is_never_told():
    """The broker still has it."""
    secured = Secured()
    buffer = MemoryBuffer(3, secured)
    for number in range(6):
        buffer.put(batch(number))
    while buffer.peek(10) is not None:
        buffer.confirm()
    assert secured == [3, 4, 5]


def test_disk_is_as_good_as_the_historian(tmp_path: Path):
    """When the historian is away, a receipt is told as soon as its readings are in the spool."""
    secured = Secured()
    buffer = spooling(tmp_path, secured)
    buffer.put(batch(1))
    buffer.peek(100)
    buffer.secure()
    assert secured == [1]
    assert (buffer.rows, buffer.kept) == (1, 1)
    buffer.close()


def test_a_message_without_readings_waits_for_its_turn_and_takes_no_space(tmp_path: Path):
    """Acknowledgements keep the order of the messages, as MQTT wants them."""
    secured = Secured()
    buffer = spooling(tmp_path, secured)
    for number in (1, 2, 3):
        buffer.put(batch(number, rows=number % 2))
    buffer.peek(1)
    assert secured == []
    buffer.secure()
    assert secured == [1, 2, 3]
    assert buffer.kept == 2
    buffer.put(batch(4, rows=0))
    while buffer.peek(1) is not None:
        buffer.confirm()
    assert secured == [1, 2, 3, 4]
    buffer.close()


def test_while_the_spool_drains_both_halves_must_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Fresh readings go to the historian, the rest of the batch behind the spool: only then it is acknowledged."""
    secured = Secured()
    buffer = spooling(tmp_path, secured)
    buffer.put(batch(1))
    buffer.secure()
    mixed = Batch.merge((batch(2), batch(3, fresh=False)))
    buffer.put(mixed)
    assert len(buffer.peek(100) or ()) == 1  # the fresh half
    monkeypatch.setattr(buffer._spool, "append", lambda _: (_ for _ in ()).throw(StoreUnavailableError("disk full")))
    buffer.confirm()
    assert secured == [1]
    monkeypatch.undo()
    buffer.peek(100)
    buffer.confirm()
    assert secured == [1, 2, 3]
    buffer.close()


@given(st.lists(st.sampled_from(["put", "empty", "old", "write", "secure"]), max_size=40))
def test_whatever_happens_receipts_come_in_order_and_each_once(tmp_path_factory: pytest.TempPathFactory, steps):
    """And never before all readings of the message have left memory."""
    secured = Secured()
    buffer = spooling(tmp_path_factory.mktemp("spool"), secured, capacity=10_000)
    written: set[int] = set()
    count = 0
    for step in steps:
        if step in {"put", "empty", "old"}:
            count += 1
            buffer.put(batch(count, rows=0 if step == "empty" else 2, fresh=step == "put"))
        elif step == "secure":
            buffer.secure()
        elif (out := buffer.peek(3)) is not None:
            written.update(out.columns.value.astype(int).tolist())
            buffer.confirm()
        assert secured == list(range(1, len(secured) + 1))
    while buffer.peek(3) is not None:
        buffer.confirm()
    assert secured == list(range(1, count + 1))
    buffer.close()


class Fickle(MemoryHistorian):
    """A historian that is away, or refuses, when told."""

    def __init__(self) -> None:
        super().__init__(TAGS)
        self.fault: Exception | None = None
        self.asked = threading.Event()

    def write(self, columns: Columns) -> None:
        """Or not."""
        self.asked.set()
        if self.fault is not None:
            raise self.fault
        super().write(columns)


@pytest.fixture
def parts():
    """Historian, writer and what is told."""
    historian, secured = Fickle(), Secured()
    buffer = MemoryBuffer(100, secured)
    quarantine = Quarantine(Clock())
    writer = HistorianWriter(historian, buffer, 0.01, lambda _: None, quarantine, Counts(), random.Random(1))
    writer.start()
    yield historian, writer, secured
    historian.fault = None
    writer.drain(5.0)


def test_a_historian_that_is_away_gets_no_receipt_out(parts, monkeypatch: pytest.MonkeyPatch):
    """Without a spool, the broker keeps what the historian does not take."""
    monkeypatch.setattr("collectors.writer.FIRST_DELAY_S", 0.02)
    historian, writer, secured = parts
    historian.fault = StoreUnavailableError("connection refused")
    writer.put(batch(1))
    until(historian.asked.is_set, "a write is tried")
    assert secured == []
    historian.fault = None
    until(lambda: secured == [1], "it is written and told")


def test_what_the_historian_refuses_for_good_is_not_asked_for_again(parts):
    """It is in the quarantine; a message that comes for ever would hold up all others."""
    historian, writer, secured = parts
    historian.fault = StoreRejectedError("not for me")
    writer.put(batch(1))
    until(lambda: secured == [1], "it is settled")

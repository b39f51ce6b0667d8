"""The thread that makes minute and hour rows."""

from __future__ import annotations

import threading

import pytest
from collecting import NOW, Clock, tiny
from structlog.testing import capture_logs

from collectors.counts import Counts
from collectors.tiers import TierThread
from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.historian.tiers import TierMaker

TAGS = tiny()[1]


class Maker(TierMaker):
    """Fails as often as it is told, then tells when it was called."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__(MemoryHistorian(TAGS), TAGS)
        self.failures = list(failures)
        self.made: list[int] = []
        self.enough = threading.Event()

    def make(self, now: int) -> None:
        """Note the time."""
        if self.failures:
            raise self.failures.pop(0)
        self.made.append(now)
        self.enough.set()


class Expiring(MemoryHistorian):
    """Notes when it was told to let go of what is old."""

    def __init__(self) -> None:
        super().__init__(TAGS)
        self.expired: list[int] = []

    def expire(self, now: int) -> None:
        """Note the time."""
        self.expired.append(now)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("collectors.tiers.EVERY_S", 0.005)


def test_rows_are_made_again_and_again_and_once_more_at_the_end():
    """At the time of the clock that was given."""
    maker = Maker()
    thread = TierThread(Expiring(), maker, Clock(), Counts())
    thread.start()
    assert maker.enough.wait(10)
    made = len(maker.made)
    thread.finish(10.0)
    assert len(maker.made) > made
    assert set(maker.made) == {NOW}


def test_a_lost_historian_is_said_once_and_rows_follow_when_it_is_back():
    """However often it was tried in between."""
    failures = [StoreUnavailableError("refused"), StoreUnavailableError("refused"), StoreRejectedError("no")]
    maker, counts = Maker(*failures), Counts()
    with capture_logs() as lines:
        thread = TierThread(Expiring(), maker, Clock(), counts)
        thread.start()
        assert maker.enough.wait(10)
        thread.finish(10.0)
    assert counts.tier_failures == 3
    assert [line["event"] for line in lines] == ["minute rows wait for the historian", "minute rows are made again"]


def test_what_is_old_is_let_go_of_once_an_hour(monkeypatch):
    """Retention is the historian's; when is ours."""
    monkeypatch.setattr("collectors.tiers.EXPIRE_EVERY_S", 0.0)
    historian, maker = Expiring(), Maker()
    thread = TierThread(historian, maker, Clock(), Counts())
    thread.start()
    assert maker.enough.wait(10)
    thread.finish(10.0)
    assert set(historian.expired) == {NOW}


def test_a_bug_is_loud_and_does_not_end_the_thread():
    """Other rows and the retention still have to be looked after."""
    maker, counts = Maker(ZeroDivisionError("bug"), ZeroDivisionError("bug")), Counts()
    with capture_logs() as lines:
        thread = TierThread(Expiring(), maker, Clock(), counts)
        thread.start()
        assert maker.enough.wait(10)
        thread.finish(10.0)
    assert counts.tier_failures == 2
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("minute rows cannot be made", "error"),
        ("minute rows are made again", "info"),
    ]

"""A collector beside another event loop."""

from __future__ import annotations

import random
from time import monotonic, sleep

import pytest
from collecting import now_ms, tiny

from collectors.collector import Collector
from collectors.config import CollectorConfig
from collectors.thread import CollectorThread
from plant.historian.memory import MemoryHistorian
from plant.mqtt.address import BrokerAddress

ENTERPRISE, TAGS = tiny()


def collector(address: BrokerAddress) -> Collector:
    """A collector of the tiny model."""
    config = CollectorConfig(address, "collector-1", ("alpha", "beta"))
    return Collector(config, ENTERPRISE, TAGS, MemoryHistorian(TAGS), now_ms, random.Random(1))


@pytest.mark.broker
def test_it_runs_and_drains_beside_its_owner(mosquitto: BrokerAddress):
    """Started and stopped from a thread without a loop; stopping twice does no harm."""
    thread = CollectorThread(collector(mosquitto))
    thread.start()
    deadline = monotonic() + 20
    while not thread.collector.health(False)[0]:
        assert monotonic() < deadline, "online within 20 s"
        sleep(0.01)
    assert thread.alive
    thread.stop()
    assert not thread.alive
    thread.stop()


def test_it_stops_also_while_no_broker_answers(free_port):
    """The owner's end must not depend on the network."""
    thread = CollectorThread(collector(BrokerAddress("127.0.0.1", free_port())))
    thread.start()
    thread.stop()
    assert not thread.alive


def test_what_ended_it_is_raised_to_its_owner(monkeypatch):
    """A bug is loud: the owner sees that it is not alive, and why."""
    broken = collector(BrokerAddress("127.0.0.1"))
    monkeypatch.setattr(broken, "_check_hosts", lambda: 1 / 0)
    thread = CollectorThread(broken)
    thread.start()
    with pytest.raises(ZeroDivisionError):
        thread.stop()
    assert not thread.alive

"""What a load test refuses before it connects."""

from __future__ import annotations

import resource
from typing import Any

import pytest

from plant.errors import ConfigurationError
from plant.mqtt.address import BrokerAddress
from simulators.load import config as config_module
from simulators.load.config import SPARE_FILES, LoadConfig, demand_files

BROKER = BrokerAddress("127.0.0.1")


def load(**options: Any) -> LoadConfig:
    """A load test of 10 nodes."""
    return LoadConfig(BROKER, **{"nodes": 10, "metrics": 20, "rate": 100.0} | options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"nodes": 0}, "must be above 0"),
        ({"rate": 0.0}, "must be above 0"),
        ({"seconds": 0.0}, "must be above 0"),
        ({"metrics": 0}, "choose 1 to 16383"),
        ({"metrics": 20_000}, "choose 1 to 16383"),
        ({"devices": 3}, "choose a divisor"),
        ({"rate": 1e6}, "lower --rate to 100000"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_mend(options: dict[str, Any], says: str) -> None:
    """One sentence that says what would be right."""
    with pytest.raises(ConfigurationError, match=says):
        load(**options)


@pytest.mark.parametrize(
    ("options", "values", "messages_per_s"),
    [
        ({"rate": 100.0}, 10, 10.0),
        ({"rate": 1.0}, 1, 1.0),
        ({"rate": 10_000.0}, 20, 500.0),
        ({"rate": 100.0, "devices": 4}, 2, 50.0),
        ({"rate": 100.0, "devices": 0}, 10, 10.0),
    ],
)
def test_a_message_gathers_a_second_of_a_device(options: dict[str, Any], values: int, messages_per_s: float) -> None:
    """At least one value, at most all metrics; the rate of messages follows."""
    config = load(**options)
    assert config.values_per_message == values
    assert config.messages_per_s == messages_per_s


def test_too_few_open_files_are_said_before_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The soft limit is raised as far as it may be; a hard limit is named with what would help."""
    limits = [(100, 1_000)]
    monkeypatch.setattr(config_module.resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(config_module.resource, "setrlimit", lambda _, both: limits.append(both))
    demand_files(50 - SPARE_FILES)
    assert limits == [(100, 1_000)]
    demand_files(500)
    assert limits[-1] == (500 + SPARE_FILES, 1_000)
    with pytest.raises(ConfigurationError, match=r"2000 edge nodes need 2064 open files and this system allows 1000"):
        demand_files(2_000)
    limits.append((100, resource.RLIM_INFINITY))
    demand_files(2_000)
    assert limits[-1] == (2_064, resource.RLIM_INFINITY)

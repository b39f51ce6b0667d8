from __future__ import annotations

import pytest
from fleets import TINY

from plant.errors import ConfigurationError
from plant.model.load import load
from plant.mqtt.address import BrokerAddress
from simulators.fleet.config import FleetConfig, chosen_sites, moment, slugs

NOW = 1_795_000_000_000
BROKER = BrokerAddress("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("90s", NOW - 90_000),
        ("24h", NOW - 86_400_000),
        ("1.5 d", NOW - 129_600_000),
        ("2026-11-18T10:00Z", 1_794_996_000_000),
        ("2026-11-18T13:00+03:00", 1_794_996_000_000),
    ],
)
def test_a_moment_is_a_time_with_its_zone_or_how_long_ago(text: str, at_ms: int) -> None:
    """Both ways of saying when."""
    assert moment(text, NOW) == at_ms


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-18T10:00", "24", "2030-01-01T00:00Z"])
def test_what_is_no_moment_in_the_past_is_refused(text: str) -> None:
    """No zone, no time, or the future."""
    with pytest.raises(ConfigurationError, match=r"is no time|is in the future"):
        moment(text, NOW)


@pytest.mark.parametrize("speed", [0.5, 1000.5, -1.0])
def test_speed_has_bounds(speed: float) -> None:
    """1 to 1000."""
    with pytest.raises(ConfigurationError, match="choose 1 to 1000"):
        FleetConfig("gypsum", BROKER, speed=speed)


def test_a_past_start_needs_speed() -> None:
    """At speed 1 a world that begins in the past would stay there."""
    with pytest.raises(ConfigurationError, match="--speed above 1"):
        FleetConfig("gypsum", BROKER, start_ms=NOW)
    assert FleetConfig("gypsum", BROKER, start_ms=NOW, speed=2.0).scan_ms == 1000


def test_a_replay_with_an_end_may_be_as_slow_as_the_clock() -> None:
    """It never has to reach now; but it goes forwards."""
    assert FleetConfig("gypsum", BROKER, start_ms=NOW, end_ms=NOW + 1).end_ms == NOW + 1
    with pytest.raises(ConfigurationError, match="--to lies before --from"):
        FleetConfig("gypsum", BROKER, speed=60.0, start_ms=NOW, end_ms=NOW - 1)


def test_sites_are_chosen_in_the_order_of_the_model() -> None:
    """None is all; an unknown one names those that are."""
    enterprise = load(TINY)
    assert [site.slug for site in chosen_sites(enterprise, ())] == ["alpha", "beta"]
    assert [site.slug for site in chosen_sites(enterprise, slugs(" beta ,alpha,"))] == ["alpha", "beta"]
    with pytest.raises(ConfigurationError, match="no site 'gamma'; choose from alpha, beta"):
        chosen_sites(enterprise, ("gamma",))

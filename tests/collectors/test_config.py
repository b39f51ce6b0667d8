"""What a collector is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from collecting import sharded_tiny, tiny

from collectors.config import CollectorConfig, served_sites
from plant.errors import ConfigurationError
from plant.mqtt.address import BrokerAddress
from plant.settings import Settings

ENTERPRISE = tiny()[0]


@pytest.mark.parametrize(
    ("names", "sites"), [("", ("alpha", "beta")), (" beta , alpha ", ("alpha", "beta")), ("beta", ("beta",))]
)
def test_sites_are_served_in_the_order_of_the_model(names, sites):
    """An empty list is all of them when all of them wait for this host."""
    assert served_sites(names, ENTERPRISE, "collector-1") == sites


def test_without_a_list_a_collector_serves_the_sites_that_wait_for_it(tmp_path):
    """The model alone says which collector serves what; an id that nobody waits for leaves nothing out."""
    sharded = sharded_tiny(tmp_path)
    assert served_sites("", sharded, "collector-1") == ("alpha",)
    assert served_sites("", sharded, "collector-2") == ("beta",)
    assert served_sites("", sharded, "collector-9") == ("alpha", "beta")
    assert served_sites("alpha", sharded, "collector-2") == ("alpha",)


def test_an_unknown_site_is_refused_with_those_that_exist():
    """A typing mistake must not look like a site without data."""
    with pytest.raises(ConfigurationError, match="no site 'gamma'; choose from alpha, beta"):
        served_sites("alpha,gamma", ENTERPRISE, "collector-1")


def test_settings_are_taken_over():
    """Free space is told only where the store's files are on this machine."""
    settings = Settings(data=Path("d"), host_id="c-7", sites="beta", batch=0.5, raw_days=3, reorder_timeout=1)
    config = CollectorConfig.of(settings, BrokerAddress("b"), ENTERPRISE)
    assert (config.host_id, config.sites, config.batch_s, config.raw_days) == ("c-7", ("beta",), 0.5, 3)
    assert (config.reorder_timeout_s, config.data) == (1.0, Path("d"))
    remote = Settings(historian="influxdb://h/x")
    assert CollectorConfig.of(remote, BrokerAddress("b"), ENTERPRISE).data is None

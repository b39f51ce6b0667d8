"""What a collector is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from collecting import tiny

from collectors.config import CollectorConfig, served_sites
from plant.errors import ConfigurationError
from plant.mqtt.address import BrokerAddress
from plant.settings import Settings

ENTERPRISE = tiny()[0]


@pytest.mark.parametrize(
    ("names", "sites"), [("", ("alpha", "beta")), (" beta , alpha ", ("alpha", "beta")), ("beta", ("beta",))]
)
def test_sites_are_served_in_the_order_of_the_model(names, sites):
    """An empty list is all of them."""
    assert served_sites(names, ENTERPRISE) == sites


def test_an_unknown_site_is_refused_with_those_that_exist():
    """A typing mistake must not look like a site without data."""
    with pytest.raises(ConfigurationError, match="no site 'gamma'; choose from alpha, beta"):
        served_sites("alpha,gamma", ENTERPRISE)


def test_settings_are_taken_over():
    """Free space is told only where the store's files are on this machine."""
    settings = Settings(data=Path("d"), host_id="c-7", sites="beta", batch=0.5, raw_days=3, reorder_timeout=1)
    config = CollectorConfig.of(settings, BrokerAddress("b"), ENTERPRISE)
    assert (config.host_id, config.sites, config.batch_s, config.raw_days) == ("c-7", ("beta",), 0.5, 3)
    assert (config.reorder_timeout_s, config.data) == (1.0, Path("d"))
    remote = Settings(historian="influxdb://h/x")
    assert CollectorConfig.of(remote, BrokerAddress("b"), ENTERPRISE).data is None

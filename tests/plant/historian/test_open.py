"""Addresses of historians."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plant.errors import ConfigurationError
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.open import check_address, open_historian
from plant.historian.protocol import Retention

ROOT = Path(__file__).parents[3]


def test_an_address_names_server_and_database() -> None:
    """Host, port, database, user and password are read; what is printed holds no password."""
    address = InfluxDBAddress.parse("influxdb://writer:p%40ss@db.example:9999/factory")
    assert address == InfluxDBAddress("db.example", "factory", 9999, user="writer", password="p@ss")
    assert address.url == "http://db.example:9999"
    assert "p@ss" not in f"{address} {address!r}"
    assert InfluxDBAddress.parse("influxdbs://db/f-1_a").url == "https://db:8086"


@pytest.mark.parametrize(
    "text",
    [
        "http://host:8086/factory",
        "influxdb://host:8086",
        "influxdb://host:8086/",
        "influxdb:///factory",
        "influxdb://host:port/factory",
        'influxdb://host/fac"tory',
        "influxdb://host/a/b",
        "factory.duckdb",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    """A wrong address is a configuration error that shows a right one."""
    with pytest.raises(ConfigurationError, match=r"influxdb://host:8086/factory"):
        check_address(text)


def test_a_wrong_address_does_not_tell_its_password() -> None:
    """The error does not repeat what may hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        check_address("influxdb://user:secret@host")
    assert "secret" not in str(caught.value)


def test_each_address_opens_its_kind(tags, tmp_path) -> None:
    """Nothing opens a file in the data folder, ``memory:`` forgets."""
    for address, kind in (("", "duckdb"), ("memory:", "memory")):
        check_address(address)
        historian = open_historian(address, tags, tmp_path, Retention())
        assert historian.kind == kind
        historian.close()
    assert (tmp_path / "historian.duckdb").exists()


def test_the_client_of_influxdb_is_loaded_only_by_who_uses_it() -> None:
    """Importing the door to all historians does not import a client that takes a second to load."""
    code = "import sys, plant.historian.open; print('influxdb_client' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert told.stdout.strip() == "False"

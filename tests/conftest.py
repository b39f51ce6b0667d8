"""Real servers for tests. Nothing is skipped: a missing server is an error that names the package to install."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pg8000.dbapi
import pytest
from playwright.sync_api import Browser
from servers import brokers, processes, tabs
from servers import influxdb as influx
from servers import postgresql as postgres

from plant.mqtt.address import BrokerAddress

DATABASE = count(1)

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--shots FOLDER`` keeps the screenshots that the browser tests take."""
    parser.addoption("--shots", type=Path, default=None, help="keep screenshots of every page in this folder")


def _installed(program: str) -> None:
    if shutil.which(program) is None:
        pytest.fail(f"{program} is not installed; `make test` installs it on Debian, elsewhere install it yourself")


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives a TCP port of loopback that is free now, at each call."""
    return processes.free_port


@pytest.fixture
def mosquitto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.BrokerServer]:
    """A running Mosquitto that the test may stop, kill and start again."""
    _installed("mosquitto")
    server = brokers.mosquitto(tmp_path_factory.mktemp("mosquitto"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mosquitto(mosquitto_server: brokers.BrokerServer) -> BrokerAddress:
    """Address of a running Mosquitto of this test's own."""
    return mosquitto_server.address


@pytest.fixture
def embedded_broker_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.BrokerServer]:
    """A running rumqttd that the test may stop, kill and start again."""
    server = brokers.rumqttd(tmp_path_factory.mktemp("rumqttd"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def embedded_broker(embedded_broker_server: brokers.BrokerServer) -> BrokerAddress:
    """Address of a running rumqttd of this test's own."""
    return embedded_broker_server.address


@pytest.fixture(scope="session")
def influxdb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Server]:
    """One running InfluxDB for the whole session; tests that stop it start it again."""
    _installed("influxd")
    server = influx.influxdb(tmp_path_factory.mktemp("influxdb"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def influxdb(influxdb_server: processes.Server) -> str:
    """Address of a database that no other test uses; it is not created yet."""
    return f"influxdb://127.0.0.1:{influxdb_server.port}/test_{next(DATABASE)}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.PostgresServer]:
    """One running PostgreSQL for the whole session; tests that stop it start it again."""
    _installed("pg_ctlcluster")
    server = postgres.postgresql()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgresql(postgresql_server: postgres.PostgresServer) -> str:
    """Address of an empty database that no other test uses."""
    name = f"test_{next(DATABASE)}"
    with pg8000.dbapi.connect("postgres", host="127.0.0.1", port=postgresql_server.port) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
    return postgresql_server.address(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def operations_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty operations database, once of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return f"sqlite:///{tmp_path}/operations.sqlite"


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for a module: playwright's loop must not run while other tests start theirs."""
    with tabs.chromium() as browser:
        yield browser

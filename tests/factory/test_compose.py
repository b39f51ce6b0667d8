"""The compose file, read by docker compose's own parser; our services started natively as it says.

No Docker engine is needed: the servers are Debian's Mosquitto, as deployed, Debian's InfluxDB and PostgreSQL.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from servers.brokers import BrokerServer
from servers.processes import Server, until

from collectors.config import CollectorConfig
from plant.model.load import load
from plant.mqtt.address import BrokerAddress
from plant.operations.address import operations_url
from plant.settings import read

ROOT = Path(__file__).parents[2]
OURS = ("collectors", "dashboard", "simulators")
SECOND = ("chelyabinsk", "minsk", "saratov")
"""Sites of the second collector."""
COMPOSE = Path(sys.executable).with_name("docker-compose")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is deployed, with the certificates, users and .env that `deploy/prepare` makes."""
    folder = tmp_path_factory.mktemp("deployment")
    shutil.copytree(
        ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("certs", "passwords", "model.yaml")
    )
    shutil.copy(ROOT / "docker-compose.yml", folder)
    shutil.copytree(ROOT / "plant/model/data", folder / "plant/model/data")
    subprocess.run(["deploy/prepare", "mosquitto"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def composed(prepared: Path) -> dict[str, Any]:
    """The whole deployment as docker compose understands it."""
    command = [str(COMPOSE), "--profile", "*", "config", "--format", "json"]
    out = subprocess.run(command, cwd=prepared, check=True, capture_output=True, text=True)
    return dict(json.loads(out.stdout))


@pytest.fixture(scope="module")
def sharded(prepared: Path) -> dict[str, Any]:
    """The deployment with two collectors, as docker compose understands it."""
    subprocess.run(["deploy/shards/prepare", *SECOND], cwd=prepared, check=True, capture_output=True)
    files = ("-f", "docker-compose.yml", "-f", "deploy/shards/docker-compose.yml")
    command = [str(COMPOSE), *files, "--profile", "*", "config", "--format", "json"]
    out = subprocess.run(command, cwd=prepared, check=True, capture_output=True, text=True)
    return dict(json.loads(out.stdout))


@pytest.fixture
def broker(prepared: Path, tmp_path: Path, free_port: Callable[[], int]) -> Iterator[BrokerServer]:
    """Mosquitto with the deployed configuration, its container paths and port replaced by ours."""
    port = free_port()
    text = (prepared / "deploy/mosquitto/mosquitto.conf").read_text()
    for path, here in (
        ("/mosquitto/certs", prepared / "deploy/mosquitto/certs"),
        ("/mosquitto/config", prepared / "deploy/mosquitto"),
        ("/mosquitto/data/", f"{tmp_path}/"),
    ):
        text = text.replace(path, str(here))
    text = text.replace("listener 8883", f"listener {port} 127.0.0.1")
    config = tmp_path / "mosquitto.conf"
    config.write_text(text + f"\nuser {os.environ.get('USER') or 'root'}\n")
    server = BrokerServer(["mosquitto", "-c", str(config)], port, tmp_path)
    server.start()
    yield server
    server.stop()


def test_compose_understands_the_file(composed: dict[str, Any]) -> None:
    """All six services are there, the simulators only by profile, every one restarts by itself."""
    services = composed["services"]
    assert set(services) == {"mosquitto", "influxdb", "postgresql", *OURS}
    assert services["simulators"]["profiles"] == ["simulators"]
    assert all(service["restart"] == "unless-stopped" for service in services.values())
    assert [port["host_ip"] for port in services["dashboard"]["ports"]] == ["127.0.0.1"]


def test_people_and_alarms_are_kept_in_postgresql(composed: dict[str, Any], prepared: Path) -> None:
    """With a password of its own and a volume; collectors wait until it answers, and know where it is."""
    services = composed["services"]
    server = services["postgresql"]["environment"]
    (word,) = re.findall(r"^POSTGRES_PASSWORD=(\S+)$", (prepared / ".env").read_text(), re.MULTILINE)
    assert len(word) == 32
    collectors = {key: str(value) for key, value in services["collectors"]["environment"].items()}
    url = operations_url(read(collectors).operations, Path("/data"))
    assert (url.username, url.password, url.host, url.database) == (
        server["POSTGRES_USER"],
        word,
        "postgresql",
        server["POSTGRES_DB"],
    )
    assert server["POSTGRES_PASSWORD"] == word
    assert services["collectors"]["depends_on"]["postgresql"]["condition"] == "service_healthy"
    assert services["postgresql"]["healthcheck"]["test"][1] == "pg_isready"
    assert [volume["type"] for volume in services["postgresql"]["volumes"]] == ["volume"]
    assert not services["postgresql"].get("ports"), "nobody outside needs it"


def test_without_a_password_nothing_starts(prepared: Path, tmp_path: Path) -> None:
    """A deployment of an older version has none: compose says what to do."""
    shutil.copy(prepared / "docker-compose.yml", tmp_path)
    told = subprocess.run([str(COMPOSE), "config"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert not told.stdout
    assert "run deploy/prepare" in told.stderr


def test_every_path_that_is_mounted_exists_after_prepare(composed: dict[str, Any]) -> None:
    """Docker would make a folder of a missing file, and Mosquitto would not start."""
    mounts = [
        volume["source"]
        for service in composed["services"].values()
        for volume in service.get("volumes", [])
        if volume["type"] == "bind"
    ]
    assert mounts
    assert not [path for path in mounts if not Path(path).is_file() and not Path(path).is_dir()]


def test_two_collectors_share_all_sites(sharded: dict[str, Any], prepared: Path) -> None:
    """Each has an id, a folder and a port of its own; every site is served once, by the host its nodes wait for."""
    shards = {name: sharded["services"][name] for name in ("collectors", "collectors-2")}
    served: dict[str, str] = {}
    for shard in shards.values():
        (model,) = (volume["source"] for volume in shard["volumes"] if volume["target"] == "/model.yaml")
        settings = read({key: str(value) for key, value in shard["environment"].items()})
        enterprise = load(model)
        for site in CollectorConfig.of(settings, BrokerAddress("mosquitto"), enterprise).sites:
            assert served.setdefault(site, settings.host_id) == enterprise.site(site).primary_host == settings.host_id
    assert {site for site, host in served.items() if host == "collector-2"} == set(SECOND)
    assert set(served) == {site.slug for site in load("gypsum").sites}
    for own in (_data, lambda shard: shard["environment"]["FACTORY_SERVICE_PORT"]):
        assert len(set(map(own, shards.values()))) == len(shards)


def test_whoever_reads_the_model_reads_the_same(sharded: dict[str, Any], composed: dict[str, Any]) -> None:
    """Simulators wait for the hosts of the model that the collectors have; nothing else differs from one server."""
    assert {sharded["services"][name]["environment"]["FACTORY_MODEL"] for name in (*OURS, "collectors-2")} == {
        "/model.yaml"
    }
    assert set(sharded["services"]) == {*composed["services"], "collectors-2"}
    assert not [
        volume["source"]
        for service in sharded["services"].values()
        for volume in service.get("volumes", [])
        if volume["type"] == "bind" and not Path(volume["source"]).exists()
    ]


def test_an_unknown_site_is_no_shard(sharded: dict[str, Any], prepared: Path) -> None:
    """A typing mistake is told, and the model that is there stays as it was."""
    model = prepared / "deploy/shards/model.yaml"
    before = model.read_text()
    wrong = subprocess.run(
        ["deploy/shards/prepare", "minks"], cwd=prepared, capture_output=True, text=True, check=False
    )
    assert (wrong.returncode, wrong.stderr) == (1, "the model has no site minks\n")
    assert model.read_text() == before


def _data(shard: dict[str, Any]) -> str:
    (source,) = (str(volume["source"]) for volume in shard["volumes"] if volume["target"] == "/data")
    return source


@pytest.mark.broker
@pytest.mark.influxdb
def test_our_services_run_as_the_file_says(
    composed: dict[str, Any],
    prepared: Path,
    broker: BrokerServer,
    influxdb: str,
    postgresql: str,
    tmp_path: Path,
    free_port: Callable[[], int],
) -> None:
    """Command and environment of each service, over TLS with users and rights, bring all sites to the dashboard."""
    port = free_port()

    def here(value: str) -> str:
        value = value.replace("mosquitto:8883", f"localhost:{broker.port}")
        value = value.replace("/certs/ca.crt", str(prepared / "deploy/mosquitto/certs/ca.crt"))
        value = re.sub(r"^postgresql://.*", postgresql, value)
        return re.sub(r"^influxdb://.*", influxdb, value)

    servers: list[Server] = []
    try:
        for name in OURS:
            service = composed["services"][name]
            folder = tmp_path / name
            folder.mkdir()
            environment = {key: here(str(value)) for key, value in service["environment"].items()}
            environment |= {"FACTORY_DATA": str(folder), "FACTORY_HOST": "127.0.0.1"}
            if name == "dashboard":
                environment["FACTORY_PORT"] = str(port)
            if name == "collectors":
                environment["FACTORY_SERVICE_PORT"] = str(free_port())
            waits_for = int(environment.get("FACTORY_SERVICE_PORT", port))
            assert service["command"][0] == "python"
            command = [sys.executable, *service["command"][1:]]
            server = Server(command, waits_for, folder, os.environ | environment)
            servers.append(server)
            server.start()
        until(lambda: _sites_live(port) == 8, "all sites are live", 60)
    finally:
        codes = [_end(server) for server in reversed(servers)]
    assert codes == [0, 0, 0], "each service drains and ends well on SIGTERM"


def _sites_live(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz?detail=1", timeout=2) as answer:
            return int(json.load(answer)["sites_live"])
    except (URLError, OSError):
        return 0


def _end(server: Server) -> int | None:
    assert server.process is not None
    server.process.terminate()
    return server.process.wait(20)

"""Rights, certificates and limits, against real servers that are set up so."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from servers.influxdb import influxdb
from servers.processes import Server

from plant.errors import ConfigurationError, StoreUnavailableError
from plant.historian.influxdb import lines
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.historian import InfluxDBHistorian
from plant.historian.influxdb.quoting import ql_text
from plant.historian.protocol import Retention
from plant.readings import GOOD, Columns

pytestmark = pytest.mark.influxdb

FEED = 4
PASSWORD = "pa:ss'word"
RETENTION = Retention(raw=14, minute=90)


@contextmanager
def running(folder: Path, **http: str) -> Iterator[Server]:
    """A server with settings of its own."""
    server = influxdb(folder, **http)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def address(server: Server, **more: object) -> InfluxDBAddress:
    """A database on it."""
    return InfluxDBAddress("127.0.0.1", "factory", server.port, **more)


@pytest.fixture
def historian(tags) -> Callable[[InfluxDBAddress], closing[InfluxDBHistorian]]:
    """Opens one that is closed on leaving."""
    return lambda address: closing(InfluxDBHistorian(address, tags, RETENTION))


def feed(now: int, count: int = 1) -> Columns:
    """Readings of one tag, one a millisecond."""
    return Columns.of([FEED] * count, range(now, now + count), range(count), [GOOD] * count)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks for a password; it knows an administrator, and a user without rights."""
    with running(tmp_path_factory.mktemp("guarded"), auth_enabled="true") as server:
        # The first user of a server may be made by anybody.
        with closing(Connection(address(server), "", "")) as nobody:
            nobody.query(f'CREATE USER "admin" WITH PASSWORD {ql_text(PASSWORD)} WITH ALL PRIVILEGES')
        with closing(Connection(address(server, user="admin", password=PASSWORD), "", "")) as admin:
            admin.query("""CREATE USER "writer" WITH PASSWORD 'w'""")
        yield server


def test_a_user_without_rights_gets_them_and_goes_on(guarded, historian, now):
    """The sentence says what is missing and where to mend it; what an administrator has made, a writer may use."""
    writer = address(guarded, user="writer", password="w")
    with (
        historian(writer) as refused,
        pytest.raises(StoreUnavailableError, match=r"refuses our user or token: .*FACTORY_HISTORIAN \(1\.x\)"),
    ):
        refused.write(feed(now))
    with historian(address(guarded, user="admin", password=PASSWORD)) as made:
        made.write(feed(now))
    with closing(Connection(address(guarded, user="admin", password=PASSWORD), "", "")) as admin:
        admin.query('GRANT ALL ON "factory" TO "writer"')
    with historian(writer) as opened:
        opened.write(feed(now + 1))
        assert len(opened.raw([FEED], now, now + 2)) == 2
        assert opened.health().ok


@pytest.mark.parametrize("who", [{}, {"user": "admin", "password": "wrong"}, {"user": "nobody", "password": "x"}])
def test_a_wrong_password_is_no_reason_to_lose_data(guarded, tags, now, who: dict[str, str]):
    """Refused rights are an outage: data wait for whoever mends them, and no password is told."""
    with (
        closing(Connection(address(guarded, **who), "", "")) as connection,
        pytest.raises(StoreUnavailableError, match="refuses our user or token") as caught,
    ):
        connection.write("raw", f"raw,site=a,line=b,unit=c x=1 {now}")
    assert "wrong" not in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "server.crt", folder / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture(scope="module")
def enciphered(tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]) -> Iterator[Server]:
    """A server that speaks TLS only."""
    folder = tmp_path_factory.mktemp("enciphered")
    options = {"https_certificate": str(certificate[0]), "https_private_key": str(certificate[1])}
    with running(folder, https_enabled="true", **options) as server:
        yield server


def test_tls_with_an_authority_of_our_own(enciphered, certificate, historian, now):
    """``?ca=FILE`` is whom we trust: writing, reading and provisioning go through TLS."""
    text = f"influxdbs://127.0.0.1:{enciphered.port}/factory?ca={certificate[0]}"
    with historian(InfluxDBAddress.parse(text)) as opened:
        opened.write(feed(now))
        assert opened.raw([FEED], now, now + 1).value.tolist() == [0]


@pytest.mark.parametrize(
    ("tls", "text"), [(True, r"is not trusted: .*name its authority as \?ca=FILE"), (False, "fails|does not answer")]
)
def test_a_server_that_is_not_trusted_gets_nothing(enciphered, historian, tls: bool, text: str):
    """Without its authority the server is refused, and one that speaks TLS is not spoken to without."""
    with historian(address(enciphered, tls=tls)) as opened, pytest.raises(StoreUnavailableError, match=text):
        opened.span()


def test_an_authority_that_is_no_file_is_a_configuration_error():
    """It is said before anything connects, with the name of the file."""
    with pytest.raises(ConfigurationError, match=r"no file '/nowhere/ca\.pem'"):
        InfluxDBAddress.parse("influxdbs://db/factory?ca=/nowhere/ca.pem")


def test_a_server_with_a_small_limit_gets_small_requests(tmp_path, historian, now, monkeypatch):
    """Real 413s halve the requests; each row is stored once."""
    monkeypatch.setattr(lines, "BATCH_ROWS", 5_000)
    with running(tmp_path, max_body_size="4000") as server, historian(address(server)) as opened:
        sizes, write = [], opened._connection.write
        monkeypatch.setattr(opened._connection, "write", lambda *told: (sizes.append(len(told[1])), write(*told))[1])
        opened.write(feed(now, 20_000))
        found = opened.raw([FEED], now, now + 20_000)
        assert found.value.tolist() == list(range(20_000))
        assert max(sizes) > 4 * min(sizes[-8:-1])

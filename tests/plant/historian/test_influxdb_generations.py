"""How the InfluxDB historian speaks to servers that are not at hand: a stand-in answers as their documentation says."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from plant.errors import ConfigurationError, StoreRejectedError, StoreUnavailableError
from plant.historian.influxdb import lines
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.failures import DatabaseMissingError, TooLargeError
from plant.historian.influxdb.historian import InfluxDBHistorian
from plant.historian.influxdb.provision import generation
from plant.historian.protocol import Retention
from plant.readings import GOOD, Columns

NOW = 1_790_035_200_000
MAPPING = {
    "id": "00000000000000d0",
    "orgID": "0123456789abcdef",
    "bucketID": "00000000000000b0",
    "database": "factory",
    "retention_policy": "raw",
    "default": True,
}


@dataclass
class Request:
    """One request that the stand-in has seen."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class StandIn:
    """A server that answers what it is told to and remembers what it was asked."""

    version: str = "v2.7.12"
    seen: list[Request] = field(default_factory=list)
    answers: dict[tuple[str, str], list[tuple[int, object]]] = field(default_factory=dict)
    port: int = 0

    def answer(self, request: Request) -> tuple[int, object]:
        """Status and body; the last answer of a list is given again and again."""
        planned = self.answers.get((request.method, request.path), [(204, None)])
        return planned.pop(0) if len(planned) > 1 else planned[0]

    @property
    def address(self) -> InfluxDBAddress:
        """Where it listens."""
        return InfluxDBAddress("127.0.0.1", "factory", self.port)

    def asked(self, method: str, path: str) -> list[Request]:
        """Requests of that kind."""
        return [request for request in self.seen if (request.method, request.path) == (method, path)]


def handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    """Requests go to the stand-in."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            request = Request(self.command, parts.path, query, dict(self.headers), body.decode())
            stand_in.seen.append(request)
            status, content = stand_in.answer(request)
            payload = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("X-Influxdb-Version", stand_in.version)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A stand-in on a port of loopback."""
    stand_in = StandIn()
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler(stand_in))
    http.daemon_threads = True
    stand_in.port = http.server_port
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield stand_in
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def connect(server: StandIn) -> Iterator[Callable[..., Connection]]:
    """Connections to the stand-in, closed at the end."""
    made: list[Connection] = []

    def connect(user: str = "", token: str = "", org: str = "") -> Connection:
        address = InfluxDBAddress("127.0.0.1", "factory", server.port, user=user, password="se:cret" if user else "")
        made.append(Connection(address, token, org))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


def empty_2x(server: StandIn) -> None:
    """A 2.x server that has none of our buckets."""
    server.answers |= {
        ("GET", "/api/v2/dbrps"): [(200, {"content": []})],
        ("GET", "/api/v2/buckets"): [(200, {"buckets": []})],
        ("GET", "/api/v2/orgs"): [(200, {"orgs": [{"id": "0123456789abcdef", "name": "plant"}]})],
        ("POST", "/api/v2/buckets"): [
            (201, {"id": f"00000000000000b{n}", "name": "x", "retentionRules": []}) for n in range(3)
        ],
        ("POST", "/api/v2/dbrps"): [(201, MAPPING)],
        ("POST", "/query"): [(200, {"results": [{"statement_id": 0}]})],
    }


@pytest.mark.parametrize(
    ("version", "number"),
    [("1.6.7", 1), ("1.11.8", 1), ("v2.7.12", 2), ("2.0.1", 2), ("3.1.0", 3), ("", 3), ("v10", 3)],
)
def test_the_version_tells_the_generation(version: str, number: int) -> None:
    """1.x and 2.x are known by their number, whatever else is spoken to like the newest."""
    assert generation(version) == number


def test_2x_gets_buckets_and_their_mappings(server, tags) -> None:
    """One bucket with its retention for each policy, mapped to database and policy; then /write carries the token."""
    empty_2x(server)
    address = InfluxDBAddress("127.0.0.1", "factory", server.port)
    historian = InfluxDBHistorian(
        address, tags, Retention(raw=14, minute=90), token="t0ken", org="plant", clock=lambda: NOW
    )
    buckets = [json.loads(request.body) for request in server.asked("POST", "/api/v2/buckets")]
    assert [(bucket["name"], bucket["retentionRules"][0]["everySeconds"]) for bucket in buckets] == [
        ("factory/raw", 14 * 86_400),
        ("factory/m1", 90 * 86_400),
        ("factory/h1", 0),
    ]
    mappings = [json.loads(request.body) for request in server.asked("POST", "/api/v2/dbrps")]
    assert [(m["database"], m["retention_policy"], m["default"]) for m in mappings] == [
        ("factory", "raw", True),
        ("factory", "m1", False),
        ("factory", "h1", False),
    ]
    assert len({m["bucketID"] for m in mappings}) == 3
    historian.write(Columns.of([2], [NOW], [1.5], [GOOD]))
    (written,) = server.asked("POST", "/write")
    assert written.query == {"db": "factory", "rp": "raw", "precision": "ms"}
    assert written.headers["Authorization"] == "Token t0ken"
    assert written.body.startswith("raw,site=alpha,line=kiln,unit=drum temperature=1.5")
    historian.close()


def test_2x_keeps_what_is_there_but_for_its_retention(server, tags) -> None:
    """Buckets and mappings that exist are not made again; a bucket with another retention is mended."""
    empty_2x(server)
    bucket = {
        "id": "00000000000000b0",
        "name": "factory/raw",
        "retentionRules": [{"type": "expire", "everySeconds": 60}],
    }
    server.answers["GET", "/api/v2/buckets"] = [(200, {"buckets": [bucket]})]
    mappings = [MAPPING | {"retention_policy": name} for name in ("raw", "m1", "h1")]
    server.answers["GET", "/api/v2/dbrps"] = [(200, {"content": mappings})]
    server.answers["PATCH", "/api/v2/buckets/00000000000000b0"] = [(200, bucket)]
    address = InfluxDBAddress("127.0.0.1", "factory", server.port)
    InfluxDBHistorian(address, tags, Retention(14, 90), token="t", org="plant").close()
    assert not server.asked("POST", "/api/v2/buckets")
    assert not server.asked("POST", "/api/v2/dbrps")
    changed = [json.loads(request.body) for request in server.asked("PATCH", "/api/v2/buckets/00000000000000b0")]
    assert [b["retentionRules"][0]["everySeconds"] for b in changed] == [14 * 86_400, 90 * 86_400, 0]


def test_2x_without_an_organisation_is_a_configuration_error(server, tags) -> None:
    """Buckets belong to an organisation; without one the error says which setting is missing."""
    with pytest.raises(ConfigurationError, match="FACTORY_INFLUXDB_ORG"):
        InfluxDBHistorian(InfluxDBAddress("127.0.0.1", "factory", server.port), tags, Retention(), token="t")


def test_2x_deletes_through_its_own_api(server, tags) -> None:
    """Each measurement of the unit is deleted from its bucket."""
    empty_2x(server)
    historian = InfluxDBHistorian(
        InfluxDBAddress("127.0.0.1", "factory", server.port), tags, Retention(), token="t", org="plant"
    )
    historian.delete("alpha/kiln/drum", NOW, NOW + 1000)
    deleted = {
        (request.query["bucket"], json.loads(request.body)["predicate"])
        for request in server.asked("POST", "/api/v2/delete")
    }
    where = 'site="alpha" AND line="kiln" AND unit="drum"'
    assert deleted == {
        ("factory/raw", f'_measurement="raw" AND {where}'),
        ("factory/m1", f'_measurement="m1" AND {where}'),
        ("factory/h1", f'_measurement="h1" AND {where}'),
        ("factory/h1", f'_measurement="event" AND {where}'),
    }
    historian.close()


def test_3_makes_its_database_itself_and_cannot_delete(server, tags) -> None:
    """Nothing is provisioned on InfluxDB 3, and `delete` says that it cannot."""
    server.version = "3.0.1"
    historian = InfluxDBHistorian(InfluxDBAddress("127.0.0.1", "factory", server.port), tags, Retention(), token="t")
    assert [request.path for request in server.seen] == ["/ping"]
    with pytest.raises(StoreRejectedError, match="cannot delete"):
        historian.delete("alpha/kiln/drum", 0, 1)
    historian.expire(NOW)
    historian.close()


def test_1x_takes_user_and_password_as_basic_authentication(server, connect) -> None:
    """What 1.x understands is HTTP basic authentication, not a token."""
    connect(user="writer").version()
    assert server.seen[0].headers["Authorization"] == f"Basic {base64.b64encode(b'writer:se:cret').decode()}"
    connect().version()
    assert "Authorization" not in server.seen[1].headers


def test_a_write_is_gzipped_and_sent_once(server, connect) -> None:
    """The connection does not try again by itself: only its caller knows how long to wait, and what came meanwhile."""
    server.answers["POST", "/write"] = [(503, None)]
    with pytest.raises(StoreUnavailableError):
        connect().write("raw", "raw x=1 1")
    (request,) = server.asked("POST", "/write")
    assert request.body == "raw x=1 1"
    assert request.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("status", "body", "error", "text"),
    [
        (400, {"error": "unable to parse 'x'"}, StoreRejectedError, "unable to parse"),
        (422, {"code": "unprocessable entity", "message": "failure writing points"}, StoreRejectedError, "failure"),
        (401, {"error": "authorization failed"}, StoreUnavailableError, "refuses our user or token"),
        (
            403,
            {"code": "forbidden", "message": "no rights"},
            StoreUnavailableError,
            "no rights; give one that may write",
        ),
        (400, None, StoreUnavailableError, r"fails \(400\): Bad Request"),
        (400, {"html": "of a proxy"}, StoreUnavailableError, r"fails \(400\)"),
        (413, None, TooLargeError, "no request of this size"),
        (429, None, StoreUnavailableError, r"fails \(429\)"),
        (503, {"code": "unavailable", "message": "starting"}, StoreUnavailableError, r"fails \(503\): starting"),
        (301, None, StoreUnavailableError, r"fails \(301\)"),
        (404, {"code": "not found", "message": "unable to find DBRP"}, DatabaseMissingError, "lost its database"),
        (404, {"error": 'database not found: "factory"'}, StoreUnavailableError, "lost its database"),
        (500, {"error": "timeout"}, StoreUnavailableError, r"fails \(500\): timeout"),
        (500, ["odd"], StoreUnavailableError, "odd"),
    ],
)
def test_each_refusal_has_its_meaning(server, connect, status: int, body: object, error: type, text: str) -> None:
    """What trying again cannot mend is rejected, all else is unavailable; the server's own words are told."""
    server.answers["POST", "/write"] = [(status, body)]
    with pytest.raises(error, match=text):
        connect().write("raw", "raw x=1 1")


@pytest.mark.parametrize(
    ("text", "error"),
    [("error parsing query: found x", StoreRejectedError), ("query timeout", StoreUnavailableError)],
)
def test_an_error_inside_an_answer_is_an_error(server, connect, text: str, error: type) -> None:
    """InfluxQL reports failures of a statement with status 200."""
    server.answers["POST", "/query"] = [(200, {"results": [{"statement_id": 0, "error": text}]})]
    with pytest.raises(error, match=text):
        connect().query("SELECT x")


def test_requests_shrink_for_a_server_that_takes_only_small_ones(server, tags, monkeypatch) -> None:
    """413 halves requests, now and from then on; all rows arrive, in whole lines."""
    empty_2x(server)
    monkeypatch.setattr(server, "answer", only_lines(4, server.answer))
    historian = InfluxDBHistorian(server.address, tags, Retention(), token="t", org="plant", clock=lambda: NOW)
    monkeypatch.setattr(lines, "BATCH_ROWS", 64)
    for first in (0, 64):
        times = [NOW - 200 + first + at for at in range(64)]
        historian.write(Columns.of([2] * 64, times, range(64), [GOOD] * 64))
    written = [request.body.split("\n") for request in server.asked("POST", "/write")]
    taken = [line for body in written if len(body) <= 4 for line in body]
    assert len(set(taken)) == 128
    assert [len(body) for body in written][-16:] == [4] * 16, "the second batch is sent in small requests at once"
    historian.close()


def test_a_server_that_takes_no_size_at_all_is_unavailable(server, tags, monkeypatch) -> None:
    """Refusing even the smallest request is no fault of the data: they are kept; afterwards all is as before."""
    empty_2x(server)
    historian = InfluxDBHistorian(server.address, tags, Retention(), token="t", org="plant", clock=lambda: NOW)
    server.answers["POST", "/write"] = [(413, None)]
    batch = Columns.of([2] * 4, range(NOW, NOW + 4), range(4), [GOOD] * 4)
    with pytest.raises(StoreUnavailableError, match="however small"):
        historian.write(batch)
    server.answers["POST", "/write"] = [(204, None)]
    historian.write(batch)
    assert server.seen[-1].body.count("\n") == 3
    historian.close()


def only_lines(
    most: int, otherwise: Callable[[Request], tuple[int, object]]
) -> Callable[[Request], tuple[int, object]]:
    """Answers 413 to writes of more lines."""

    def answer(request: Request) -> tuple[int, object]:
        if request.path == "/write" and request.body.count("\n") >= most:
            return 413, None
        return otherwise(request)

    return answer

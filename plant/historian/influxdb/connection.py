"""HTTP to an InfluxDB of any generation: /write and /query through the official client, errors as ours."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.failures import meaning, no_answer, statement_failure

CONNECT_MS: Final = 5_000
ANSWER_MS: Final = 30_000
"""How long a connection, and an answer, may take."""
CONNECTIONS: Final = 16
"""Requests at once that keep their connection."""
CHUNK_ROWS: Final = 2_000
"""Rows that the server sends at once; while they are read, their values take fifty times the space of numbers."""
_GZIP_LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of one series (one combination of tag values) of one statement.

    Attributes:
        statement: Number of the statement in the query, from 0.
        tags: Tag values, as far as the statement groups by them.
        columns: Names of the values of a row; the first is ``time``, UTC ms.
        rows: Rows, None for a field that a point does not have.
    """

    statement: int
    tags: dict[str, str]
    columns: list[str]
    rows: list[list[Any]]


class Connection:
    """Requests to one database; any thread may make them.

    Args:
        address: Where, and who we are on 1.x.
        token: Of 2.x and 3; empty takes user and password of the address.
        org: Organisation of 2.x.
    """

    def __init__(self, address: InfluxDBAddress, token: str, org: str) -> None:
        self.address = address
        self.org = org
        # 1.x knows no token: user and password go as HTTP basic authentication, which the client makes of a "token".
        basic = not token and address.user != ""
        self.client = InfluxDBClient(
            url=address.url,
            token=f"{address.user}:{address.password}" if basic else token or None,
            auth_basic=basic,
            org=org or None,
            timeout=(CONNECT_MS, ANSWER_MS),
            connection_pool_maxsize=CONNECTIONS,
            ssl_ca_cert=address.ca or None,
            retries=False,  # whoever holds the data waits and tries again: the writer of the collectors does
        )

    def version(self) -> str:
        """Version of the server, such as ``1.6.7`` or ``v2.7.12``; empty if it does not tell.

        Raises:
            StoreUnavailableError: It does not answer.
        """
        with self.translated():
            _, _, headers = self.client.api_client.call_api("/ping", "GET", header_params={"Accept": "*/*"})
        return str(headers.get("X-Influxdb-Version", ""))

    def write(self, policy: str, lines: str) -> None:
        """Line protocol with times in ms into a retention policy.

        Raises:
            TooLargeError: The request is too large for the server.
            StoreRejectedError: The server refuses a part of it or all.
            StoreUnavailableError: It does not answer, or cannot now.
        """
        with self.translated():
            self.client.api_client.call_api(
                "/write",
                "POST",
                query_params=[("db", self.address.database), ("rp", policy), ("precision", "ms")],
                # The client's own option leaves /write uncompressed.
                header_params={"Content-Type": "text/plain; charset=utf-8", "Content-Encoding": "gzip"},
                body=gzip.compress(lines.encode(), _GZIP_LEVEL),
            )

    def query(self, *statements: str) -> list[Answer]:
        """Rows of InfluxQL statements, those of one series together and in the server's order.

        Raises:
            StoreRejectedError: The server does not understand a statement.
            StoreUnavailableError: It does not answer, or cannot now.
        """
        return _joined(self.stream(*statements)) if statements else []

    def stream(self, *statements: str) -> Iterator[Answer]:
        """The same as they come: the rows of a series may be in several answers, one after the other.

        Raises:
            StoreRejectedError: The server does not understand a statement.
            StoreUnavailableError: It does not answer, or cannot now.
        """
        with self.translated():
            response = self.client.api_client.call_api(
                "/query",
                "POST",
                query_params=[
                    ("db", self.address.database),
                    ("epoch", "ms"),
                    ("chunked", "true"),
                    ("chunk_size", str(CHUNK_ROWS)),
                ],
                header_params={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                post_params=[("q", ";".join(statements))],
                _preload_content=False,
                _return_http_data_only=True,
            )
            body = response.data
        yield from _answers(body)

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raises the client's errors as ours."""
        try:
            yield
        except ApiException as error:
            raise meaning(self.address, error, datetime.now(UTC)) from error
        except HTTPError as error:
            raise no_answer(self.address, error) from error


def _answers(body: bytes) -> Iterator[Answer]:
    """Answers out of the documents, one a line, of a chunked response."""
    for document in io.BytesIO(body):
        for result in orjson.loads(document).get("results", ()):
            if "error" in result:
                raise statement_failure(str(result["error"]))
            for series in result.get("series", ()):
                tags, rows = series.get("tags") or {}, series.get("values") or []
                yield Answer(result.get("statement_id", 0), tags, series["columns"], rows)


def _joined(answers: Iterator[Answer]) -> list[Answer]:
    """Answers with the rows of each series together."""
    joined: list[Answer] = []
    for answer in answers:
        before = joined[-1] if joined else None
        if before and (before.statement, before.tags) == (answer.statement, answer.tags):
            before.rows.extend(answer.rows)  # the next chunk of the same series
        else:
            joined.append(answer)
    return joined

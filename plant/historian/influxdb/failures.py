"""What an InfluxDB means by its refusals, as our errors; docs/historian.md has the table.

::

    no answer, time-out, cut      StoreUnavailableError, the caller tries again
    429, 5xx and what is unknown  the same, not before Retry-After
    401, 403                      the same: whoever mends our rights finds the data waiting
    404, "... not found"          DatabaseMissingError: made again
    413                           TooLargeError: sent again in halves
    400, 422                      StoreRejectedError, if it is InfluxDB that says so and not a proxy before it
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

import orjson
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.influxdb.address import InfluxDBAddress

_DATA_REFUSED: Final = frozenset({400, 422})
_RIGHTS: Final = frozenset({401, 403})
_MISSING: Final = 404
_NO_TLS: Final = 0
"""What the client calls a failure of TLS."""
_TOO_LARGE: Final = 413
_TOO_OLD: Final = re.compile(r"points (beyond|outside) retention policy|pending deletion")


class DatabaseMissingError(StoreUnavailableError):
    """The server is there, our database is not."""


class TooLargeError(StoreRejectedError):
    """The request is larger than the server, or a proxy before it, takes; smaller ones may do."""


def meaning(address: InfluxDBAddress, error: ApiException, now: datetime) -> StoreRejectedError | StoreUnavailableError:
    """Our error for an answer that is not a success.

    Args:
        address: Who answered.
        error: The answer.
        now: The time now; only counts where the server does not tell its own.
    """
    if error.status == _NO_TLS:
        cause = str(error.reason).replace("\n", ": ")
        return StoreUnavailableError(f"{address} is not trusted: {cause}; name its authority as ?ca=FILE")
    told = _told(error.body)
    text = told or str(error.body or "").strip() or str(error.reason)
    if error.status == _MISSING or ("not found" in text and ("database" in text or "retention policy" in text)):
        return DatabaseMissingError(f"{address} has lost its database: {text}")
    if error.status in _RIGHTS:
        return StoreUnavailableError(
            f"{address} refuses our user or token: {text}; "
            "give one that may write to FACTORY_HISTORIAN (1.x) or FACTORY_INFLUXDB_TOKEN (2.x)"
        )
    if error.status == _TOO_LARGE:
        return TooLargeError(f"{address} takes no request of this size: {text}")
    if error.status in _DATA_REFUSED and told:
        return StoreRejectedError(f"{address} refuses: {text}")
    return StoreUnavailableError(f"{address} fails ({error.status}): {text}", retry_after_s(error.headers or {}, now))


def no_answer(address: InfluxDBAddress, error: HTTPError) -> StoreUnavailableError:
    """Our error when nothing came back."""
    return StoreUnavailableError(f"{address} does not answer: {error}")


def statement_failure(text: str) -> StoreRejectedError | StoreUnavailableError:
    """Our error for a statement that failed inside an answer of status 200."""
    if "not found" in text:
        return DatabaseMissingError(f"InfluxDB has lost its database: {text}")
    if "error parsing query" in text:
        return StoreRejectedError(f"InfluxDB does not understand: {text}")
    return StoreUnavailableError(f"InfluxDB cannot answer: {text}")


def is_too_old(error: StoreRejectedError) -> bool:
    """Whether points were refused for their age; all others of the request are stored."""
    return _TOO_OLD.search(str(error)) is not None


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """What ``Retry-After`` asks for (RFC 9110, 10.2.3), s: a number, or a date by the server's own clock if told.

    Zero for nothing, for the past, and for what cannot be read.
    """
    told = {name.lower(): value.strip() for name, value in headers.items()}
    text = told.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text)
    until = _date(text)
    return 0.0 if until is None else max(0.0, (until - (_date(told.get("date", "")) or now)).total_seconds())


def _date(text: str) -> datetime | None:
    """An HTTP date; None for anything else, also for one without a zone."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else None


def _told(body: str | bytes | None) -> str:
    """What InfluxDB itself says, which 1.x and 2.x name differently; empty if these are not its words."""
    try:
        told = orjson.loads(body or "")
    except orjson.JSONDecodeError:
        return ""
    return str(told.get("error") or told.get("message") or "") if isinstance(told, dict) else ""

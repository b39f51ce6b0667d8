"""What the running system is asked when it alone can open the DuckDB file."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode

import orjson

from factory.instance import LOCK
from plant.errors import FactoryError
from plant.historian.duckdb.database import FileInUseError
from plant.settings import Settings

ANSWER_S: Final = 120.0
"""A summary reads two months of minutes, beside all that the process does."""


def port_of(settings: Settings, given: int | None) -> int:
    """The port that was given, else that of the system that holds the data folder, else that of the settings."""
    if given is not None:
        return given
    try:
        return int(json.loads((settings.data / LOCK).read_bytes())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return settings.port


def ask(
    port: int, path: str, error: FileInUseError, query: Mapping[str, str] | None = None, within_s: float = ANSWER_S
) -> bytes:
    """What the process that has the file open tells, if it is a running system.

    Args:
        port: Of its dashboard.
        path: Such as ``/summary``.
        error: Why we cannot look ourselves.
        query: Parameters.
        within_s: How long it may take, s.

    Raises:
        FactoryError: It tells why not, or nothing that knows the path answers.
    """
    url = f"http://127.0.0.1:{port}{path}?{urlencode(query or {})}"
    try:
        with urllib.request.urlopen(url, timeout=within_s) as answer:
            return bytes(answer.read())
    except HTTPError as refusal:
        said = _said(refusal.read())
        raise (FactoryError(said) if said else nobody(port, error)) from error
    except OSError:
        raise nobody(port, error) from error


def _said(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return ""


def nobody(port: int, error: FileInUseError) -> FactoryError:
    """Nothing that knows what was asked answers on a port."""
    return FactoryError(
        f"{error.path} is open in process {error.pid}, and nothing that knows it answers on port {port}; "
        "give the --port of the running system, wait until it has started, or stop it"
    )

"""What commands ask: looked up here, or told by the running system when it alone can open the DuckDB file."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode

import orjson

from factory.answers import Answers
from factory.instance import LOCK
from factory.stores import historian, operations
from plant.clock import now_ms
from plant.errors import FactoryError
from plant.historian.duckdb.database import FileInUseError
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
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


def answered(
    settings: Settings,
    enterprise: Enterprise,
    given_port: int | None,
    path: str,
    query: Mapping[str, str],
    look: Callable[[Answers], Callable[[Mapping[str, str]], bytes]],
) -> bytes:
    """A JSON document, the same whoever makes it.

    Args:
        settings: Where everything is.
        enterprise: The model.
        given_port: Port of the running system, None to find it.
        path: Under which the running system has the document.
        query: Its parameters.
        look: What makes the document here.

    Raises:
        FactoryError: It cannot be made, or the running system does not tell it.
    """
    tags = TagTable(enterprise)
    try:
        with historian(settings, tags) as store, operations(settings) as database:
            return look(Answers(settings, enterprise, tags, store, database, now_ms))(query)
    except FileInUseError as error:
        return ask(port_of(settings, given_port), path, error, query)


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

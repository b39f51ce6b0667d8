"""What every long-running service has: log lines, health and metrics over HTTP, and an orderly stop.

Composition roots call these once::

    configure_logging("info", "json")
    stop = install_stop(asyncio.get_running_loop())
    with HealthServer(settings.service_port, collector.health, registry):
        await collector.run(stop)
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

import orjson
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from plant.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
LogFormat = Literal["text", "json"]
Health = Callable[[bool], tuple[bool, dict[str, Any]]]
"""Asked with True for all details, with False for a short answer; says whether all is well and why."""
Page = Callable[[], Any]
"""Makes what a page shows, anything that is JSON."""


def configure_logging(level: str, log_format: LogFormat) -> None:
    """Send our own log lines and those of libraries to stderr in one form.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        log_format: ``text`` for people, ``json`` for machines: one object a line, ``timestamp`` in UTC.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)]
        if log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=False,  # a later configuration must reach loggers that modules already hold
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _json(entry: Any, **options: Any) -> str:
    return orjson.dumps(entry, default=options.get("default", str), option=orjson.OPT_NON_STR_KEYS).decode()


def install_stop(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, so that a service drains instead of dying. Main thread only."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


class HealthServer:
    """``/healthz``, ``/metrics`` and further JSON pages on loopback, in a thread of its own.

    ``/healthz`` answers 200 while all is well and 503 when not; ``/healthz?detail=1`` tells everything.
    Use as a context manager; port 0 serves nothing.

    Args:
        port: TCP port on loopback; 0 is none.
        health: Asked on each request, from the server's threads.
        registry: Metrics in the text form of Prometheus.
        pages: Further JSON documents by path, such as ``/quarantine``.

    Raises:
        ConfigurationError: On entering, when the port is taken.
    """

    def __init__(
        self, port: int, health: Health, registry: CollectorRegistry, pages: Mapping[str, Page] | None = None
    ) -> None:
        self._port = port
        self._answers: dict[str, Callable[[dict[str, list[str]]], tuple[HTTPStatus, str, bytes]]] = {
            "/healthz": lambda query: _health_answer(health, detail=query.get("detail", ["0"])[-1] == "1"),
            "/metrics": lambda _: (HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry)),
        }
        for path, page in (pages or {}).items():
            self._answers[path] = lambda _, page=page: _json_answer(HTTPStatus.OK, page())  # type: ignore[misc]  # the default binds this turn's page
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is served, 0 when none is."""
        return self._server.server_port if self._server else 0

    def start(self) -> None:
        """Listen; does nothing for port 0."""
        if self._port == 0:
            return
        answers = self._answers

        class Handler(_Handler):
            routes = answers

        try:
            self._server = ThreadingHTTPServer((LOOPBACK, self._port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"port {self._port} for /healthz cannot be used ({error.strerror}); choose another"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; may be called twice."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    routes: Mapping[str, Callable[[dict[str, list[str]]], tuple[HTTPStatus, str, bytes]]] = {}

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        answer = self.routes.get(parts.path)
        if answer is None:
            status, kind, body = _json_answer(HTTPStatus.NOT_FOUND, {"pages": sorted(self.routes)})
        else:
            status, kind, body = answer(parse_qs(parts.query))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        structlog.get_logger("health").debug("request", text=format % args)


def _health_answer(health: Health, *, detail: bool) -> tuple[HTTPStatus, str, bytes]:
    ok, body = health(detail)
    return _json_answer(HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE, {"ok": ok, **body})


def _json_answer(status: HTTPStatus, body: Any) -> tuple[HTTPStatus, str, bytes]:
    return status, "application/json", orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def demand_loopback(host: str, *, insecure_no_login: bool) -> None:
    """Raise `ConfigurationError` for an address that others can reach, unless that is wanted: there is no login yet."""
    if not insecure_no_login and not is_loopback(host):
        raise ConfigurationError(
            f"--host {host} would let anyone on the network in, there is no login yet;"
            " keep 127.0.0.1, or add --insecure-no-login if you mean it"
        )

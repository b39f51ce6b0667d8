"""Log lines, the health server and the orderly stop."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import urllib.error
import urllib.request

import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter

from plant.errors import ConfigurationError
from plant.service import HealthServer, configure_logging, demand_loopback, install_stop


@pytest.fixture(autouse=True)
def _logging_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_json_lines_carry_fields_level_and_utc_time(capsys):
    """A machine reads each line as one object, ours and a library's alike."""
    configure_logging("info", "json")
    structlog.get_logger("collector").info("historian lost", pending=12)
    logging.getLogger("paho").warning("socket %s", "closed")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["pending"], ours["level"], ours["logger"]) == (
        "historian lost",
        12,
        "info",
        "collector",
    )
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("socket closed", "warning", "paho")


def test_json_lines_keep_an_exception_on_one_line(capsys):
    """A traceback does not break the rule of one object a line."""
    configure_logging("info", "json")
    try:
        int("wrong")
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


def test_level_hides_lesser_lines(capsys):
    """`warning` says nothing of what is merely informative."""
    configure_logging("warning", "text")
    structlog.get_logger("a").info("hidden")
    logging.getLogger("b").info("hidden")
    structlog.get_logger("a").warning("shown")
    text = capsys.readouterr().err
    assert "hidden" not in text
    assert "shown" in text


def get(port: int, path: str) -> tuple[int, str, str]:
    """Status, content type and body of a page."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


@pytest.fixture
def registry() -> CollectorRegistry:
    """Three values counted."""
    registry = CollectorRegistry()
    Counter("collector_values", "Values", registry=registry).inc(3)
    return registry


def test_health_pages(registry, free_port):
    """/healthz is 200 while well and 503 when not; detail, metrics and own pages are served; others are 404."""
    state = {"ok": True}

    def health(detail: bool) -> tuple[bool, dict[str, object]]:
        return state["ok"], {"detail": detail}

    with HealthServer(free_port(), health, registry, {"/quarantine": lambda: ["entry"]}) as server:
        assert get(server.port, "/healthz")[::2] == (200, '{"ok":true,"detail":false}')
        assert get(server.port, "/healthz?detail=1")[::2] == (200, '{"ok":true,"detail":true}')
        assert "collector_values_total 3.0" in get(server.port, "/metrics")[2]
        assert get(server.port, "/quarantine") == (200, "application/json", '["entry"]')
        assert get(server.port, "/other")[0] == 404
        state["ok"] = False
        assert get(server.port, "/healthz")[0] == 503


def test_port_zero_serves_nothing(registry):
    """Embedded in another process there is no second server."""
    with HealthServer(0, lambda _: (True, {}), registry) as server:
        assert server.port == 0


def test_taken_port_is_a_clear_error(registry, free_port):
    """A port in use is refused with its number."""
    port = free_port()
    with (
        HealthServer(port, lambda _: (True, {}), registry),
        pytest.raises(ConfigurationError, match=f"port {port}"),
        HealthServer(port, lambda _: (True, {}), registry),
    ):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_sets_the_stop_event(number):
    """SIGTERM and SIGINT ask for a drain, they do not kill."""

    async def main() -> None:
        stop = install_stop(asyncio.get_running_loop())
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 5)

    asyncio.run(main())


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "::", "factory.example"])
def test_others_get_in_only_if_that_is_meant(host: str) -> None:
    """Without a login only loopback is allowed, unless --insecure-no-login says so."""
    with pytest.raises(ConfigurationError, match="--insecure-no-login"):
        demand_loopback(host, insecure_no_login=False)
    demand_loopback(host, insecure_no_login=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_permission(host: str) -> None:
    """This machine may always look at itself."""
    demand_loopback(host, insecure_no_login=False)

"""Start a server for a test, wait until it answers, end it by its own process id."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0


def free_port() -> int:
    """A TCP port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether something listens on that port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(condition: Callable[[], bool], what: str, timeout_s: float = START_TIMEOUT_S) -> None:
    """Return as soon as the condition holds; AssertionError that names `what` after the time-out."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} within {timeout_s:g} s"
        time.sleep(0.02)


class Server:
    """One server process on one port of loopback that can be stopped, killed and started again."""

    def __init__(
        self, command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.command = list(command)
        self.port = port
        self.log = folder / "server.log"
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until the port accepts."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment
            )
        until(self._up, f"{self.command[0]} listens on port {self.port}, see its log: {self.tail()}")

    def _up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.command[0]} ended: {self.tail()}"
        return accepts(self.port)

    def tail(self) -> str:
        """The end of the server's log."""
        return self.log.read_text(errors="replace")[-800:] if self.log.exists() else ""

    def stop(self) -> None:
        """End it as an operator would (SIGTERM)."""
        if self.process is not None:
            self.process.terminate()
            self.wait()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.wait()

    def wait(self) -> None:
        """Wait for the end of the process."""
        if self.process is not None:
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(STOP_TIMEOUT_S)
            self.process = None

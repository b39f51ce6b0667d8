"""A real PostgreSQL on loopback in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from servers.processes import Server, free_port, until

USER = "postgres"
DEBIAN = Path("/usr/lib/postgresql")
"""Debian keeps a folder for each major version here, outside of PATH."""


class PostgresServer(Server):
    """A PostgreSQL process; root runs it as the user that Debian's package makes, for it refuses to run as root."""

    def address(self, database: str) -> str:
        """Of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it takes clients; it listens while it still recovers."""
        super().start()
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL takes clients")

    def stop(self) -> None:
        """End it without waiting for clients (SIGINT is PostgreSQL's fast shutdown)."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.wait()

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.log.parent)


def postgresql() -> PostgresServer:
    """A PostgreSQL that is not started yet; its folder is not one of pytest's, which no other user may enter."""
    folder, port = Path(tempfile.mkdtemp(prefix="postgresql-")), free_port()
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    initialize = ["initdb", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
    subprocess.run(_as_user(initialize), check=True, capture_output=True, cwd=folder)
    command = ["postgres", "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    return PostgresServer(_as_user(command), port, folder)


def _as_user(command: list[str]) -> list[str]:
    """The same command under the right user; the process keeps its id."""
    drop = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*drop, _program(command[0]), *command[1:]]


def _program(name: str) -> str:
    return shutil.which(name) or str(max(DEBIAN.glob(f"*/bin/{name}")))

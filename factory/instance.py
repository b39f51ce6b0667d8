"""What must hold before anything starts: one instance per data folder, free ports, space on the disk."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plant.errors import ConfigurationError

LOCK = "lock"
"""Name of the file in the data folder that tells who runs there."""
LEAST_FREE_BYTES = 1_000_000_000
"""About four days of raw history of the demonstration model at a 1 s scan."""


@contextmanager
def only_instance(data: Path, port: int) -> Iterator[None]:
    """Hold the data folder for this process; the lock goes with the process, however it ends.

    Raises:
        ConfigurationError: The folder cannot be used, or another instance holds it (names its process and port).
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ConfigurationError(
            f"the data folder {data} cannot be written ({error.strerror}); choose another with --data"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
        raise ConfigurationError(_already(data, os.read(handle, 200))) from None
    try:
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps({"pid": os.getpid(), "port": port}).encode())
        yield
    finally:
        os.close(handle)


def _already(data: Path, holder: bytes) -> str:
    try:
        running = json.loads(holder)
        who = f"process {running['pid']}, port {running['port']}"
    except (ValueError, KeyError, TypeError):
        who = "its process id is not known"
    return f"another instance uses the data folder {data} ({who}); stop it, or choose another --data and --port"


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise ConfigurationError(f"cannot listen on {host}: {error.strerror}; check --host") from error
    return True


def demand_port(host: str, port: int) -> None:
    """Raise `ConfigurationError` unless `port` is free on `host`."""
    if not is_free(host, port):
        raise ConfigurationError(f"port {port} on {host} is taken; choose another with --port")


def port_for_broker(preferred: int) -> int:
    """The preferred port of loopback if it is free, else any free one."""
    return preferred if is_free("127.0.0.1", preferred) else free_port()


def free_port() -> int:
    """A port of loopback at which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demand_disk(data: Path, least_bytes: int = LEAST_FREE_BYTES) -> None:
    """Raise `ConfigurationError` when the disk of the data folder has too little space."""
    free = shutil.disk_usage(data).free
    if free < least_bytes:
        raise ConfigurationError(
            f"only {free / 1e6:.0f} MB are free for {data}, at least {least_bytes / 1e6:.0f} MB are needed;"
            " free some space or choose another disk with --data"
        )

"""What the ledger knows of disks: DuckDB in private, names of what is unfinished, when something is there."""

from __future__ import annotations

import os
from pathlib import Path

UNFINISHED = ".new"
"""End of the name of a folder that is not complete yet."""

SEALED: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""DuckDB beside a simulator: one thread, and nothing is downloaded."""


def quoted(name: Path | str) -> str:
    """A path or a name as text in SQL."""
    return "'" + str(name).replace("'", "''") + "'"


def sync(folder: Path, *, deep: bool = True) -> None:
    """Wait until a folder is on disk, `deep` with its files, before anything is built on it."""
    for path in (*(folder.iterdir() if deep else ()), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

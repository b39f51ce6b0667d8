"""What has been told of a world until it was saved, kept in a file beside it.

With it a loaded world goes on to tell exactly what it would have told without the interruption.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulators.report import Reported

_SUFFIX = ".told"


@dataclass(frozen=True, slots=True)
class Memory:
    """What was last told.

    Attributes:
        time_ms: Of the world then, UTC ms.
        numbers: Of the tag table.
        texts: Of the text tags, None for what was never told.
    """

    time_ms: int
    numbers: Reported
    texts: tuple[str | None, ...]


def save(memory: Memory, world: Path) -> None:
    """Write it beside the file of the world, before that: the world makes it valid."""
    path = _beside(world)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            time_ms=np.array(memory.time_ms),
            value=memory.numbers.value,
            quality=memory.numbers.quality,
            due_ms=memory.numbers.due_ms,
            texts=np.array([text or "" for text in memory.texts], np.str_),
            silent=np.array([text is None for text in memory.texts], np.bool_),
        )
    fresh.replace(path)


def load(world: Path, time_ms: int) -> Memory | None:
    """What had been told when that world was saved; None when the file is missing, broken or of another moment."""
    try:
        with _beside(world).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            saved = {name: file[name] for name in file.files}
        texts = zip(saved["texts"].tolist(), saved["silent"].tolist(), strict=True)
        memory = Memory(
            int(saved["time_ms"]),
            Reported(saved["value"], saved["quality"], saved["due_ms"]),
            tuple(None if silent else text for text, silent in texts),
        )
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None  # then all is told once more, which changes no value
    return memory if memory.time_ms == time_ms else None


def _beside(world: Path) -> Path:
    return world.with_name(world.name + _SUFFIX)

"""Saved worlds: one file of arrays with a JSON header, written whole or not at all."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plant.errors import ConfigurationError
from simulators.world.influence import Injection

VERSION = 3
"""Of the layout of the file; another version is refused."""
_HEADER = "header"


@dataclass(frozen=True, slots=True)
class Header:
    """Whose state it is: digest of the model and sites, seed, the states of the random generators, the injections."""

    identity: str
    seed: int
    dice: Mapping[str, Any]
    injections: tuple[Injection, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file held."""

    header: Header
    content: Mapping[str, Any]


def save(path: Path, header: Header, content: Mapping[str, Any]) -> None:
    """Write nested frozen dataclasses and mappings of arrays and numbers.

    The file appears under its name only when it is complete and on disk.
    """
    arrays = dict(_flatten("", content))
    text = json.dumps(
        {
            "version": VERSION,
            "identity": header.identity,
            "seed": header.seed,
            "dice": header.dice,
            "injections": [asdict(injection) for injection in header.injections],
        }
    )
    arrays[_HEADER] = np.frombuffer(text.encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path, identity: str, seed: int, like: Mapping[str, Any]) -> Loaded:
    """Read a file back into the shape of `like`.

    Raises:
        ConfigurationError: The file is broken, or of another version, model or seed.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop(_HEADER).tobytes())
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no saved world in {path}") from error
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ConfigurationError(f"the saved world in {path} is broken ({error}); remove it to start anew") from error
    _check(path, header, identity, seed)
    content = {name: _rebuild(path, name, value, arrays) for name, value in like.items()}
    injections = tuple(Injection(**each) for each in header["injections"])
    return Loaded(Header(identity, seed, header["dice"], injections), content)


def _check(path: Path, header: Mapping[str, Any], identity: str, seed: int) -> None:
    mend = "remove it, or go back to what it was saved with"
    if header["version"] != VERSION:
        raise ConfigurationError(f"{path} has version {header['version']} of a saved world, not {VERSION}; {mend}")
    if header["seed"] != seed:
        raise ConfigurationError(f"the world in {path} was made with seed {header['seed']}, not {seed}; {mend}")
    if header["identity"] != identity:
        raise ConfigurationError(f"the world in {path} belongs to another model or other sites; {mend}")


def _flatten(name: str, value: Any) -> list[tuple[str, NDArray[Any]]]:
    if isinstance(value, Mapping):
        return [pair for key, each in value.items() for pair in _flatten(f"{name}/{key}", each)]
    if is_dataclass(value):
        pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
        return [pair for key, each in pairs for pair in _flatten(f"{name}/{key}", each)]
    return [(name.removeprefix("/"), np.asarray(value))]


def _rebuild(path: Path, name: str, like: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(like, Mapping):
        return {key: _rebuild(path, f"{name}/{key}", each, arrays) for key, each in like.items()}
    if is_dataclass(like) and not isinstance(like, type):
        found = {f.name: _rebuild(path, f"{name}/{f.name}", getattr(like, f.name), arrays) for f in fields(like)}
        return type(like)(**found)
    array = arrays.get(name)
    wanted = np.asarray(like)
    if array is None or array.shape != wanted.shape or array.dtype != wanted.dtype:
        raise ConfigurationError(
            f"the saved world in {path} is broken ('{name}' does not fit); remove it to start anew"
        )
    return array if isinstance(like, np.ndarray) else array.item()

"""Whatever stands in a model file: it loads, or it is a `ModelError`, and never another exception."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plant.errors import ModelError
from plant.model.load import load
from plant.model.source import read

TINY = Path(__file__).with_name("tiny.yaml")
QUIET = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LINES = TINY.read_text("utf-8").splitlines()
SLUGLIKE = st.text(st.sampled_from("abzA-_0 9/ё"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | SLUGLIKE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SLUGLIKE, inner, max_size=3),
    max_leaves=6,
)


def check(file: Path, content: bytes) -> None:
    """Load; a `ModelError` with a line in the file is as good as a model."""
    file.write_bytes(content)
    error = refusal(file)
    if error is not None:
        assert 1 <= error.line <= max(1, len(content.decode("utf-8", "replace").splitlines()))
        assert error.problem
        assert error.mend


def refusal(file: Path) -> ModelError | None:
    """Why the file is no model; None if it is one."""
    try:
        load(file)
    except ModelError as error:
        return error
    return None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file that is written again and again."""
    return tmp_path / "plant.yaml"


@given(content=st.binary(max_size=200))
@example(content=b"\x00")
@example(content=b"a: &a [*a]")
@QUIET
def test_bytes(file: Path, content: bytes) -> None:
    """Any bytes."""
    check(file, content)


@given(place=st.integers(0, len(LINES) - 1), line=st.text(max_size=40))
@example(place=1, line="enterprise: \x7f")
@QUIET
def test_a_line_of_the_model_replaced(file: Path, place: int, line: str) -> None:
    """Any unicode in the place of any line."""
    lines = [*LINES[:place], line, *LINES[place + 1 :]]
    check(file, "\n".join(lines).encode("utf-8", "surrogatepass"))


def places(data: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in the data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path for key, inner in items for path in [(*prefix, key), *places(inner, (*prefix, key))]]


PLACES = places(read(TINY).data)


@given(path=st.sampled_from(PLACES), value=VALUES, rename=st.none() | SLUGLIKE)
@example(path=("sites", "alpha", "zone"), value="Europe", rename=None)
@example(path=("sites", "alpha", "zone"), value="../Europe", rename=None)
@example(path=("sites", "alpha", "latitude"), value=10**30, rename=None)
@QUIET
def test_a_value_or_a_key_of_the_model_replaced(
    file: Path, path: tuple[Any, ...], value: Any, rename: str | None
) -> None:
    """Any value, or another key, in any place: slugs, numbers, lists and mappings where they do not belong."""
    data: Any = read(TINY).data
    owner = data
    for key in path[:-1]:
        owner = owner[key]
    if rename is not None and isinstance(owner, dict):
        owner[rename] = owner.pop(path[-1])
    else:
        owner[path[-1]] = value
    check(file, yaml.safe_dump(data, allow_unicode=True).encode())

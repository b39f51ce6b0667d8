"""The reason tree: two levels, both languages, data."""

from __future__ import annotations

from pathlib import Path

import pytest

from plant.errors import ConfigurationError
from plant.production.reasons import UNCODED, ReasonTree, load_reasons
from simulators.world.transitions import Cause

FIRST = {
    "mechanical",
    "electrical",
    "process",
    "material",
    "downstream",
    "quality",
    "changeover",
    "utilities",
    "personnel",
    "planned",
}


@pytest.fixture
def tree() -> ReasonTree:
    """The shipped one."""
    return load_reasons()


def test_the_shipped_tree(tree: ReasonTree) -> None:
    """All first levels, each with second ones, each with a name in both languages."""
    assert {reason.slug for reason in tree if reason.parent is None} == FIRST
    for reason in tree:
        assert reason.name.ru
        assert reason.name.en
        assert reason.slug == reason.slug.lower()
    for first in FIRST:
        seconds = [code for code, reason in enumerate(tree) if reason.parent == first]
        assert seconds
        assert {tree.group(code) for code in seconds} == {tree.code(first)}


def test_what_simulated_controllers_tell_is_known(tree: ReasonTree) -> None:
    """Every cause of a simulated stop has its place in the tree."""
    for cause in Cause:
        if cause is not Cause.NONE:
            assert tree.of_text(cause.name.lower()) != UNCODED, cause
            assert tree.code(cause.name.lower()) in {UNCODED, tree.of_text(cause.name.lower())}


def test_what_controllers_tell_otherwise(tree: ReasonTree) -> None:
    """Other words and capitals are understood; nothing, and what nobody knows, is no reason."""
    assert tree[tree.of_text(" Starved ")].slug == "material"
    assert tree[tree.of_text("mechanical/bearing")].slug == "mechanical/bearing"
    assert tree.of_text("") == tree.of_text("gremlins") == tree.code("gremlins") == tree.group(UNCODED) == UNCODED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no reason tree"),
        ("mechanical: {name: {ru: Механика}}", "no reason tree"),
        ("mechanical: [", "no reason tree"),
        ("mechanical: {name: {ru: Механика, en: Mechanical}}", "lacks material, downstream"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    """A file that is no tree, or lacks what lines are given by themselves, stops the start."""
    file = tmp_path / "reasons.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=says):
        load_reasons(file)

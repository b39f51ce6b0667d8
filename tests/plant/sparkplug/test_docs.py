"""docs/sparkplug.md says of every assertion of the specification which test proves it, or why none does."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "sparkplug.md").read_text(encoding="utf-8")
WHO = dict(line.split() for line in (HERE / "tck_ids.txt").read_text(encoding="utf-8").splitlines())
ROWS = dict(re.findall(r"^\| `(tck-id-\S+)` \| (.+) \|$", PAGE, re.MULTILINE))
REASONS = ("not implemented: ", "not ours: ", "not testable here: ")


def carried() -> dict[str, list[str]]:
    """Ids by the test that carries them in its `tck` decorator."""
    tests: dict[str, list[str]] = defaultdict(list)
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                tests[f"{file.name}::{node.name}"] = [
                    f"tck-id-{ast.literal_eval(argument)}"
                    for call in node.decorator_list
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "tck"
                    for argument in call.args
                ]
    return tests


TESTS = carried()
PROVED: dict[str, list[str]] = defaultdict(list)
for own_test, own_ids in TESTS.items():
    for own_id in own_ids:
        PROVED[own_id].append(own_test)


def test_the_table_has_every_assertion_once() -> None:
    """299 ids: 288 of edge nodes and hosts, 11 of MQTT servers; none is missing, none is made up."""
    assert len(WHO) == 299
    assert set(ROWS) == set(WHO)
    assert len(re.findall(r"^\| `tck-id-", PAGE, re.MULTILINE)) == 299
    assert set(PROVED) <= set(WHO)


@pytest.mark.parametrize("tck_id", sorted(WHO))
def test_each_row_names_its_tests_or_a_reason(tck_id: str) -> None:
    """A row names exactly the tests that carry its id; without any it says why."""
    who, _, proof = ROWS[tck_id].partition(" | ")
    assert who == WHO[tck_id]
    if tck_id in PROVED:
        assert proof == "<br>".join(f"`{name}`" for name in PROVED[tck_id])
    else:
        assert proof.startswith(REASONS)


def test_every_test_that_is_named_exists() -> None:
    """Each `file.py::test` on the page is a test of this folder."""
    named = set(re.findall(r"`(test_\w+\.py::test_\w+)`", PAGE))
    assert named <= set(TESTS)
    assert all((HERE / file).exists() for file in re.findall(r"`(test_\w+\.py)`", PAGE))


@pytest.mark.parametrize("rule", [*(f"T{n}" for n in range(1, 9)), *(f"W{n}" for n in range(1, 5))])
def test_every_trap_is_on_the_page(rule: str) -> None:
    """T1 to T8 and W1 to W4 each name a test."""
    assert re.search(rf"^\| {rule} .+ \| `test_", PAGE, re.MULTILINE)


@pytest.mark.parametrize("rule", [f"N{n}" for n in range(1, 12)])
def test_every_rule_without_id_is_on_the_page(rule: str) -> None:
    """N1 to N11 each name a test."""
    assert re.search(rf"^\| {rule} .+ \| `test_", PAGE, re.MULTILINE)

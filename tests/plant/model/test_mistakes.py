"""Each mistake that an engineer can make is told with its line, what is wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from plant.errors import ModelError
from plant.model.load import load
from plant.model.mistakes import InvalidModelError

HERE = Path(__file__).parent
TINY = (HERE / "tiny.yaml").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Case:
    """One edit of tiny.yaml that breaks it.

    Attributes:
        old: Text in the file, whose first occurrence is replaced by `new`.
        at: Text whose first occurrence in the broken file begins on the line to blame.
        mend: Beginning of what is said to be right.
    """

    rule: str
    old: str
    new: str
    at: str
    problem: str
    mend: str


CASES = [
    pytest.param(Case(**each), id=f"{file.stem}: {each['rule']}")
    for file in sorted((HERE / "mistakes").glob("*.yaml"))
    for each in yaml.safe_load(file.read_text("utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_with_its_line_and_its_mend(case: Case, tmp_path: Path) -> None:
    """The first mistake is the one that was made, on its own line, with what would be right."""
    assert case.old in TINY
    broken = TINY.replace(case.old, case.new, 1)
    file = tmp_path / "plant.yaml"
    file.write_text(broken, "utf-8")
    with pytest.raises(ModelError) as caught:
        load(file)
    error = caught.value
    told = error.mistakes if isinstance(error, InvalidModelError) else (error,)
    line = broken[: broken.index(case.at)].count("\n") + 1
    assert [(each.line, each.problem) for each in told if each.problem == case.problem] == [(line, case.problem)]
    assert any(each.mend.startswith(case.mend) for each in told if each.problem == case.problem)


def test_several_mistakes_are_told_together_by_line(tmp_path: Path) -> None:
    """An engineer mends all mistakes of a stage in one go; the first by line is the error's own."""
    file = tmp_path / "plant.yaml"
    broken = TINY.replace("Europe/Moscow", "Europe/Moskow").replace("{stucco: 25}", "{stuco: 25}")
    file.write_text(broken.replace("constraint: kiln", "constraint: kil"), "utf-8")
    with pytest.raises(InvalidModelError) as caught:
        load(file)
    error = caught.value
    assert [each.line for each in error.mistakes] == sorted(each.line for each in error.mistakes)
    assert len(error.mistakes) == 3
    assert (error.line, error.problem) == (error.mistakes[0].line, "unknown time zone 'Europe/Moskow'")
    assert str(error).endswith(f"(and 2 more: factory model check {file})")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("type: kiln, ", "type: klin, ", "unknown unit type 'klin'"),
        ("use: boards", "use: board", "unknown line type 'board'"),
        ("kiln: {type: kiln, ", "kiln: {", "unit 'kiln' has no type"),
    ],
)
def test_a_mistake_does_not_bring_others_with_it(old: str, new: str, problem: str, tmp_path: Path) -> None:
    """Constraint, feeds, references and gateways of what is broken are not reported on top."""
    file = tmp_path / "plant.yaml"
    file.write_text(TINY.replace(old, new, 1), "utf-8")
    with pytest.raises(InvalidModelError) as caught:
        load(file)
    assert [each.problem for each in caught.value.mistakes] == [problem]


@pytest.mark.parametrize(
    ("name", "problem", "mend"),
    [
        ("gypsun", "there is no model 'gypsun'", "did you mean 'gypsum'? (or give a file)"),
        ("missing.yaml", "there is no such file", "give the path of a model file"),
        ("./", "the file cannot be read (Is a directory)", "make it readable"),
    ],
)
def test_a_model_that_is_not_there(
    name: str, problem: str, mend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong name or path is told as one, with the nearest shipped model."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as caught:
        load(name)
    assert (caught.value.problem, caught.value.mend) == (problem, mend)


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"", 1, "the file is empty"),
        (b"# nothing\n", 1, "the file is empty"),
        (b"enterprise: a\n---\nenterprise: b\n", 2, "a second document begins here"),
        (b"enterprise: [a\nname: b\n", 2, "this is no YAML (did not find expected ',' or ']')"),
        (b"enterprise: tiny\nname: \xff\n", 2, "the file is not UTF-8"),
        (b"enterprise: tiny\n? {a: b}\n: c\n", 2, "a key must be a plain word"),
        (b"- enterprise\n", 1, "'the file' is a list"),
        (b"a: " + b"[" * 60 + b"]" * 60, 1, "more than 24 levels of nesting"),
    ],
)
def test_a_file_that_is_no_model(content: bytes, line: int, problem: str, tmp_path: Path) -> None:
    """What is not even YAML of our dialect is told with its line too."""
    file = tmp_path / "plant.yaml"
    file.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        load(file)
    assert (caught.value.line, caught.value.problem) == (line, problem)

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.scenarios import load, shipped
from simulators.scenarios.library import ScenarioError

SOUND = """scenario: sound
title: {ru: Проба, en: Trial}
what_to_see: {ru: Ничего, en: Nothing}
length: 1 h
targets:
  mill: {physics: [dryer_mill]}
steps:
  - {effect: wear, of: mill, for: 30 min, to: 1}
"""


def written(folder: Path, text: str, name: str = "sound") -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(text, "utf-8")
    return file


def test_all_shipped_scenarios_load() -> None:
    """Every file that is shipped is free of mistakes and named for its scenario."""
    assert len(shipped()) == 25
    assert [load(name).scenario for name in shipped()] == shipped()


def test_times_are_lengths_in_ms(tmp_path: Path) -> None:
    """Lengths of time are read as ms, and a step without one lasts to the end."""
    scenario = load(written(tmp_path, SOUND.replace("for: 30 min, ", "at: 90 s, ")))
    (step,) = scenario.steps
    assert (scenario.length, step.at, scenario.end(step)) == (3_600_000, 90_000, 3_600_000)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "mend"),
    [
        ("effect: wear", "effect: wera", 8, "no effect 'wera'", "did you mean 'wear'?"),
        ("of: mill", "of: mil", 8, "no target 'mil'", "did you mean 'mill'?"),
        ("to: 1", "to: 9", 8, "'to' is 9", "0 to 3"),
        (
            "effect: wear, of: mill, for: 30 min, to: 1",
            "effect: order_size, of: mill, to: 0.05",
            8,
            "'to' is 0.05",
            "0.1 to",
        ),
        ("to: 1", "too: 1", 8, "unknown key 'too'", "did you mean 'to'?"),
        ("for: 30 min", "for: 30 minutes", 8, "'30 minutes' is no length of time", "20 min"),
        ("for: 30 min", "for: 90 min", 8, "beyond the scenario's length", "lengthen"),
        (", to: 1", "", 8, "'wear' lacks 'to'", "1 is worn out"),
        (", to: 1", ", to: 1, cause: mechanical", 8, "have a 'cause'", "remove it"),
        ("effect: wear", "effect: fail", 8, "'fail' has no 'to'", "remove it"),
        ("effect: wear", "effect: drift", 8, "'mill' names none", "metric or role"),
        (", to: 1", ", to: 1, every: 5 min", 8, "go together", "give both"),
        (", to: 1", ", to: 1, cause: mechanic", 8, "'mechanic' is no cause", "did you mean 'mechanical'?"),
        ("mill: {", "mill: {fed_by: kiln, ", 6, "no target 'kiln' above", "none to choose from"),
        ("mill: {", "site: {", 6, "every scenario has", "another name"),
        ("title: {ru: Проба, en: Trial}", "title: {en: Trial}", 2, "no text in 'ru'", "both languages"),
        ("scenario: sound", "scenario: noise", 1, "not the name of its file", "scenario: sound"),
        ("length: 1 h\n", "", 1, "lacks 'length'", "add"),
    ],
)
def test_a_mistake_names_line_and_mend(tmp_path: Path, old: str, new: str, line: int, problem: str, mend: str) -> None:
    """What is wrong in a file is told with its line, what is wrong there and what would be right."""
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, SOUND.replace(old, new)))
    assert any(line == m.line and problem in m.problem and mend in m.mend for m in caught.value.mistakes), caught.value


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """A file with two mistakes tells both, each on a line of its own."""
    text = SOUND.replace("effect: wear", "effect: wera").replace("scenario: sound", "scenario: noise")
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, text))
    assert [str(caught.value).splitlines()[i].split(":")[1] for i in (0, 1)] == ["1", "8"]


@pytest.mark.parametrize("name", ["bearing_waer", "no/such/file.yaml"])
def test_an_unknown_name_is_told(name: str) -> None:
    """A scenario that does not exist is told, with the nearest one that does."""
    with pytest.raises(ScenarioError, match=r"did you mean 'bearing_wear'|there is no such file"):
        load(name)


def test_what_is_no_yaml_is_told(tmp_path: Path) -> None:
    """A file that cannot be read as YAML is told with the line."""
    with pytest.raises(ScenarioError, match=r":2: this is no YAML"):
        load(written(tmp_path, "scenario: sound\n  title: {\n"))

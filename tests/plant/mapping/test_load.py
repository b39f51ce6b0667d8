"""A mapping file is checked against the model before any message comes."""

from __future__ import annotations

from pathlib import Path

import pytest
from mappings import ENTERPRISE, KILN, TAGS, mapping, written

from plant.mapping.load import MappingError, load, load_all

GOOD = """\
mapping: kilns
stale_after: 5 min
tables:
  serials: {k-1: alpha/shop/kiln-1/kiln, f-1: alpha/shop/board-1/former}
rules:
  kiln:
    topic: gw/{serial}/data
    shape: object
    unit: "{serial|serials}"
    time: {path: ts, format: epoch_ms}
    values:
      p: {metric: power, measure: W}
"""


def mistakes(folder: Path, old: str = "", new: str = "") -> list[tuple[int, str, str]]:
    """What is found wrong when a piece of the good file is replaced."""
    assert old in GOOD
    with pytest.raises(MappingError) as caught:
        mapping(folder, GOOD.replace(old, new))
    return [(each.line, each.problem, each.mend) for each in caught.value.mistakes]


def test_a_rule_knows_all_units_and_tags_that_it_can_lead_to(tmp_path: Path):
    """Both machines of the table have a power, so both are reached."""
    (rule,) = mapping(tmp_path, GOOD).rules
    assert rule.name == "kilns/kiln"
    assert rule.topic.filter == "gw/+/data"
    assert rule.stale_after_ms == 300_000
    assert rule.reach == {KILN, "alpha/shop/board-1/former"}
    assert {target.path for target in rule.targets.values()} == {f"{unit}/power" for unit in rule.reach}


def test_a_template_without_a_table_reaches_what_the_model_has(tmp_path: Path):
    """Levels of the topic may be levels of the model."""
    text = GOOD.replace("gw/{serial}/data", "gw/{site}/{line}/{unit}")
    text = text.replace("{serial|serials}", "{site}/shop/{line}/{unit}")
    (rule,) = mapping(tmp_path, text).rules
    assert rule.reach == {KILN, "alpha/shop/board-1/former", "beta/shop/board-1/former"}


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "mend"),
    [
        ("shop/kiln-1/kiln,", "shop/kiln-1/klin,", 4, "no unit 'alpha/shop/kiln-1/klin'", "'alpha/shop/kiln-1/kiln'"),
        ("{serial|serials}", "{serail|serials}", 9, "no part '{serail}'", "did you mean 'serial'?"),
        ("{serial|serials}", "{serial|serial}", 9, "no table 'serial'", "did you mean 'serials'?"),
        ("{serial|serials}", "alpha/shop/kiln-2/kiln", 9, "leads to no unit", "'alpha/shop/kiln-1/kiln'"),
        ("metric: power", "metric: powr", 12, "no unit of this rule has a metric 'powr'", "did you mean 'power'?"),
        ("measure: W", "measure: Wh", 12, "'Wh' cannot be converted to 'kW'", "scale and offset"),
        ("measure: W", "scale: 0", 12, "a scale of 0", "another factor"),
        ("measure: W", "measure: W, words: {a: 1}", 12, "words have no unit of measure", "without measure"),
        ("measure: W", "words: {a: on}", 12, "'a' means 'on', but metric 'power' is a number", "write a number"),
        ("measure: W", "colour: red", 12, "unknown key 'colour'", "known are"),
        ("p: {", "a..p: {", 12, "'a..p' is no path", "join keys by dots"),
        ("p: {", '"*": {', 12, "'*' stands for no path", "shape list"),
        ("stale_after: 5 min", "stale_after: 5 minutes", 2, "'5 minutes' is no length of time", "90 s"),
        ("stale_after: 5 min\n", "", 5, "rule 'kiln' lacks 'stale_after'", "5 min"),
        ("shape: object", "shape: objekt", 8, "'objekt' is no shape", "did you mean 'object'?"),
        ("shape: object", "shape: object\n    value: v", 9, "a payload of shape object has no 'value'", "remove it"),
        ("shape: object", "shape: plain", 11, "a plain payload is one value", "{name}"),
        ("{path: ts, format: epoch_ms}", "sometime", 10, "'sometime' says no time", "'arrival'"),
        ("epoch_ms", "epoch", 10, "'epoch' is no format of time", "epoch_"),
        ("epoch_ms", "iso8601, zone: Moscow", 10, "'Moscow' is no time zone", "Europe/Moscow"),
        ("topic: gw/{serial}/data", "topic: '#'", 7, "'#' is no topic of a device", "meters/{serial}/telemetry"),
        ("measure: W", "quality: {path: q}", 12, "exactly one of 'good' and 'bad'", "list the words"),
        ("measure: W", "quality: {path: q, good: []}", 12, "is empty", "at least one"),
        ("rules:", "rules: {}\nrulez:", 5, "'rules' is empty", "at least one"),
        ("mapping: kilns\n", "", 1, "lacks 'mapping'", "add 'mapping: ...'"),
    ],
)
def test_every_mistake_is_told_with_its_line_and_a_mend(
    tmp_path: Path, old: str, new: str, line: int, problem: str, mend: str
):
    """What is wrong, where, and what would be right."""
    found = mistakes(tmp_path, old, new)
    assert any(at == line and problem in what and mend in how for at, what, how in found), found


def test_a_retained_message_needs_a_time_of_its_own(tmp_path: Path):
    """Otherwise nobody knows how old it is."""
    found = mistakes(tmp_path, "{path: ts, format: epoch_ms}", "arrival\n    retained: take")
    assert "nobody knows how old" in found[0][1]


def test_all_mistakes_are_told_at_once(tmp_path: Path):
    """In the form that editors jump to."""
    text = GOOD.replace("metric: power", "metric: powr").replace("klin,", "").replace("stale_after: 5 min\n", "")
    file = written(tmp_path, text)
    with pytest.raises(MappingError) as caught:
        load(file, ENTERPRISE, TAGS)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{file}:") for line in lines)


def test_what_is_no_yaml_or_not_there_is_told(tmp_path: Path):
    """With the file's name."""
    with pytest.raises(MappingError, match="no YAML"):
        mapping(tmp_path, "mapping: [")
    with pytest.raises(MappingError, match="no such file"):
        load(tmp_path / "other.yaml", ENTERPRISE, TAGS)


def test_two_mappings_have_two_names(tmp_path: Path):
    """The name says in counters and pages where a value came from."""
    file = written(tmp_path, GOOD)
    other = tmp_path / "other.yaml"
    other.write_text(GOOD.replace("kilns", "others"))
    assert [each.name for each in load_all([file, other], ENTERPRISE, TAGS)] == ["kilns", "others"]
    other.write_text(GOOD)
    with pytest.raises(MappingError, match="already the name"):
        load_all([file, other], ENTERPRISE, TAGS)

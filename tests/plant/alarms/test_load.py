"""From limits of a model and a rules file to alarm rules."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from plant.alarms.general import general_texts
from plant.alarms.load import AlarmsError, load_rules, rules_file
from plant.alarms.rules import Behind, Deviation, Kind, Limit, Priority, Rate, Running, Statistical
from plant.model.load import load
from plant.model.tags import TagTable

TINY = load(Path(__file__).parents[1] / "model" / "tiny.yaml")
TAGS = TagTable(TINY)
SAID = """
    cause: {ru: п, en: c}
    consequence: {ru: с, en: q}
    action: {ru: д, en: a}
"""


def rules_of(text: str, tmp_path: Path):
    """Rules of the tiny model with a file of that text, by key."""
    file = tmp_path / "rules.yaml"
    file.write_text(f"alarms: test\nrules:\n{text}")
    return {rule.key: rule for rule in load_rules(TINY, TAGS, TINY.units, file)}


def test_limits_of_the_model_are_rules_without_any_file():
    """Each limit of each live metric, and the general rules of units and edge nodes."""
    rules = {rule.key: rule for rule in load_rules(TINY, TAGS, TINY.units)}
    high = rules["alpha/kiln-1/kiln/temperature.hh"]
    assert high.levels == ("alpha", "shop", "kiln-1", "kiln")
    assert high.target == "temperature.hh"
    assert isinstance(high.test, Limit)
    assert (high.test.limit, high.test.above, high.suppression) == (185.0, True, None)
    assert high.position == "alpha/shop"
    low = rules["alpha/kiln-1/kiln/temperature.l"]
    assert isinstance(low.suppression, Running)
    kinds = Counter(rule.kind for rule in rules.values())
    assert kinds == {Kind.LIMIT: 4, Kind.BAD_QUALITY: 1, Kind.STATE: 3, Kind.LOST: 3}


def test_a_deadband_leaves_room_for_normal_values():
    """The usual share of the span, but at most half of the way from the limit to the normal range."""
    rules = {rule.key: rule for rule in load_rules(TINY, TAGS, TINY.units)}
    test = rules["alpha/kiln-1/kiln/temperature.h"].test
    assert isinstance(test, Limit)
    assert test.deadband == pytest.approx(3.0)


def test_a_row_adds_what_a_model_cannot_know(tmp_path):
    """Texts, priority, delays, position; LL and HH may have an action of their own."""
    row = (
        f"  - metric: temperature\n    limits: [h, hh]\n    urgent: high\n    on_delay: 2 min\n    position: lab{SAID}"
    )
    rules = rules_of(row + "    at_once: {ru: сразу, en: now}\n", tmp_path)
    high, higher = rules["alpha/kiln-1/kiln/temperature.h"], rules["alpha/kiln-1/kiln/temperature.hh"]
    assert (high.priority, higher.priority) == (Priority.LOW, Priority.HIGH)
    assert (high.guidance.action.en, higher.guidance.action.en) == ("a", "now")
    assert (high.on_delay_ms, high.position) == (120_000, "alpha/lab")
    assert "Температура" in high.guidance.name.ru


def test_the_other_kinds(tmp_path):
    """Rate, deviation, state and statistical rules of the same file, suppressed while the unit does not run."""
    text = (
        f"  - metric: temperature\n    rate: {{most: 5, over: 1 min}}{SAID}"
        f"  - metric: temperature\n    deviation: {{set_point: temperature_sp, most: 4}}{SAID}"
        f"  - metric: temperature\n    statistical: {{samples: 20, every: 30 s}}{SAID}"
        f"  - metric: state\n    units: [kiln]\n    states: [HELD]{SAID}"
    )
    rules = rules_of(text, tmp_path)
    place = "alpha/kiln-1/kiln"
    tests = {key: rule.test for key, rule in rules.items()}
    assert isinstance(tests[f"{place}/temperature.rate"], Rate)
    assert isinstance(tests[f"{place}/temperature.deviation"], Deviation)
    assert isinstance(tests[f"{place}/temperature.unusual"], Statistical)
    assert rules[f"{place}/state.held"].suppression is None
    assert isinstance(rules[f"{place}/temperature.rate"].suppression, Running)


def test_units_stand_back_behind_their_edge_node():
    """One rule for a gateway, and one for each unit unless it is the only one there."""
    gypsum = load("gypsum")
    rules = {rule.key: rule for rule in load_rules(gypsum, TagTable(gypsum), gypsum.site("minsk").units)}
    node = rules["minsk/gateways/boards/lost"]
    assert node.levels == ("minsk",)
    assert node.target == "boards.lost"
    assert rules["minsk/boards/former/lost"].suppression == Behind(node.key, 60_000)
    assert all(key.startswith("minsk/") for key in rules)


@pytest.mark.parametrize(
    ("text", "line", "problem", "mend"),
    [
        ("  - metric: temprature\n    limits: [h]" + SAID, 3, "numeric metric 'temprature'", "did you mean 'temp"),
        ("  - metric: temperature\n    limits: [x]" + SAID, 4, "'x'", "known are"),
        ("  - metric: level\n    limits: [h]" + SAID, 4, "no limit 'h' of 'level'", "add it to the 'limits'"),
        ("  - metric: temperature" + SAID, 3, "watches nothing", "limits: [h, hh]"),
        ("  - metric: temperature\n    units: [klin]\n    limits: [h]" + SAID, 4, "'klin'", "did you mean 'kiln'"),
        ("  - metric: level\n    states: [HELD]" + SAID, 4, "holds no PackML state", "role 'state'"),
        (
            "  - metric: temperature\n    deviation: {set_point: temperature_ps, most: 4}" + SAID,
            4,
            "set point 'temperature_ps'",
            "did you mean 'temperature_sp'",
        ),
        ("  - metric: temperature\n    rate: {most: 5, over: soon}" + SAID, 4, "'soon'", "90 s, 20 min"),
        ("  - metric: temperature\n    limits: [h]\n    cause: {ru: п}\n", 5, "'en'", "both languages"),
    ],
)
def test_mistakes_are_told_with_line_and_mend(text, line, problem, mend, tmp_path):
    """What is wrong, where, and what would be right."""
    with pytest.raises(AlarmsError) as error:
        rules_of(text, tmp_path)
    told = error.value.mistakes
    assert any(each.line == line and problem in each.problem and mend in each.mend for each in told), told


@pytest.mark.parametrize("name", ["gypsum", "print-farm"])
def test_each_limit_of_a_shipped_model_says_what_to_do(name):
    """No alarm of a shipped model falls back on the general texts for limits."""
    model = load(name)
    general = general_texts()
    vague = {general.low.action.ru, general.high.action.ru}
    rules = load_rules(model, TagTable(model), model.units, rules_file(name))
    assert len({rule.key for rule in rules}) == len(rules)
    assert not [rule.key for rule in rules if rule.kind is Kind.LIMIT and rule.guidance.action.ru in vague]
    assert len({(rule.levels, rule.target) for rule in rules}) == len(rules)


@pytest.mark.parametrize("name", ["gypsum", "print-farm"])
def test_few_alarms_of_a_shipped_model_are_urgent(name):
    """About 80, 15 and 5 % (IEC 62682): most are low, at most one in ten is high."""
    model = load(name)
    rules = load_rules(model, TagTable(model), model.units, rules_file(name))
    share = {each: count / len(rules) for each, count in Counter(rule.priority for rule in rules).items()}
    assert share[Priority.LOW] > 0.65
    assert share[Priority.HIGH] < 0.1


def test_the_file_of_a_model_is_found_by_its_name():
    """A model of one's own has none unless it is named; the general texts are no model's."""
    assert rules_file("gypsum") is not None
    assert rules_file("my/plant.yaml") is None
    assert rules_file("general") is None
    assert rules_file("gypsum", "own.yaml") == Path("own.yaml")


@pytest.mark.parametrize("model", ["gypsum", "print-farm"])
def test_priorities_are_split_as_is_good_practice(model):
    """About 80 % low, 15 % medium, 5 % high: whoever is called at once every time soon hears nothing."""
    enterprise = load(model)
    rules = load_rules(enterprise, TagTable(enterprise), enterprise.units, rules_file(model))
    share = {each: sum(rule.priority is each for rule in rules) / len(rules) for each in Priority}
    assert 0.75 <= share[Priority.LOW] <= 0.85
    assert 0.08 <= share[Priority.MEDIUM] <= 0.20
    assert 0.02 <= share[Priority.HIGH] <= 0.07

"""`factory mapping check | test`, on the documented examples and on what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from mappings import KILN, written
from typer.testing import CliRunner, Result

from factory.cli import app
from plant.mapping import schema
from plant.mapping.refusals import Refusal
from plant.model.schema import Written

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples" / "mappings"
GUIDE = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
ARRIVED = ("--arrived", "2026-11-23T10:00:01Z")
SENSOR = "plain-sensor.sample.txt"
MINSK = "minsk/utilities/utilities"
TINY = ROOT / "tests" / "plant" / "model" / "tiny.yaml"
PLAIN = f"""\
mapping: plain
stale_after: 1 min
rules:
  kiln:
    topic: kiln/{{name}}
    shape: plain
    unit: {KILN}
    time: arrival
    values: {{power: {{metric: power}}, why: {{metric: reason}}}}
"""


def run(*arguments: str, given: str | None = None) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["mapping", *arguments], input=given)


@pytest.mark.parametrize(
    ("name", "sample", "topic", "expected"),
    [
        (
            "modbus-gateway",
            "modbus-gateway.sample.json",
            "modbus/g1/k1/data",
            {
                "compressor-1/pressure": (7.34, "bar", 192),
                "compressor-1/power": (71.25, "kW", 192),
                "compressor-1/oil_temperature": (76.0, "degC", 192),
                "compressor-1/dew_point": (3.5, "degC", 192),
                "compressor-1/state": (6, "", 192),
                "compressor-1/mode": (1, "", 192),
            },
        ),
        (
            "energy-meter",
            "energy-meter.sample.json",
            "energy/c1/readings",
            {
                "power-boards/power": (412.3, "kW", 192),
                "power-boards/energy_total": (981_234.5, "kWh", 192),
                "power-boards/power_factor": (0.93, "", 0),
            },
        ),
        (
            "plain-sensor",
            "plain-sensor.sample.txt",
            "site/gas-hall-1/flow",
            {"gas-boards/gas_flow": (21.5, "m3/h", 192)},
        ),
        (
            "plain-sensor",
            "plain-sensor.sample.txt",
            "site/gas-hall-2/pressure",
            {"gas-blocks/pressure": (2.15, "kPa", 192)},
        ),
    ],
)
def test_every_documented_example_does_what_its_page_says(
    name: str, sample: str, topic: str, expected: dict[str, tuple[float, str, int]]
):
    """Of the three usual shapes, with the command itself."""
    file = str(EXAMPLES / f"{name}.yaml")
    assert run("check", file).exit_code == 0
    found = run("test", file, str(EXAMPLES / sample), "--topic", topic, "--json", *ARRIVED)
    assert found.exit_code == 0, found.output
    report = json.loads(found.output)
    assert not report["refused"]
    got = {row["tag"]: (pytest.approx(row["value"]), row["unit"], row["quality"]) for row in report["values"]}
    assert got == {f"{MINSK}/{tag}": row for tag, row in expected.items()}
    assert all(row["time"] // 1_000 in {1_795_428_000, 1_795_428_001} for row in report["values"])


def test_all_examples_are_in_the_guide_and_tried_here():
    """None is left to rot."""
    files = {file.name for file in EXAMPLES.iterdir()}
    assert files == set(re.findall(r"examples/mappings/([\w.-]+)\)", GUIDE))
    source = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{name.split(".")[0]}"' in source for name in files)


def test_check_shows_what_the_rules_reach_or_every_mistake(tmp_path: Path):
    """With file and line, and exit code 1."""
    file = written(tmp_path, PLAIN)
    found = run("check", str(file), "--model", str(TINY))
    assert found.exit_code == 0
    assert re.search(r"plain/kiln\s+kiln/\+\s+plain\s+0:01:00\s+1\s+2\s*$", found.output, re.MULTILINE)
    file.write_text(PLAIN.replace("metric: power", "metric: powr").replace("shape: plain", "shape: list"))
    found = run("check", str(file), "--model", str(TINY))
    assert found.exit_code == 1
    assert f"{file}:9: no unit of this rule has a metric 'powr'; did you mean 'power'?" in found.stderr
    assert "mistake" in found.stderr


def test_test_shows_a_table_for_people(tmp_path: Path):
    """From standard input; a text has no unit."""
    file = str(written(tmp_path, PLAIN))
    found = run("test", file, "-", "--topic", "kiln/power", "--model", str(TINY), *ARRIVED, given="21.5\n")
    assert found.exit_code == 0
    assert re.search(rf"{KILN}/power\s+21\.5\s+kW\s+2026-11-23T10:00:01\.000Z\s+good", found.output)
    found = run("test", file, "-", "--topic", "kiln/why", "--model", str(TINY), *ARRIVED, given="бумага")
    assert re.search(rf"{KILN}/reason\s+бумага\s+2026", found.output)


@pytest.mark.parametrize(
    ("topic", "text", "told"),
    [
        ("kiln/power", "much", "wrong_type: plain/kiln: 'power' is 'much' and not a number"),
        ("kiln/power", "9000", "out_of_range"),
        ("kiln/power", "NaN", "not_a_number"),
        ("kiln/colour", "1", "nothing_mapped"),
        ("oven/power", "1", "unmapped_topic: no rule is for this topic"),
    ],
)
def test_test_says_why_not(tmp_path: Path, topic: str, text: str, told: str):
    """What the mapping refuses and what the collector's checks would; exit code 1 either way."""
    file = str(written(tmp_path, PLAIN))
    found = run("test", file, "-", "--topic", topic, "--model", str(TINY), *ARRIVED, given=text)
    assert found.exit_code == 1
    assert told in found.output


def test_a_retained_message_can_be_tried(tmp_path: Path):
    """This rule does not take it."""
    file = str(written(tmp_path, PLAIN))
    found = run("test", file, "-", "--topic", "kiln/power", "--model", str(TINY), "--retained", given="1")
    assert (found.exit_code, "retained" in found.output) == (1, True)


def _specs() -> list[type[Written]]:
    return [schema.MappingSpec, schema.RuleSpec, schema.ValueSpec, schema.TimeSpec, schema.QualitySpec]


@pytest.mark.parametrize("spec", _specs())
def test_the_guide_has_a_row_for_every_key(spec: type[Written]):
    """And in its own section none that is not there."""
    section = GUIDE.split(f"<!-- {spec.__name__} -->", 1)[1].split("\n#", 1)[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(spec.model_fields)


def test_the_guide_has_a_row_for_every_reason():
    """So that a counter can be looked up."""
    section = GUIDE.split("## Why a message is refused", 1)[1].split("\n## ", 1)[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(Refusal)

"""docs/model.md keeps up with the format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from factory.model_commands import app
from plant.model import schema
from plant.model.diff import Fate
from plant.model.enterprise import Datatype, Role
from plant.model.load import load
from plant.namespace import Contract

DOCS = (Path(__file__).parents[3] / "docs" / "model.md").read_text("utf-8")
SECTIONS: dict[type[BaseModel], tuple[str, ...]] = {
    schema.EnterpriseSpec: ("The file",),
    schema.TextSpec: ("Names and notes",),
    schema.UnitTypeSpec: ("A unit type",),
    schema.MetricSpec: ("A metric (a row)",),
    schema.LimitsSpec: ("Limits",),
    schema.ControlSpec: ("Statistical control",),
    schema.UnitSpec: ("A unit",),
    schema.LineTypeSpec: ("A line type, and a line",),
    schema.LineSpec: ("A line type, and a line",),
    schema.AreaSpec: ("An area",),
    schema.SiteSpec: ("A site",),
    schema.SpecificSpec: ("A specific consumption",),
    schema.ProductSpec: ("A product",),
    schema.CalendarSpec: ("A calendar and its shifts",),
    schema.ShiftSpec: ("A calendar and its shifts",),
    schema.BreakSpec: ("A break",),
    schema.HolidaysSpec: ("Holidays",),
    schema.MaintenanceSpec: ("A window of maintenance",),
}


def rows(section: str) -> set[str]:
    """The words that the first cells of the tables of a section name."""
    found = re.search(rf"^### {re.escape(section)}\n(.*?)(?=^##|\Z)", DOCS, re.DOTALL | re.MULTILINE)
    assert found is not None, section
    cells = re.findall(r"^\| ([^|]+) \|", found[1], re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize(
    "spec",
    [
        each
        for each in vars(schema).values()
        if isinstance(each, type) and issubclass(each, schema.Written) and each is not schema.Written
    ],
)
def test_every_key_is_in_a_table(spec: type[BaseModel]) -> None:
    """A key that the schema takes is a row in the table of its part."""
    documented = {word for section in SECTIONS[spec] for word in rows(section)}
    assert set(spec.model_fields) <= documented


def test_no_table_names_a_key_that_is_not_there() -> None:
    """A key in a table is one that the schema takes."""
    for section in {section for sections in SECTIONS.values() for section in sections}:
        known = {key for spec, sections in SECTIONS.items() if section in sections for key in spec.model_fields}
        assert rows(section) <= known | set(Role), section


def test_every_role_datatype_fate_word_and_command_is_named() -> None:
    """Words that can be written or read are explained."""
    words = [*Role, *Datatype, *Contract]
    assert [word for word in words if f"`{word}`" not in DOCS] == []
    fates = {Fate.ADDED, Fate.CHANGED}
    assert [fate for fate in set(Fate) - fates if fate.value not in DOCS] == []
    commands = [str(command.callback.__name__) for command in app.registered_commands if command.callback]
    assert [command for command in commands if f"factory model {command}" not in DOCS] == []


def test_the_example_is_a_model(tmp_path: Path) -> None:
    """The five-minute example loads as it stands."""
    example = re.search(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert example is not None
    file = tmp_path / "plant.yaml"
    file.write_text(example[1], "utf-8")
    assert [unit.slug for unit in load(file).units] == ["kiln-1", "kiln-2", "silo"]

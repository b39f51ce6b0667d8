"""simulators/truth/README.md against the code, and who may know of the truth."""

from __future__ import annotations

import ast
from pathlib import Path

import duckdb
import pytest

from plant.settings import Settings
from simulators.truth.disk import SEALED
from simulators.truth.parts import parts
from simulators.truth.tables import PART_MS, TABLES

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "simulators" / "truth"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def rows(header: str) -> list[list[str]]:
    """Cells of the table whose header begins with that cell."""
    table = README.split(f"| {header} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_readme_lists_every_column_with_its_type() -> None:
    """In the order of the files."""
    told = [tuple(row[:3]) for row in rows("table")]
    assert told == [(table.NAME, name, sql) for table in TABLES for name, sql in table.columns().items()]


def test_files_hold_what_the_tables_say(workshop, hold, tmp_path: Path) -> None:
    """A Parquet file has the columns and types that the README lists, and the start of the part."""
    world = workshop.world()
    world.inject(hold)
    workshop.watch(world, tmp_path).run(30).ledger.close()
    (part,) = parts(tmp_path)
    with duckdb.connect(config=SEALED) as connection:
        for table in TABLES:
            found = connection.execute(f"DESCRIBE SELECT * FROM '{part.file(table)}'").fetchall()
            assert {name: sql for name, sql, *_ in found} == table.columns() | {PART_MS: "BIGINT"}


def test_the_readme_names_every_file() -> None:
    """Each module has its row."""
    assert {row[0].strip("`") for row in rows("file")} == {path.name for path in FOLDER.glob("[!_]*.py")}


@pytest.mark.parametrize("room", ["plant", "collectors", "dashboard"])
def test_the_truth_is_out_of_reach_of_what_it_judges(room: str) -> None:
    """No code there imports simulators or names the ledger or its files, and no setting tells where it is."""
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] != "simulators", path
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
                assert "truth" not in node.value.lower(), path
                assert "parquet" not in node.value.lower(), path
    assert not [name for name in Settings.model_fields if "truth" in name]

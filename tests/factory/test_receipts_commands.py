"""`factory receipts check | import | list`, on the documented example."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from typer.testing import CliRunner

from factory.cli import app
from plant.errors import FactoryError
from plant.operations.open import open_operations

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "receipts" / "receipts.csv"


def test_check_shows_the_receipts() -> None:
    """Site, production day, product, quantity and document of each."""
    result = CliRunner().invoke(app, ["receipts", "check", str(EXAMPLE)])
    assert result.exit_code == 0
    assert "86,412.5" in result.output
    assert result.output.count("2026-11-20") == 3, "what was booked at night is of the day that had begun before"


def test_mistakes_are_a_line_each(tmp_path: Path) -> None:
    """Exit code 1, every row named."""
    file = tmp_path / "receipts.csv"
    file.write_text("site,product,day,quantity,document\nx,y,2026-11-20,1,A\nminsk,board-12,2026-11-20,no,A\n")
    result = CliRunner().invoke(app, ["receipts", "check", str(file)])
    assert result.exit_code == 1
    assert "row 2" in result.output
    assert "row 3" in result.output


def test_an_import_twice_counts_once_and_a_change_is_told(tmp_path: Path) -> None:
    """New, then known, then changed with before and after; the list shows what counts."""
    with closing(open_operations("", tmp_path)) as database:
        database.migrate()
    told = [_import(EXAMPLE, tmp_path), _import(EXAMPLE, tmp_path)]
    assert "new 3, " in told[0]
    assert "known 3, " in told[1]
    other = tmp_path / "receipts.csv"
    other.write_text(EXAMPLE.read_text(encoding="utf-8").replace("86 412,5", "86 410"), encoding="utf-8")
    changed = _import(other, tmp_path)
    assert "changed 1" in changed
    assert "86,412.5 m2 -> 2026-11-20 board-12 86,410 m2" in changed
    listed = CliRunner().invoke(app, ["receipts", "list", "--from", "2026-11-01", "--data", str(tmp_path)]).output
    assert "86,410" in listed
    assert "86,412.5" not in listed


def test_an_import_needs_the_folder_of_a_system(tmp_path: Path) -> None:
    """One sentence with the mend; no empty database is made beside the real one."""
    result = CliRunner().invoke(app, ["receipts", "import", str(EXAMPLE), "--data", str(tmp_path)])
    assert isinstance(result.exception, FactoryError)
    assert "--data" in str(result.exception)
    assert not list(tmp_path.iterdir())


def _import(file: Path, data: Path) -> str:
    return CliRunner().invoke(app, ["receipts", "import", str(file), "--data", str(data)]).output

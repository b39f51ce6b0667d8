"""`factory receipts check`, on the documented example."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from factory.cli import app

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

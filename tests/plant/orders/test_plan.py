from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from plant.errors import ConfigurationError
from plant.model.load import load
from plant.orders.plan import HEADINGS, InvalidOrdersError, LinePlan, plans
from plant.tables.sheet import Row, rows

ROOT = Path(__file__).parents[3]
GYPSUM = load("gypsum")
EXAMPLE = ROOT / "docs" / "examples" / "orders" / "plan.csv"
HEADING = "line;order;product;quantity;unit;due;priority"
GOOD = "minsk/boards;A-1;board-12;42000;m2;2026-11-25 18:00;1"


@pytest.fixture(scope="module")
def enterprise():
    """The gypsum group."""
    return GYPSUM


def _ms(*local: int) -> int:
    return int(datetime(*local, tzinfo=UTC).timestamp() * 1000)


def _read(enterprise, folder: Path, *lines: str, encoding: str = "utf-8") -> list[LinePlan]:
    file = folder / "plan.csv"
    file.write_text("\r\n".join(lines), encoding=encoding)
    return plans(file, rows(file), enterprise)


def test_the_documented_example_is_read(enterprise) -> None:
    """Russian headings, names, numbers and dates mean what they say, in the plant's own zone (Minsk, UTC+3)."""
    boards, mixes = plans(EXAMPLE, rows(EXAMPLE), enterprise)
    assert (boards.site, boards.line.slug, mixes.line.slug) == ("minsk", "boards", "dry-mix")
    first, second = boards.orders
    assert (first.order, first.product, first.quantity, first.unit) == ("ЗК-000118", "board-12", 42000.0, "m2")
    assert first.due == _ms(2026, 11, 25, 15)
    assert second.due == _ms(2026, 11, 26, 21), "a date alone means its end"
    assert [order.priority for order in (*boards.orders, *mixes.orders)] == [1, 2, 3]
    assert (mixes.orders[0].product, mixes.orders[0].quantity) == ("plaster-30", 180.5)


def test_a_spreadsheet_means_the_same(enterprise, tmp_path: Path) -> None:
    """Typed cells (numbers, dates, a number as a name) are read as what they are."""
    file = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(file, {"default_date_format": "dd.mm.yyyy hh:mm"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Срок", "Заказ", "Линия", "Продукт", "Количество"])
        sheet.write_row(2, 1, [118, "minsk/boards", "board-12", 42000])
        sheet.write_datetime(2, 0, datetime(2026, 11, 25, 18))  # noqa: DTZ001 - spreadsheets know no zones
        sheet.write_row(3, 1, ["119", "minsk/boards", "ГКЛ 9,5 мм", 10.5])
        sheet.write_datetime(3, 0, date(2026, 11, 26), book.add_format({"num_format": "dd.mm.yyyy"}))
    ((first, second),) = (plan.orders for plan in plans(file, rows(file), enterprise))
    assert (first.order, first.quantity, first.due) == ("118", 42000.0, _ms(2026, 11, 25, 15))
    assert (second.product, second.quantity) == ("board-9", 10.5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_of_any_program_is_read(enterprise, tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Delimiters and encodings of Russian and English spreadsheets give the same orders."""
    lines = ("Линия;Заказ;Продукт;Количество;Срок", "minsk/boards;Ж-7;ГКЛВ 12|5 мм;1000;25.11.2026 18:00")
    name = '"ГКЛВ 12,5 мм"'
    (plan,) = _read(
        enterprise,
        tmp_path,
        *(line.replace(";", delimiter).replace("ГКЛВ 12|5 мм", name) for line in lines),
        encoding=encoding,
    )
    assert (plan.orders[0].order, plan.orders[0].product) == ("Ж-7", "board-12-mr")


@pytest.mark.parametrize(
    ("row", "problem", "mend"),
    [
        ("minsk/bords;A;board-12;1;;2026-11-25;", "no line 'minsk/bords'", "minsk/boards"),
        ("minsk/utilities;A;board-12;1;;2026-11-25;", "makes no product", "leave"),
        ("minsk/boards;A;putty-20;1;;2026-11-25;", "does not make 'putty-20'", "board-12, board-9"),
        ("minsk/boards;;board-12;1;;2026-11-25;", "no name", "planning system"),
        ("minsk/boards;A;board-12;0;;2026-11-25;", "'0' is no quantity", "above 0"),
        ("minsk/boards;A;board-12;inf;;2026-11-25;", "'inf' is no quantity", "above 0"),
        ("minsk/boards;A;board-12;1;t;2026-11-25;", "not counted in 't'", "in m2"),
        ("minsk/boards;A;board-12;1;;31.02.2026;", "'31.02.2026' is no time", "2026-11-25 18:00"),
        ("minsk/boards;A;board-12;1;;2026-11-25;1.5", "'1.5' is no priority", "most urgent"),
    ],
)
def test_a_mistake_says_row_problem_and_mend(enterprise, tmp_path: Path, row: str, problem: str, mend: str) -> None:
    """Each wrong cell is named with its row in the file and what would be right."""
    with pytest.raises(InvalidOrdersError) as caught:
        _read(enterprise, tmp_path, HEADING, GOOD, row)
    (mistake,) = caught.value.mistakes
    assert mistake.row == 3
    assert problem in mistake.problem
    assert mend in mistake.mend


def test_all_mistakes_are_told_at_once(enterprise, tmp_path: Path) -> None:
    """A planner mends a file in one go; a name that is used twice points at the first."""
    with pytest.raises(InvalidOrdersError) as caught:
        _read(enterprise, tmp_path, HEADING, GOOD, "x/y;B;board-12;-1;;soon;0", "", GOOD)
    assert [mistake.row for mistake in caught.value.mistakes] == [3, 3, 3, 5]
    assert "row 2 already" in caught.value.mistakes[-1].problem
    assert "3 more" in str(caught.value)


@pytest.mark.parametrize(("lines", "problem"), [((), "empty"), (("line;order;due",), "'product', 'quantity'")])
def test_a_heading_is_needed(enterprise, tmp_path: Path, lines: tuple[str, ...], problem: str) -> None:
    """Without columns there is nothing to read, and the wanted headings are said."""
    with pytest.raises(InvalidOrdersError, match="'линия' or 'line'") as caught:
        _read(enterprise, tmp_path, *lines)
    assert problem in caught.value.mistakes[0].problem


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", b"\x00\x01\x02\x98", b"\xff\xfe\x00\x98"])
def test_other_files_are_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    """What is neither CSV nor XLSX is said so, whatever the library thinks of it."""
    file = tmp_path / "plan.doc"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="XLSX"):
        list(rows(file))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        list(rows(tmp_path / "missing.csv"))


@given(st.lists(st.lists(st.one_of(st.text(max_size=8), st.floats(), st.dates()), max_size=9), max_size=6))
def test_whatever_stands_in_a_table_is_orders_or_mistakes(cells) -> None:
    """No content raises anything but the list of mistakes."""
    heading = Row(1, tuple(HEADINGS))
    table = [heading, *(Row(number, tuple(each)) for number, each in enumerate(cells, start=2))]
    if not cells:
        assert plans(Path("x.csv"), table, GYPSUM) == []
        return
    with pytest.raises(InvalidOrdersError) as caught:
        plans(Path("x.csv"), table, GYPSUM)
    assert {mistake.row for mistake in caught.value.mistakes} == {row.number for row in table[1:]}


def test_the_guide_lists_every_heading() -> None:
    """docs/orders.md names each column with all headings that it may have."""
    guide = (ROOT / "docs" / "orders.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| (\w+) \| (.+?) \|", guide, re.MULTILINE))
    assert {column: tuple(re.findall(r"`(.+?)`", table[column])) for column in HEADINGS} == dict(HEADINGS)

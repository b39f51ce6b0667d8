from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from plant.model.load import load
from plant.receipts.receipt import Receipt
from plant.receipts.table import HEADINGS, OPTIONAL, InvalidReceiptsError, receipts
from plant.tables.sheet import Row, rows

ROOT = Path(__file__).parents[3]
GYPSUM = load("gypsum")
EXAMPLE = ROOT / "docs" / "examples" / "receipts" / "receipts.csv"
HEADING = "site;product;day;quantity;unit;document"
GOOD = "minsk;board-12;2026-11-20;42000;m2;A-1"
DAY = date(2026, 11, 20)


def read(folder: Path, *lines: str) -> tuple[Receipt, ...]:
    file = folder / "receipts.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return receipts(file, rows(file), GYPSUM)


def test_the_documented_example_is_read() -> None:
    """Russian headings, names, numbers and dates mean what they say; below 0 takes back."""
    assert receipts(EXAMPLE, rows(EXAMPLE), GYPSUM) == (
        Receipt("minsk", "board-12", DAY, 86412.5, "m2", "ПП-001874"),
        Receipt("minsk", "putty-20", DAY, 118.4, "t", "ПП-001875"),
        Receipt("minsk", "putty-20", DAY, -1.2, "t", "ПП-001875 (сторно)"),
    )


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20.11.2026", date(2026, 11, 20)),
        ("2026-11-20", date(2026, 11, 20)),
        ("20.11.2026 00:00:00", date(2026, 11, 20)),
        ("21.11.2026 07:59", date(2026, 11, 20)),
        ("21.11.2026 08:00", date(2026, 11, 21)),
    ],
)
def test_a_time_belongs_to_the_production_day_that_holds_it(tmp_path: Path, written: str, day: date) -> None:
    """The day begins at eight at the site; a date alone, also one with an empty time, is the production day itself."""
    (receipt,) = read(tmp_path, HEADING, f"minsk;board-12;{written};1;;A")
    assert receipt.day == day


def test_a_spreadsheet_means_the_same(tmp_path: Path) -> None:
    """Typed cells, headings as the accounts export them, a number as a document."""
    file = tmp_path / "receipts.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Документ", "Дата", "Склад", "Номенклатура", "Кол-во"])
        sheet.write_row(1, 2, ["Волгоград", "ГКЛ 9,5 мм", 10.5])
        sheet.write_number(1, 0, 1874)
        moment = datetime(2026, 11, 21, 3)  # noqa: DTZ001 - spreadsheets know no zones
        sheet.write_datetime(1, 1, moment, book.add_format({"num_format": "dd.mm.yyyy hh:mm"}))
    assert receipts(file, rows(file), GYPSUM) == (Receipt("volgograd", "board-9", DAY, 10.5, "m2", "1874"),)


@pytest.mark.parametrize(
    ("row", "problem", "mend"),
    [
        ("minks;board-12;2026-11-20;1;;A", "no site 'minks'", "minsk"),
        ("saratov;board-12;2026-11-20;1;;A", "does not make 'board-12'", "putty-20"),
        ("minsk;board-12;30.02.2026;1;;A", "'30.02.2026' is no production day", "25.11.2026"),
        ("minsk;board-12;20.11.0206;1;;A", "'20.11.0206' is no production day", "25.11.2026"),
        ("minsk;board-12;2026-11-20;0;;A", "'0' is no quantity", "take back"),
        ("minsk;board-12;2026-11-20;many;;A", "'many' is no quantity", "number"),
        ("minsk;board-12;2026-11-20;1;шт;A", "not counted in 'шт'", "in m2"),
        ("minsk;board-12;2026-11-20;1;m2;", "document has no name", "accounts"),
        (GOOD, "the same stands in row 2 already", "their sum"),
    ],
)
def test_a_mistake_says_row_problem_and_mend(tmp_path: Path, row: str, problem: str, mend: str) -> None:
    """Each wrong cell is named with its row in the file and what would be right."""
    with pytest.raises(InvalidReceiptsError) as caught:
        read(tmp_path, HEADING, GOOD, row)
    (mistake,) = caught.value.mistakes
    assert mistake.row == 3
    assert problem in mistake.problem
    assert mend in mistake.mend


def test_nothing_is_taken_of_a_file_with_mistakes(tmp_path: Path) -> None:
    """All of them are told at once, with the command that shows them."""
    with pytest.raises(InvalidReceiptsError, match="1 more: factory receipts check"):
        read(tmp_path, HEADING, GOOD, "minsk;board-12;soon;many;;B")


@pytest.mark.parametrize(("lines", "problem"), [((), "empty"), (("site;product;day;quantity",), "'document'")])
def test_a_heading_is_needed(tmp_path: Path, lines: tuple[str, ...], problem: str) -> None:
    """Without columns there is nothing to read, and the wanted headings are said."""
    with pytest.raises(InvalidReceiptsError, match="'подразделение' or 'site'") as caught:
        read(tmp_path, *lines)
    assert problem in caught.value.mistakes[0].problem


cells = st.one_of(st.text(max_size=8), st.floats(), st.dates(), st.datetimes(), st.sampled_from(["minsk", "board-12"]))


@given(st.lists(st.lists(cells, max_size=7), min_size=1, max_size=6))
def test_whatever_stands_in_a_table_is_receipts_or_mistakes(table) -> None:
    """No content raises anything but the list of mistakes, and then each wrong row is in it."""
    content = [Row(1, tuple(HEADINGS)), *(Row(number, tuple(each)) for number, each in enumerate(table, start=2))]
    named: set[int] = set()
    taken: tuple[Receipt, ...] = ()
    try:
        taken = receipts(Path("x.csv"), content, GYPSUM)
    except InvalidReceiptsError as error:
        named = {mistake.row for mistake in error.mistakes}
    assert named <= {row.number for row in content[1:]}
    assert len(taken) == (0 if named else len(table))


def test_the_guide_lists_every_heading() -> None:
    """docs/summary.md names each column with all headings that it may have."""
    guide = (ROOT / "docs" / "summary.md").read_text(encoding="utf-8").split("\n| column | heading |", 1)[1]
    table = dict(re.findall(r"^\| (\w+) \| (.+?) \|", guide, re.MULTILINE))
    assert {column: tuple(re.findall(r"`(.+?)`", table[column])) for column in HEADINGS} == dict(HEADINGS)
    assert all(
        "may be missing" in line
        for line in guide.splitlines()
        if line.startswith(tuple(f"| {each} |" for each in OPTIONAL))
    )

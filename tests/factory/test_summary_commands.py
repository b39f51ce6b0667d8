"""`factory summary | orders progress | production rebuild`: on a file, and beside the system that has it open."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from made_summaries import filled, line_of
from typer.testing import CliRunner

from factory.answers import Answers
from factory.cli import app
from factory.instance import LOCK
from factory.morning import decode, spans
from plant.clock import now_ms
from plant.errors import FactoryError
from plant.historian.duckdb.database import FileInUseError
from plant.historian.open import open_historian
from plant.historian.protocol import MINUTE_MS, Historian, Retention
from plant.kpi.sums import ADDITIVE
from plant.kpi.window import Window
from plant.messages import Order, OrdersMessage
from plant.model.load import load
from plant.model.tags import TagTable
from plant.operations.database import Operations
from plant.operations.open import open_operations
from plant.operations.plans import PlanStore
from plant.operations.receipts import ReceiptStore
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.receipts.receipt import Receipt
from plant.settings import Settings
from plant.summary.reading import last_day

ENTERPRISE = load("gypsum")
TAGS = TagTable(ENTERPRISE)
TABLE = LineTable(TAGS)
DAY = last_day(ENTERPRISE.sites, now_ms())
START, END = spans(ENTERPRISE.sites, DAY)
MIXES = line_of(TABLE, "minsk/dry-mix")
MIX = TABLE.product_index("plaster-30")
NEWEST = now_ms() // MINUTE_MS * MINUTE_MS
LATELY = max(END, NEWEST - 600 * MINUTE_MS)


def run(*arguments: str) -> str:
    """Output of the command."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None, result.output
    return result.output


def refused(*arguments: str) -> str:
    """Its refusal."""
    error = CliRunner().invoke(app, list(arguments)).exception
    assert isinstance(error, FactoryError)
    return str(error)


def fill(historian: Historian, operations: Operations) -> None:
    """A day on which all lines ran but one, which stood for two hours; a plan, and a receipt."""
    lines = [row.index for row in TABLE if row.measure and row.line.ideal_rates]
    parts = [filled(line, Window(START, END), product=-1, produced=1.0, good=1.0) for line in lines if line != MIXES]
    stop = Window(START + 300 * MINUTE_MS, START + 420 * MINUTE_MS)
    stood = filled(MIXES, stop, product=MIX, element=Element.ADET, loss=Loss.BREAKDOWN, reason=-1, produced=0.0)
    ran = [
        filled(MIXES, window, product=MIX, order=7, produced=0.1, good=0.1, produced_ideal_s=12.0, good_ideal_s=12.0)
        for window in (
            Window(START, stop.start_ms),
            Window(stop.end_ms, END),
            Window(max(END, NEWEST - 60_000 * 600), NEWEST),
        )
    ]
    historian.write_production(ProductionMinutes.concat([*parts, stood, *ran]))
    operations.migrate()
    order = Order("dry-mix-7", "plaster-30", 1_000.0, "t", NEWEST + 10_000_000, 1)
    PlanStore(operations).keep({"minsk/dry-mix": OrdersMessage(1, (order,))})
    ReceiptStore(operations).take([Receipt("minsk", "plaster-30", DAY, 100.0, "t", "ПР-77")], 1)


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """The folder of a system that is not running."""
    with (
        closing(open_historian("", TAGS, tmp_path, Retention())) as historian,
        closing(open_operations("", tmp_path)) as operations,
    ):
        fill(historian, operations)
    return tmp_path


def test_the_last_day_is_shown_with_stops_receipts_and_what_nothing_explains(system: Path) -> None:
    """In Russian unless asked otherwise; the stop has hours and roubles, the trial site stands apart."""
    told = run("summary", "--data", str(system))
    assert f"Сводка за {DAY:%d.%m.%Y}" in told
    assert told.index("Группа (сумма)") < told.index("Воскресенск (опытная эксплуатация")
    stop = told.split("Три самых дорогих простоя", 1)[1].split("Газ", 1)[0]
    assert "Линия сухих смесей" in stop
    assert " 1,5 " in stop, "two hours, of which half an hour was a break"
    assert "! не указана" in stop
    assert "100,0" in told.split("Сверка", 1)[1]
    english = run("summary", "--data", str(system), "--lang", "en", "--site", "minsk")
    assert "Group (sum)" not in english
    assert "Dry-mix line" in english


def test_the_group_is_the_sum_of_its_sites(system: Path) -> None:
    """Element by element, in what machines read."""
    body = json.loads(run("summary", "--data", str(system), "--json", "--date", DAY.isoformat()))
    for name in ADDITIVE:
        whole = sum(site["day"]["elements"][name] for site in body["sites"])
        assert body["group"]["day"]["elements"][name] == pytest.approx(whole)
    assert decode(json.dumps(body).encode()).date == DAY


def test_a_day_without_minutes_says_how_to_make_them(system: Path) -> None:
    """And one that is not over yet says which is."""
    before = DAY - timedelta(days=5)
    assert f"no production minutes of {before} are kept" in refused(
        "summary", "--data", str(system), "--date", str(before)
    )
    assert f"ask for {DAY}" in refused("summary", "--data", str(system), "--date", str(DAY + timedelta(days=1)))
    assert "did you mean 'minsk'" in refused("summary", "--data", str(system), "--site", "minks")
    assert "is no date" in refused("summary", "--data", str(system), "--date", "yesterday")


def test_progress_of_orders(system: Path) -> None:
    """Done against the plan, a finish and how late that is."""
    told = run("orders", "progress", "--data", str(system), "--site", "minsk")
    assert "dry-mix-7" in told
    assert "в работе" in told
    body = json.loads(run("orders", "progress", "--data", str(system), "--json"))
    assert [(line["site"], line["line"]) for line in body] == [("minsk", "dry-mix")]
    assert body[0]["orders"][0]["done"] > 100
    assert body[0]["orders"][0]["late_s"] > 0
    assert "no plan of saratov is kept" in refused("orders", "progress", "--data", str(system), "--site", "saratov")


def test_a_running_system_answers_for_its_file(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command asks the port that the lock of the folder names; what is refused there is refused here."""
    settings = Settings(data=system)
    asked: list[int] = []
    with (
        closing(open_historian("", TAGS, system, Retention())) as historian,
        closing(open_operations("", system)) as operations,
    ):
        answers = Answers(settings, ENTERPRISE, TAGS, historian, operations, now_ms)

        def ask(port: int, path: str, error: FileInUseError, query: dict[str, str]) -> bytes:
            asked.append(port)
            return answers.by_path[path](query)

        def busy(*_: object) -> None:
            raise FileInUseError(system, 7)

        (system / LOCK).write_text(json.dumps({"pid": 7, "port": 4711}))
        monkeypatch.setattr("factory.asking.ask", ask)
        monkeypatch.setattr("factory.asking.historian", busy)
        assert "Группа (сумма)" in run("summary", "--data", str(system))
        assert "dry-mix-7" in run("orders", "progress", "--data", str(system))
        assert "is not over" in refused("summary", "--data", str(system), "--date", str(date(2099, 1, 1)))
        assert "no plan" in refused("orders", "progress", "--data", str(system), "--site", "saratov")
    assert asked == [4711] * 4


def test_rebuild_needs_readings(system: Path) -> None:
    """Without them it says so and makes nothing."""
    assert "there are no readings" in refused("production", "rebuild", "--from", "3h", "--data", str(system))
    assert "readings are kept for" in refused("production", "rebuild", "--from", "20d", "--data", str(system))

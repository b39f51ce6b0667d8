"""`factory orders check | import`, on the documented example, through a real broker."""

from __future__ import annotations

from pathlib import Path

import pytest
from paho.mqtt import subscribe
from typer.testing import CliRunner, Result

from factory.cli import app
from plant.messages import decode_orders
from plant.mqtt.address import BrokerAddress

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "orders" / "plan.csv"


def run(*arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["orders", *arguments])


def test_check_shows_the_plans() -> None:
    """Lines, orders and due times in the plant's own zone."""
    result = run("check", str(EXAMPLE))
    assert result.exit_code == 0
    assert "minsk/boards" in result.output
    assert "42,000" in result.output
    assert "2026-11-25 18:00 +03" in result.output


def test_mistakes_are_a_line_each_and_nothing_is_published(tmp_path: Path) -> None:
    """Exit code 1, every row named; no broker is asked for anything."""
    file = tmp_path / "plan.csv"
    file.write_text(
        "line,order,product,quantity,due\nx/y,A,board-12,1,2026-11-25\nminsk/boards,A,board-12,no,2026-11-25\n"
    )
    result = run("import", str(file), "--broker", "mqtt://127.0.0.1:1")
    assert result.exit_code == 1
    assert "row 2" in result.output
    assert "row 3" in result.output


def test_an_imported_plan_is_the_plan_of_its_line(mosquitto: BrokerAddress) -> None:
    """It is retained under the line's topic as the contract says, so whoever comes later sees it."""
    result = run("import", str(EXAMPLE), "--broker", f"mqtt://{mosquitto.host}:{mosquitto.port}")
    assert result.exit_code == 0, result.output
    topic = "df/v1/gypsum/minsk/boards/boards/orders"
    message = subscribe.simple(topic, hostname=mosquitto.host, port=mosquitto.port, qos=1)
    assert message.retain
    orders = decode_orders(message.payload).orders
    assert [(order.order, order.quantity) for order in orders] == [("ЗК-000118", 42000.0), ("ЗК-000121", 12500.0)]


@pytest.mark.parametrize(("broker", "problem"), [("mqtt://127.0.0.1:1", "did not take"), ("", "no broker is named")])
def test_a_missing_broker_is_one_sentence(broker: str, problem: str) -> None:
    """Whoever imports learns that nothing was taken."""
    result = run("import", str(EXAMPLE), *(("--broker", broker) if broker else ()))
    assert result.exit_code != 0
    assert problem in str(result.exception)

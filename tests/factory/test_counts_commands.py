"""`factory counts correct | withdraw | list`, between a real broker and a real collector."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import Result
from collecting import TINY, collecting, tiny
from typer.testing import CliRunner

from factory.cli import app
from plant.errors import BrokerUnavailableError, FactoryError
from plant.historian.memory import MemoryHistorian
from plant.mqtt.address import BrokerAddress
from plant.operations.address import operations_url

ENTERPRISE, TAGS = tiny()
WINDOW = ("--from", "40m", "--to", "10m")


def run(*arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["counts", *arguments, "--model", str(TINY)])


def refused(*arguments: str) -> str:
    """Its refusal."""
    error = run(*arguments).exception
    assert isinstance(error, FactoryError)
    return str(error)


@pytest.mark.broker
def test_entered_listed_withdrawn(mosquitto: BrokerAddress, tmp_path: Path) -> None:
    """The answer of the collector is shown; what it refuses is one sentence with the reason."""
    where = ("--data", str(tmp_path))
    broker = ("--broker", str(mosquitto))

    def work() -> None:
        entered = run("correct", "alpha/board-1", *WINDOW, "--good", "2.5", "--why", "поддон", "--who", "anna", *broker)
        assert entered.exit_code == 0, entered.output
        listed = json.loads(run("list", *where, "--json").output)
        identity = listed[0]["correction"]["id"]
        assert identity in entered.output
        assert (listed[0]["correction"]["good"], listed[0]["correction"]["who"]) == (2.5, "anna")
        more = refused("correct", "alpha/board-1", *WINDOW, "--good", "-9", "--why", "x", *broker)
        assert "below_zero" in more
        withdrawn = run("withdraw", identity, "--why", "было учтено", "--who", "boris", *broker, *where)
        assert withdrawn.exit_code == 0, withdrawn.output
        assert "boris: было учтено" in run("list", *where).output

    async def main() -> None:
        url = operations_url("", tmp_path)
        async with collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, operations=url) as collector:
            while not collector.health(False)[1]["broker_ok"]:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(work)

    asyncio.run(main())


def test_nobody_answers(free_port) -> None:
    """No broker at all: said at once, with the mend."""
    broker = f"mqtt://127.0.0.1:{free_port()}"
    result = run("correct", "alpha/board-1", *WINDOW, "--good", "1", "--why", "x", "--broker", broker)
    assert isinstance(result.exception, BrokerUnavailableError)
    assert "--broker" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("correct", "alpha/bord-1", *WINDOW, "--why", "x"), "did you mean 'alpha/board-1'"),
        (("correct", "alpha/board-1", *WINDOW, "--why", " "), "--why is empty"),
        (("correct", "alpha/board-1", *WINDOW, "--why", "x", "--who", ""), "--who is empty"),
        (("correct", "alpha/board-1", "--from", "noon", "--to", "1h", "--why", "x"), "'noon' is no time"),
    ],
)
def test_what_cannot_be_meant_is_not_sent(arguments: tuple[str, ...], sentence: str) -> None:
    """One sentence that says what would be right."""
    assert sentence in refused(*arguments)

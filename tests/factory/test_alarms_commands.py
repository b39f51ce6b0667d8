"""`factory alarms ...`, between a real broker and a real collector."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import Result
from collecting import TINY, collecting, edge, now_ms, tiny
from links import until
from typer.testing import CliRunner

from factory.alarms_commands import app as alarms
from factory.cli import app
from plant.errors import FactoryError
from plant.historian.memory import MemoryHistorian
from plant.mqtt.address import BrokerAddress
from plant.operations.address import operations_url
from plant.operations.alarms import AlarmStore
from plant.operations.open import open_operations
from plant.packml import State

ENTERPRISE, TAGS = tiny()
ALARM = "alpha/kiln-1/kiln/temperature.h"
DOCS = Path(__file__).parents[2] / "docs" / "alarms.md"


def run(*arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["alarms", *arguments])


def refused(*arguments: str) -> str:
    """Its refusal."""
    error = run(*arguments).exception
    assert isinstance(error, FactoryError)
    return str(error)


@pytest.mark.broker
def test_seen_acknowledged_shelved_measured(
    mosquitto: BrokerAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an operator does from a terminal is done by the collector, kept with who and why, and measured."""
    rules = tmp_path / "rules.yaml"
    said = "".join(f"    {each}: {{ru: т, en: t}}\n" for each in ("cause", "consequence", "action"))
    rules.write_text(f"alarms: quick\nrules:\n  - metric: temperature\n    limits: [h]\n    on_delay: 0.001 s\n{said}")
    monkeypatch.setenv("FACTORY_ALARMS", str(rules))
    model, where = ("--model", str(TINY)), ("--data", str(tmp_path))
    ask = (*model, "--broker", str(mosquitto), "--who", "anna")

    def state() -> list[tuple[str, str]]:
        rows = json.loads(run("list", *model, *where, "--json").output)
        return [(row["state"], row["who"]) for row in rows if row["alarm"] == ALARM]

    def work() -> None:
        assert state() == [("unacknowledged", "")]
        done = run("acknowledge", ALARM, *ask)
        assert done.exit_code == 0, done.output
        assert state() == [("acknowledged", "anna")]
        assert "no_reason" in refused("shelve", ALARM, "--why", " ", *ask)
        assert run("shelve", ALARM, "--why", "датчик меняют", "--for", "2h", *ask).exit_code == 0
        assert state() == [("shelved", "anna")]
        assert "wrong_state" in refused("acknowledge", ALARM, *ask)
        assert run("unshelve", ALARM, *ask).exit_code == 0
        assert "alpha/kiln-1/kiln/temperature.h" in refused("acknowledge", ALARM + "x", *ask), "the name meant"
        (found,) = json.loads(run("measures", *where, "--from", "1h", "--json").output)
        assert (found["position"], found["annunciations"], found["standing"]) == ("alpha/shop", 2, 1)
        assert "alpha/shop" in run("measures", *where).output

    async def main() -> None:
        url = operations_url("", tmp_path)
        async with (
            collecting(mosquitto, MemoryHistorian(TAGS), ENTERPRISE, TAGS, operations=url, alarms=rules),
            edge(ENTERPRISE, "alpha", "kiln-1", mosquitto) as kiln,
        ):
            await until(lambda: kiln.births, "births are out")
            kiln.send("kiln", {"temperature": 178.0, "state": State.EXECUTE}, now_ms())
            kiln.send("kiln", {"power": 100.0}, now_ms() + 20)
            database = open_operations("", tmp_path)
            await until(lambda: (tmp_path / "operations.sqlite").exists() and kept(database), "the alarm is kept", 30.0)
            database.close()
            await asyncio.to_thread(work)

    asyncio.run(main())


def kept(database) -> bool:
    """Whether the alarm is in the database."""
    database.migrate()
    return ALARM in AlarmStore(database).standings()


def test_an_empty_window_is_refused(tmp_path: Path) -> None:
    """With the mend."""
    assert "--from before --to" in refused("measures", "--from", "1h", "--to", "2h", "--data", str(tmp_path))


def test_every_command_is_documented() -> None:
    """docs/alarms.md names each."""
    section = DOCS.read_text()
    for command in alarms.registered_commands:
        name = command.name or command.callback.__name__
        assert f"`factory alarms {name}" in section

"""The engineer's commands: what they print, and what they say when something is wrong."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest
import typer
from typer.testing import CliRunner

from plant.clock import now_ms
from plant.mqtt.address import BrokerAddress
from simulators.__main__ import app, main
from simulators.cli import watch
from simulators.cli.scenarios import EXAMPLES as SCENARIO_EXAMPLES
from simulators.control.channel import ControlChannel
from simulators.control.messages import (
    Action,
    Inject,
    InjectionRow,
    NodePhase,
    NodeRow,
    Recover,
    SetSpeed,
    Status,
    Switch,
)
from simulators.control.topics import ControlTopics
from simulators.scenarios import library

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has commands
ROW = NodeRow("minsk", "boards", NodePhase.REPLAYS, 12.4, 345, 17, 2, 2_500, 3, {"Execute": 8, "Aborted": 1})
STATUS = Status(
    "line-4",
    "i",
    online=True,
    time=0,
    world_ms=1_763_798_400_000,
    speed=57.6,
    asked_speed=60.0,
    behind_s=86_400.0,
    values_per_s=123.4,
    ring_bytes=1_500_000,
    ring_limit_bytes=512_000_000,
    ring_holds_h=70.2,
    nodes=(ROW,),
    injections=(InjectionRow("bearing_wear-1", "bearing_wear", 1_763_798_400_000, {"site": "minsk"}),),
)


def prints(*arguments: str) -> str:
    """Output of a command that succeeds."""
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence with which a command fails."""
    monkeypatch.setattr(sys, "argv", ["simulators", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    return str(line)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    """Each says in a sentence what it does, and each option and argument what it means."""
    command = COMMANDS[name]
    assert command.help
    assert [each.name for each in command.params if each.name != "help" and not each.help] == []
    assert "Usage" in prints(name, "--help")


def test_the_examples_of_the_help_can_be_typed() -> None:
    """Commands and options in every epilog exist."""
    root = typer.main.get_command(app)
    epilogs = [root.epilog, *(command.epilog for command in COMMANDS.values())]
    lines = re.findall(r"python -m simulators(.*)", "\n".join(each or "" for each in epilogs))
    assert len(lines) > 10
    for line in lines:
        words = line.split(" | ", maxsplit=1)[0].split()
        command = COMMANDS[words[0]] if words and not words[0].startswith("-") else root
        options = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_sites_shows_the_model() -> None:
    """As a table with a row a line, and as one document."""
    assert prints("sites").splitlines()[0].split() == ["site", "name", "edge", "nodes", "units", "metrics"]
    sites = orjson.loads(prints("sites", "--json"))
    assert [each["site"] for each in sites][:2] == ["voskresensk", "volgograd"]
    assert [each["site"] for each in orjson.loads(prints("sites", "--model", "print-farm", "--json"))] != []


def test_scenarios_lists_what_one_should_see() -> None:
    """Every shipped scenario on a line with its sentence, in both languages."""
    for lang in ("en", "ru"):
        lines = prints("scenarios", "--lang", lang).splitlines()[1:]
        for line, name in zip(lines, library.shipped(), strict=True):
            assert line.startswith(name)
            assert getattr(library.load(name).what_to_see, lang)[:30] in line
    assert {each["scenario"] for each in orjson.loads(prints("scenarios", "--json"))} == set(library.shipped())


@pytest.mark.parametrize("name", library.shipped())
def test_a_scenario_is_shown_with_targets_and_steps(name: str) -> None:
    """Whatever is in its file."""
    shown, scenario = prints("scenarios", name), library.load(name)
    assert shown.startswith(f"{name}: {scenario.title.en}")
    for target in scenario.targets:
        assert f"\n{target} " in shown
    for step in scenario.steps:
        assert f" {step.effect} " in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scenarios", "bearing_weer"], "did you mean 'bearing_wear'"),
        (["--speed", "60", "watch"], "--speed before 'watch' would do nothing"),
        (["--name", "Line 4"], "'Line 4' cannot name simulators"),
        (["--scenario", "earthquake"], "there is no scenario 'earthquake'"),
        (["--scenario", "bearing_wear@soon"], "'soon' is no time"),
        (["inject", "bearing_wear", "--set", "stretch"], "write --set key=value"),
        (["inject", "bearing_wear", "--set", "stretch=long"], "is no number"),
        (["inject", "bearing_wear", "--target", "mill"], "write --target key=value"),
        (["recover"], "its id, or --all"),
        (["recover", "x", "--all"], "its id, or --all"),
        (["watch", "--broker", "here"], "'here' is no broker address"),
        (["load", "--nodes", "0"], "must be above 0"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything connects, with exit code 1."""
    assert says in refusal(monkeypatch, capsys, *arguments)


def test_a_broker_that_is_not_there_is_said(
    free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands that ask wait a few seconds, then say whom they have asked."""
    monkeypatch.setattr("simulators.control.client.BROKER_S", 0.3)
    address = f"mqtt://127.0.0.1:{free_port()}"
    assert f"no broker answers at {address}" in refusal(monkeypatch, capsys, "stop", "minsk", "--broker", address)


def test_a_status_is_a_heading_scenarios_and_a_row_a_node() -> None:
    """Nothing of it is left out, and numbers have their units."""
    assert watch.heading(STATUS) == (
        "line-4  2025-11-22 08:00:00 UTC at 58x of 60x, 86400 s behind  123 values/s  ring 1.5 of 512 MB, lasts 70 h"
    )
    assert watch.heading(replace(STATUS, live=True, behind_s=0.4)).startswith("line-4  2025-11-22 08:00:00 UTC live  ")
    assert watch.injections(STATUS) == ["scenario bearing_wear-1: bearing_wear since 2025-11-22 08:00:00 site=minsk"]
    assert watch.cells(ROW) == ("minsk/boards", "replays", "12", "345", "17", "2", "2 kB", "3", "Aborted 1 Execute 8")
    assert len(watch.cells(ROW)) == len(watch.COLUMNS)


def test_a_status_in_a_pipe_is_a_line_a_node() -> None:
    """Each line has the world's time and the name of the simulators, so that it can be searched."""
    lines = watch.lines(STATUS)
    assert lines[0].startswith("2025-11-22 08:00:00 line-4 edge node: minsk/boards  is: replays  values/s: 12")
    assert lines[1].startswith("2025-11-22 08:00:00 line-4 scenario bearing_wear-1")


@pytest.mark.broker
def test_commands_reach_running_simulators(
    mosquitto: BrokerAddress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is typed arrives as it was meant; the answer is printed, a refusal is exit code 1."""
    asked: list[Action] = []

    def carry_out(action: Action) -> str:
        asked.append(action)
        return "it is done"

    async def typed(*arguments: str) -> str:
        return await asyncio.to_thread(prints, *arguments, "--broker", str(mosquitto))

    async def scenario() -> None:
        topics = ControlTopics("line-4")
        channel = ControlChannel(mosquitto, topics, carry_out, lambda: STATUS, clock=now_ms, rng=random.Random(1))
        serving = asyncio.create_task(channel.run())
        name = ["--name", "line-4"]
        target = ["--unit", "binder-1/mill", "--target", "fan=binder-1/fan", "--set", "stretch=0.5"]
        for words in (
            ["inject", "bearing_wear", "--at", "+10m", "--site", "minsk", *target],
            ["recover", "--all"],
            ["stop", "minsk/boards"],
            ["start", "minsk"],
            ["speed", "60"],
        ):
            assert await typed(*words, *name) == "it is done\n"
        (status,) = orjson.loads(await typed("watch", "--json"))["simulators"]
        assert status["nodes"] == [orjson.loads(orjson.dumps(ROW))]
        wrong = ["start", "minsk", "--name", "line-5", "--broker", str(mosquitto)]
        said = await asyncio.to_thread(refusal, monkeypatch, capsys, *wrong)
        assert "there are: line-4; give --name" in said
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(scenario())
    targets = {"site": "minsk", "unit": "binder-1/mill", "fan": "binder-1/fan"}
    assert asked == [
        Inject("bearing_wear", "+10m", targets, {"stretch": 0.5}),
        Recover(),
        Switch("stop", "minsk", "boards"),
        Switch("start", "minsk"),
        SetSpeed(60.0),
    ]


@pytest.mark.broker
def test_watch_tells_a_pipe_a_line_a_node_until_its_time_is_over(mosquitto: BrokerAddress) -> None:
    """In a pipe ``--seconds`` ends it with exit code 0."""

    async def scenario() -> subprocess.CompletedProcess[str]:
        topics = ControlTopics("line-4")
        channel = ControlChannel(mosquitto, topics, lambda _: "", lambda: STATUS, clock=now_ms, rng=random.Random(1))
        serving = asyncio.create_task(channel.run())
        command = [sys.executable, "-m", "simulators", "watch", "--seconds", "4", "--broker", str(mosquitto)]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return done

    lines = asyncio.run(scenario()).stdout.splitlines()
    assert lines[:2] == watch.lines(STATUS)


@pytest.mark.broker
def test_load_reports_in_words_and_as_a_document(mosquitto: BrokerAddress) -> None:
    """The report is on standard output, the progress beside it."""
    small = ["load", "--nodes", "3", "--metrics", "6", "--rate", "30", "--seconds", "1.5", "--broker", str(mosquitto)]
    words = CliRunner().invoke(app, small, catch_exceptions=False)
    document = CliRunner().invoke(app, [*small, "--json"], catch_exceptions=False)
    assert "values/s" in words.stdout
    assert re.search(r"The rate was (not )?reached", words.stdout)
    assert "3/3 nodes" in words.stderr
    report = orjson.loads(document.stdout)
    assert (report["nodes"], report["metrics"], report["asked_per_s"], report["births"]) == (3, 6, 30.0, 3)
    assert report["values"] > 0


def test_the_examples_name_scenarios_that_exist() -> None:
    """A renamed scenario would leave help behind."""
    assert set(re.findall(r"scenarios (\w+)", SCENARIO_EXAMPLES)) <= set(library.shipped())

"""``inject``, ``recover``, ``stop``, ``start`` and ``speed``: steer running simulators over their broker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Annotated

import typer

from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import FactoryError
from plant.mqtt.address import BrokerAddress
from simulators.cli import options, output
from simulators.control.client import console
from simulators.control.messages import Action, Inject, Recover, Result, SetSpeed, Switch

INJECT_EXAMPLES = """
[bold]Examples[/bold]

python -m simulators inject bearing_wear --site minsk

python -m simulators inject comms_loss --at +10m --set stretch=0.5

python -m simulators inject gas_pressure_drop --at 2026-11-22T08:00Z --site volgograd
"""
SWITCH_EXAMPLES = """
[bold]Examples[/bold]

python -m simulators stop minsk

python -m simulators stop minsk/boards-gw

python -m simulators start minsk
"""


def inject(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, see 'scenarios'")],
    at: Annotated[str, typer.Option(help="World time: now, +90s, +10m, +2h, or 2026-11-22T08:00Z")] = "now",
    site: Annotated[str | None, typer.Option(help="Where; otherwise the first site that it fits")] = None,
    unit: Annotated[
        str | None, typer.Option(help="line/unit, or several with commas: instead of the scenario's first target")
    ] = None,
    target: Annotated[list[str] | None, typer.Option(help="NAME=line/unit: instead of that target")] = None,
    assign: Annotated[
        list[str] | None, typer.Option("--set", help="key=number: stretch=0.5 plays it in half the time")
    ] = None,
    name: options.Name = options.DEFAULT_NAME,
    broker: options.Broker = None,
) -> None:
    """Begin a scenario in running simulators."""
    given = {"site": site, "unit": unit}
    targets = {key: value for key, value in given.items() if value is not None} | dict(_pairs("--target", target))
    parameters = {key: _number(key, value) for key, value in _pairs("--set", assign)}
    _steer(name, broker, Inject(scenario, at, targets, parameters))


def recover(
    injection: Annotated[str | None, typer.Argument(help="Id that 'inject' and 'watch' show")] = None,
    name: options.Name = options.DEFAULT_NAME,
    broker: options.Broker = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All scenarios that have not ended")] = False,
) -> None:
    """End a scenario before its time."""
    if (injection is None) is not everything:
        raise FactoryError("say which scenario is to end: its id, or --all")
    _steer(name, broker, Recover(injection))


def stop(
    place: Annotated[str, typer.Argument(help="SITE or SITE/NODE")],
    name: options.Name = options.DEFAULT_NAME,
    broker: options.Broker = None,
) -> None:
    """Switch edge nodes off: they say goodbye to the broker and report nothing until they are started."""
    _steer(name, broker, _switch("stop", place))


def start(
    place: Annotated[str, typer.Argument(help="SITE or SITE/NODE")],
    name: options.Name = options.DEFAULT_NAME,
    broker: options.Broker = None,
) -> None:
    """Switch edge nodes on again: they connect and are born."""
    _steer(name, broker, _switch("start", place))


def speed(
    factor: Annotated[float, typer.Argument(help="World seconds per second, 1 to 1000")],
    name: options.Name = options.DEFAULT_NAME,
    broker: options.Broker = None,
) -> None:
    """Let simulators that replay the past go at another speed."""
    _steer(name, broker, SetSpeed(factor))


def _switch(action: str, place: str) -> Switch:
    site, _, node = place.partition("/")
    return Switch("start" if action == "start" else "stop", site, node or None)


def _steer(name: str, broker: str | None, action: Action) -> None:
    """Ask, wait, show the answer.

    Raises:
        FactoryError: Nobody answers, or the answer is no.
    """
    result = asyncio.run(_ask(options.broker_address(knobs.read(broker=broker)), name, action))
    if not result.ok:
        raise FactoryError(result.text)
    output.say(result.text)


async def _ask(address: BrokerAddress, name: str, action: Action) -> Result:
    async with console(address, now_ms) as desk:
        return await desk.ask(name, action)


def _pairs(option: str, given: Iterable[str] | None) -> list[tuple[str, str]]:
    pairs = []
    for text in given or ():
        key, equals, value = text.partition("=")
        if not key or not equals or not value:
            raise FactoryError(f"'{option} {text}' cannot be read; write {option} key=value")
        pairs.append((key, value))
    return pairs


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FactoryError(f"'--set {key}={text}' is no number; write it like --set {key}=0.5") from None

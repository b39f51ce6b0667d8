"""``watch``: how the simulators of a broker are, each second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from plant import settings as knobs
from plant.clock import now_ms
from plant.mqtt.address import BrokerAddress
from plant.service import install_stop
from simulators.cli import options, output
from simulators.control.client import Console, console
from simulators.control.messages import NodeRow, Status

EVERY_S = 1.0
FIRST_S = 2.5
"""Every one of the simulators has spoken by then."""
COLUMNS = ("edge node", "is", "values/s", "values", "replayed", "lost", "waiting", "births", "units")
NUMBERS = frozenset(("values/s", "values", "replayed", "lost", "waiting", "births"))
MB = 1e6
EXAMPLES = """
[bold]Examples[/bold]

python -m simulators watch

python -m simulators watch --name line-4 --seconds 10 | grep minsk

python -m simulators watch --json
"""


def watch(
    name: Annotated[str | None, typer.Option(help="Only the simulators of that name; all if not given")] = None,
    broker: options.Broker = None,
    seconds: Annotated[float | None, typer.Option(help="End after that time; otherwise with Ctrl-C")] = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Show edge nodes, rates, states and buffers: a live table, plain lines in a pipe, --json once."""
    address = options.broker_address(knobs.read(broker=broker))
    asyncio.run(_document(address, name) if as_json else _watch(address, name, seconds))


async def _document(address: BrokerAddress, name: str | None) -> None:
    async with console(address, now_ms) as desk:
        if name is None:
            await asyncio.sleep(FIRST_S)
        else:
            await desk.status_of(name)
        output.document({"simulators": list(_chosen(desk, name).values())})


async def _watch(address: BrokerAddress, name: str | None, seconds: float | None) -> None:
    stop = install_stop(asyncio.get_running_loop())
    out = output.console()
    async with console(address, now_ms) as desk:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if name is not None:
                    await desk.status_of(name)
                if not out.is_terminal:
                    await _lines(desk, name, stop)
                with Live(console=out, auto_refresh=False, vertical_overflow="visible") as live:
                    while not stop.is_set():
                        live.update(_picture(desk, name, address), refresh=True)
                        await _pause(stop)


async def _lines(desk: Console, name: str | None, stop: asyncio.Event) -> None:
    """The same for a pipe: a line for each edge node, each second."""
    while not stop.is_set():
        for status in _chosen(desk, name).values():
            for line in lines(status):
                output.say(line)
        await _pause(stop)


async def _pause(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), EVERY_S)


def _chosen(desk: Console, name: str | None) -> Mapping[str, Status]:
    return {each: status for each, status in desk.online.items() if name in {None, each}}


def _picture(desk: Console, name: str | None, address: BrokerAddress) -> RenderableType:
    if not desk.connected:
        return Text(f"broker {address} is away")
    chosen = _chosen(desk, name)
    if not chosen:
        return Text(f"no simulators speak on {address}")
    return Group(*(part for status in chosen.values() for part in picture(status)))


def picture(status: Status) -> list[RenderableType]:
    """A heading, the scenarios, the edge nodes."""
    parts: list[RenderableType] = [Text(heading(status), style="bold")]
    parts += [Text(line) for line in injections(status)]
    parts.append(output.table(COLUMNS, [cells(row) for row in status.nodes], NUMBERS))
    return parts


def lines(status: Status) -> list[str]:
    """Plain lines with the name of the simulators and the world's time in front."""
    front = f"{_time(status.world_ms)} {status.name}"
    rows = (dict(zip(COLUMNS, cells(row), strict=True)) for row in status.nodes)
    told = [f"{front} " + "  ".join(f"{key}: {cell}" for key, cell in row.items()) for row in rows]
    return told + [f"{front} {line}" for line in injections(status)]


def heading(status: Status) -> str:
    """The simulators in one line."""
    pace = "live" if status.live else f"at {status.speed:.0f}x of {status.asked_speed:.0f}x"
    behind = f", {status.behind_s:.0f} s behind" if status.behind_s >= 2.0 else ""
    ring = f"{status.ring_bytes / MB:.1f} of {status.ring_limit_bytes / MB:.0f} MB, lasts {status.ring_holds_h:.0f} h"
    front = f"{status.name}  {_time(status.world_ms)} UTC {pace}{behind}"
    return f"{front}  {status.values_per_s:.0f} values/s  ring {ring}"


def injections(status: Status) -> list[str]:
    """A line for each scenario that has not ended."""
    return [
        f"scenario {each.id}: {each.scenario} {'since' if each.start_ms <= status.world_ms else 'at'} "
        f"{_time(each.start_ms)}" + "".join(f" {key}={value}" for key, value in each.targets.items())
        for each in status.injections
    ]


def cells(row: NodeRow) -> tuple[str, ...]:
    """One edge node, a cell for each of `COLUMNS`."""
    units = " ".join(f"{state} {count}" for state, count in sorted(row.states.items()))
    return (
        f"{row.site}/{row.node}",
        row.phase.value,
        f"{row.values_per_s:.0f}",
        str(row.values),
        str(row.replayed),
        str(row.lost),
        f"{row.backlog_bytes / 1000:.0f} kB",
        str(row.births),
        units,
    )


def _time(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"

"""`factory up`: check, make the first history, then supervise broker, collectors, dashboard and simulators."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import HTTPError, URLError

from rich.console import Console

from collectors.config import mapping_files
from factory import instance
from factory.broker import write_config
from factory.supervisor import Child, Supervisor
from plant.alarms.load import load_rules, rules_file
from plant.errors import FactoryError
from plant.historian.open import check_address
from plant.mapping.load import load_all
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.operations.address import operations_url
from plant.service import demand_loopback
from plant.settings import Settings, variable
from plant.summary.rates import rates_of
from simulators.history.length import history_start


class FillRefusedError(FactoryError):
    """The history could not be made, and people have been told why."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where an instance keeps things and listens; `truth` only the simulators know."""

    data: Path
    broker: BrokerAddress
    own_broker: bool
    truth: Path | None = None

    @property
    def logs(self) -> Path:
        """Folder of the children's logs."""
        return self.data / "logs"

    @property
    def truth_option(self) -> list[str]:
        """For the command line of those who keep the truth."""
        return [] if self.truth is None else ["--truth", str(self.truth)]

    @property
    def broker_config(self) -> Path:
        """Configuration of our own broker."""
        return self.data / "rumqttd.toml"


def main(settings: Settings, console: Console, truth: Path | None = None) -> int:
    """Run until SIGINT or SIGTERM; the exit code.

    Args:
        settings: Of the instance.
        console: For what people are told.
        truth: Folder in which the simulated plants keep what really happens; None keeps none.

    Raises:
        ConfigurationError: Something is wrong that would not mend itself; nothing has been started.
    """
    demand_loopback(settings.host, insecure_no_login=settings.insecure_no_login)
    enterprise = load(settings.model)
    tags = TagTable(enterprise)
    load_all(mapping_files(settings.mappings), enterprise, tags)
    load_rules(enterprise, tags, enterprise.units, rules_file(settings.model, settings.alarms))
    rates_of(settings.model, settings.rates, enterprise)
    operations_url(settings.operations, settings.data)
    if settings.historian:
        check_address(settings.historian)
    history_start(0, settings.history)
    with instance.only_instance(settings.data, settings.port):
        instance.demand_port(settings.host, settings.port)
        instance.demand_disk(settings.data)
        places = replace(_places(settings), truth=truth)
        _greet(settings, enterprise, console)
        try:
            return asyncio.run(_run(settings, places, console))
        except FillRefusedError:
            return 1


def _places(settings: Settings) -> Places:
    if settings.broker:
        return Places(settings.data, BrokerAddress.parse(settings.broker), own_broker=False)
    port = instance.port_for_broker(settings.broker_port)
    return Places(settings.data, BrokerAddress("127.0.0.1", port), own_broker=True)


def _greet(settings: Settings, enterprise: Enterprise, console: Console) -> None:
    tags = sum(tag.is_live for tag in TagTable(enterprise))
    console.print(f"[bold]{enterprise.name.en}[/bold]: {len(enterprise.sites)} sites, {tags} tags")
    if settings.insecure_no_login:
        console.print(f"[bold]Warning:[/bold] no login, and {settings.host} may be reached by anyone on the network")


async def _run(settings: Settings, places: Places, console: Console) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    supervisor = Supervisor(places.logs, environment(settings, places), console.print)
    starting = asyncio.create_task(_start(settings, places, supervisor, console))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await stopping
        console.print("Stopping")
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await supervisor.stop()
    return 0


async def _start(settings: Settings, places: Places, supervisor: Supervisor, console: Console) -> None:
    await _fill(settings, places)
    if places.own_broker:
        write_config(places.broker_config, places.broker)
    for child in children(settings, places):
        await supervisor.start(child)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    console.print(f"Open    [bold]http://{host}:{settings.port}/[/bold]")
    console.print(f"Broker  {places.broker}    Logs {places.logs}")
    console.print("Stop    Ctrl-C")


async def _fill(settings: Settings, places: Places) -> None:
    """Make the missing history in a process of its own, so that its memory is given back."""
    filling = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "factory.child",
        "factory.fill",
        *places.truth_option,
        stdin=subprocess.PIPE,
        env=environment(settings, places),
        start_new_session=True,
    )
    try:
        code = await filling.wait()
    except asyncio.CancelledError:
        filling.terminate()
        await filling.wait()
        raise
    if code == 1:
        raise FillRefusedError("the history could not be made")  # it has said why itself
    if code != 0:
        raise FactoryError(f"making the history ended with code {code}; --history 0 starts without")


def environment(settings: Settings, places: Places) -> dict[str, str]:
    """What the children read: our own environment and every setting that is not at its default."""
    values = settings.model_copy(update={"broker": settings.broker or str(places.broker)})
    changed = {
        variable(name): str(value)
        for name, value in values.model_dump().items()
        if value != type(settings).model_fields[name].default
    }
    return os.environ | changed | {"PYTHONUNBUFFERED": "1"}


def children(settings: Settings, places: Places) -> list[Child]:
    """The processes of this instance, in the order of their start.

    DuckDB has one writer process, so collectors and dashboard share one; with a database server they part. At the end
    the sources go first and the broker last, so that what was sent is received.
    """
    dashboard_ready = _answers(settings.port)
    simulators = Child("simulators", ["simulators", *places.truth_option], _at_once, ends_in_turn=2)
    if settings.historian:
        services = [
            Child("collectors", ["collectors"], _at_once, ends_in_turn=1),
            Child("dashboard", ["dashboard"], dashboard_ready, ends_in_turn=2),
        ]
    else:
        services = [Child("server", ["factory.serve"], dashboard_ready, ends_in_turn=1)]
    own = [Child("broker", ["factory.broker", str(places.broker_config)], _listens(places.broker))]
    return [*(own if places.own_broker else []), *services, simulators]


def _listens(address: BrokerAddress) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            _, writer = await asyncio.open_connection(address.host, address.port)
        except OSError:
            return False
        writer.close()
        return True

    return ready


def _answers(port: int) -> Callable[[], Awaitable[bool]]:
    def get() -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1.0).close()
        except HTTPError:
            return True  # it serves, and says that no plant is live yet: the sources start after it
        except (URLError, OSError):
            return False
        return True

    async def ready() -> bool:
        return await asyncio.to_thread(get)

    return ready


async def _at_once() -> bool:
    return True

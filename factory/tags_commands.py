"""`factory tags discover`: what unknown Sparkplug gateways publish, as a draft of a model."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import uuid
from pathlib import Path
from typing import Annotated

import typer

from factory.draft import draft
from factory.screen import console
from factory.survey import Survey
from plant import settings as knobs
from plant.clock import now_ms
from plant.errors import BrokerUnavailableError, ConfigurationError, FactoryError
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.sparkplug.topic import NAMESPACE

TICK_S = 0.1

app = typer.Typer(help="Tags of gateways that are not in the model yet.", no_args_is_help=True)


@app.callback()
def tags() -> None:
    """Tags of gateways that are not in the model yet."""


@app.command()
def discover(
    broker: Annotated[str | None, typer.Option(help="mqtt://host:1883, mqtts:// for TLS")] = None,
    seconds: Annotated[float, typer.Option(help="How long to listen", min=0.1)] = 30.0,
    site: Annotated[list[str] | None, typer.Option(help="Sparkplug group to look at; all if not given")] = None,
    out: Annotated[Path | None, typer.Option(help="File for the draft; standard output if not given")] = None,
) -> None:
    """Listen to Sparkplug births and draft model rows of what is declared; Ctrl-C ends earlier.

    Edge nodes that were born before are asked to be born again: each at most three times, no two at once. A node that
    waits for its primary host is heard only while that host is online.
    """
    address = broker or knobs.read().broker
    if not address:
        raise ConfigurationError("no broker is named; give --broker mqtt://host")
    survey = Survey(frozenset(site or ()))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_listen(BrokerAddress.parse(address), survey, seconds))
    text = draft(survey.devices())
    _report(survey)
    if not text:
        raise FactoryError(f"no device was born in {seconds:g} s; are its edge node and its primary host online?")
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")


class _Ear:
    """Hears Sparkplug; a `plant.mqtt.link.LinkHandler`."""

    def __init__(self, address: BrokerAddress, survey: Survey) -> None:
        self._survey = survey
        self.link = Link(address, f"discover-{uuid.uuid4().hex[:8]}", self, rng=random.Random(), quiet=True)

    def will(self) -> Will | None:
        return None

    def on_connected(self) -> None:
        self.link.subscribe([(f"{NAMESPACE}/#", 0)])

    def on_subscribed(self) -> None:
        """Births are not retained: whoever is online is heard, and asked."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        if not retained:
            self._survey.heard(topic, payload)

    def on_disconnected(self) -> None:
        """The link comes back by itself."""


async def _listen(address: BrokerAddress, survey: Survey, seconds: float) -> None:
    ear = _Ear(address, survey)
    running = asyncio.create_task(ear.link.run())
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        request = survey.due(now_ms()) if ear.link.connected else None
        if request is not None:
            ear.link.publish(request.topic, request.payload, request.qos, request.retain)
        await asyncio.sleep(TICK_S)
    await ear.link.close()
    await running
    if not ear.link.connections:
        raise BrokerUnavailableError(f"the broker {address} cannot be reached")


def _report(survey: Survey) -> None:
    """What was found and what was not, beside the draft."""
    screen = console(stderr=True)
    devices = survey.devices()
    count = sum(len(metrics) for units in devices.values() for metrics in units.values())
    units = sum(map(len, devices.values()))
    screen.print(f"{len(devices)} edge nodes, {units} devices, {count} metrics")
    for node in survey.silent:
        screen.print(f"{node} was heard but did not answer the request to be born again", markup=False)
    for source, metrics in survey.births.items():
        if source.device is None and metrics:
            names = ", ".join(metric.name for metric in metrics[:5])
            screen.print(f"{source} has {len(metrics)} metrics of its own, which no unit has: {names}", markup=False)
    if survey.refused:
        screen.print(f"{survey.refused} messages could not be read")

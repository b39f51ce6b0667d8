"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from plant import settings as knobs
from plant.mqtt.address import BrokerAddress

DEFAULT_NAME = "simulators"

Broker = Annotated[
    str | None, typer.Option(help="mqtt://user:password@host:port, mqtts:// for TLS; FACTORY_BROKER if not given")
]
Name = Annotated[str, typer.Option(help="Name of the running simulators, as they were started with --name")]
Model = Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document, for machines")]


def broker_address(settings: knobs.Settings) -> BrokerAddress:
    """The broker of the settings, on loopback where none is named.

    Raises:
        ConfigurationError: What is named is no address.
    """
    return BrokerAddress.parse(settings.broker or f"mqtt://127.0.0.1:{settings.broker_port}")

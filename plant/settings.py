"""The settings table: every knob once, with its variable, default and meaning (`factory settings` prints it).

Only composition roots call `read`; everything else receives the values that it needs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from plant.errors import ConfigurationError

PREFIX = "FACTORY_"

Seconds = Annotated[float, Field(gt=0)]
HostId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]


class Settings(BaseModel):
    """All settings; the field is the name, ``FACTORY_<NAME>`` the environment variable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(Path("data"), description="Folder for the historian, the world and the lock of an instance")
    model: str = Field("gypsum", description="Shipped enterprise model (gypsum, print-farm) or path of a YAML file")
    host: str = Field("127.0.0.1", description="Address that the dashboard listens on")
    host_names: str = Field(
        "",
        description="Comma separated host names that the dashboard answers to, such as a proxy's, besides loopback; "
        "empty is loopback alone, or any name when it listens on another address",
    )
    port: int = Field(8050, ge=1, le=65535, description="Port of the dashboard and of /healthz and /metrics")
    broker: str = Field("", description="mqtt://[user:password@]host[:port], mqtts:// for TLS; empty starts our own")
    broker_port: int = Field(1883, ge=1, le=65535, description="Port of our own broker on loopback, if it is free")
    historian: str = Field(
        "",
        description="influxdb://[user:password@]host[:port]/database, influxdbs:// for TLS; empty keeps a DuckDB file "
        "in the data folder",
    )
    influxdb_token: str = Field("", description="Token for InfluxDB 2.x; 1.x takes user and password in the address")
    influxdb_org: str = Field("", description="Organisation for InfluxDB 2.x")
    host_id: HostId = Field("collector-1", description="Sparkplug host id of this collector")
    sites: str = Field(
        "",
        description="Comma separated sites that this process serves; empty is all, "
        "for a collector those whose primary host it is",
    )
    mappings: str = Field(
        "", description="Comma separated mapping files of third-party MQTT devices (docs/mapping.md); empty is none"
    )
    operations: str = Field(
        "",
        description="Operations database: sqlite:///file or postgresql://user:password@host[:port]/database; "
        "empty keeps a SQLite file in the data folder",
    )
    alarms: str = Field(
        "", description="Alarm rules file (docs/alarms.md); empty is the one shipped with the model, if there is one"
    )
    rates: str = Field(
        "",
        description="File of rates in roubles (docs/summary.md); empty is the one shipped with the model, if any",
    )
    history: str = Field("8h", description="History to make at the first start, such as 8h or 2d; 0 for none")
    speed: float = Field(1.0, gt=0, le=1000, description="Speed of the simulated world")
    seed: int = Field(7, ge=0, description="Seed of the simulated world")
    scan: Seconds = Field(1.0, description="Scan time of the simulated edge nodes, s")
    ring_mb: float = Field(512.0, ge=1, description="Space for what simulated edge nodes cannot send, MB")
    ring_hours: float = Field(
        72.0, gt=0, description="Longest time that simulated edge nodes keep what they cannot send, h"
    )
    replay_rate: float = Field(
        20_000.0, ge=10, description="Values per second at which simulated edge nodes tell what they kept"
    )
    reorder_timeout: Seconds = Field(2.0, description="Wait for a missing Sparkplug message before a rebirth, s")
    rebirth_interval: Seconds = Field(10.0, description="At most one rebirth request per edge node in this time, s")
    batch: Seconds = Field(0.25, description="Longest time that readings wait for a historian write, s")
    spool_mb: int = Field(
        1000,
        ge=0,
        description="Disk for readings while the historian is away, MB, in the data folder; 0 is none",
    )
    raw_days: int = Field(14, ge=1, description="Days that raw readings are kept")
    minute_days: int = Field(
        0, ge=0, description="Days that minute rows are kept; 0 is 90 in a DuckDB file and 400 in InfluxDB"
    )
    service_port: int = Field(
        0, ge=0, le=65535, description="Port of /healthz and /metrics of a separate service; 0 is none"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines")
    insecure_no_login: bool = Field(False, description="Allow another address than loopback although there is no login")


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def read(environment: Mapping[str, str] = os.environ, /, **given: Any) -> Settings:
    """Settings from what was given (None is not given), then the environment, then the defaults.

    Raises:
        ConfigurationError: A value is wrong; names the variable or option and what would be right.
    """
    known = Settings.model_fields
    values: dict[str, Any] = {
        name: environment[variable(name)] for name in known if environment.get(variable(name), "") != ""
    }
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise ConfigurationError(
            f"setting '{name}' ({variable(name)}) is {first['input']!r}: {first['msg'].lower()}"
        ) from error

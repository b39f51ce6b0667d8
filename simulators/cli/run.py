"""Options of a run of simulated plants, as they are typed before any command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Sites = Annotated[str | None, typer.Option("--sites", help="Comma separated sites; all if not given")]
Speed = Annotated[float | None, typer.Option(help="World seconds per second, 1 to 1000, until now")]
Seed = Annotated[int | None, typer.Option(help="Seed of the world: equal seeds tell equal stories")]
Broker = Annotated[str | None, typer.Option(help="mqtt://user:password@host:port, mqtts:// for TLS")]
Begin = Annotated[
    str | None, typer.Option("--from", help="Where a speed above 1 begins: 2026-11-22T08:00Z, or 24h ago: 24h")
]
End = Annotated[
    str | None, typer.Option("--to", help="Where a replay ends, and the run with it; otherwise it becomes live")
]
Scan = Annotated[float | None, typer.Option(help="Scan time of the edge nodes, s")]
Data = Annotated[Path | None, typer.Option(help="Folder that keeps the world and each node's bdSeq")]
Name = Annotated[str, typer.Option(help="By which 'watch', 'inject' and the like reach these simulators")]
Scenario = Annotated[
    list[str] | None,
    typer.Option(help="NAME, NAME@TIME or NAME@TIME@UNIT, as for 'inject'; may be given several times"),
]
Truth = Annotated[Path | None, typer.Option(help="Folder that keeps what really happens, for tests")]
Resume = Annotated[Path | None, typer.Option(help="Saved world to go on from")]
State = Annotated[Path | None, typer.Option(help="File in which the world is saved")]
ServicePort = Annotated[int | None, typer.Option(help="Port of /healthz and /metrics on loopback; 0 is none")]
LogLevel = Annotated[str | None, typer.Option(help="debug, info, warning or error")]
LogFormat = Annotated[str | None, typer.Option(help="text or json")]
ListSites = Annotated[bool, typer.Option("--list", help="Show sites, edge nodes and tags, and end")]

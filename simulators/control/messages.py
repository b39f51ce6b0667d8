"""Messages of the control channel: frozen dataclasses here, JSON on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias, TypeVar

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from plant.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Inject:
    """Begin a scenario.

    Attributes:
        scenario: Name of a shipped scenario.
        at: ``now``, ``+90s`` after now or an ISO 8601 time with its zone; all in the world's time.
        targets: What it is aimed at instead of its own targets: ``site``, ``unit`` (its first target), or by name.
        parameters: Numbers in place of its own, such as ``stretch``.
    """

    scenario: str
    at: str = "now"
    targets: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    action: Literal["inject"] = "inject"


@dataclass(frozen=True, slots=True)
class Recover:
    """End an injection before its time; all of them without an id."""

    injection: str | None = None
    action: Literal["recover"] = "recover"


@dataclass(frozen=True, slots=True)
class Switch:
    """Take edge nodes from the broker as if they were switched off, or bring them back.

    Attributes:
        site: Slug of the site.
        node: One of its gateways; None for all of them.
    """

    action: Literal["start", "stop"]
    site: str
    node: str | None = None


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Replay the past at another speed, world seconds per second."""

    speed: float
    action: Literal["speed"] = "speed"


M = TypeVar("M")
Action: TypeAlias = Inject | Recover | Switch | SetSpeed


@dataclass(frozen=True, slots=True)
class Request:
    """What an engineer wants done, once.

    Attributes:
        id: Never used before.
        expires_at: Wall clock, UTC ms; void from then on.
        do: What is wanted.
    """

    id: str
    expires_at: int
    do: Annotated[Action, Field(discriminator="action")]
    schema: Literal["df-sim.cmd.v1"] = "df-sim.cmd.v1"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a request.

    Attributes:
        id: Of the request; empty when it could not be read.
        ok: Whether it was carried out.
        text: One sentence: what has been done, or why not and what would help.
        time: Wall clock, UTC ms.
    """

    id: str
    ok: bool
    text: str
    time: int
    schema: Literal["df-sim.result.v1"] = "df-sim.result.v1"


class NodePhase(StrEnum):
    """Where an edge node stands; each value is for people."""

    STOPPED = "stopped"
    CUT = "cut off"
    NO_BROKER = "no broker"
    NO_HOST = "waits for host"
    REPLAYS = "replays"
    BORN = "born"


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One edge node.

    Attributes:
        site: Sparkplug group.
        node: Sparkplug edge node.
        phase: Where it stands.
        values_per_s: Live values published in the last seconds; `values` since the start.
        replayed: Values told again or late, as history, since the start.
        lost: Values that fell out of its ring before they were sent.
        backlog_bytes: What waits on its link.
        births: Birth sequences since the start.
        states: How many of its units are in each PackML state.
    """

    site: str
    node: str
    phase: NodePhase
    values_per_s: float
    values: int
    replayed: int
    lost: int
    backlog_bytes: int
    births: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class InjectionRow:
    """A scenario that has been injected and has not ended.

    Attributes:
        id: By which it is recovered.
        scenario: Its name.
        start_ms: World time at which it begins or began, UTC ms.
        targets: What it is aimed at.
    """

    id: str
    scenario: str
    start_ms: int
    targets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Status:
    """How the simulators of one name are.

    Attributes:
        name: Theirs.
        instance: Drawn by the process at its start, to tell two of one name apart.
        online: False in the will and at the end.
        time: Wall clock, UTC ms.
        world_ms: The world's time, UTC ms.
        speed: World seconds per second that were reached; `asked_speed` what it would go at, at most.
        live: Whether the world keeps up with now.
        behind_s: How far it is behind the clock.
        values_per_s: Live values of all nodes published in the last seconds.
        ring_bytes: Space used by what is not known to have arrived, of `ring_limit_bytes`.
        ring_holds_h: For how many hours that space lasts as things go now.
    """

    name: str
    instance: str
    online: bool
    time: int
    world_ms: int = 0
    speed: float = 0.0
    asked_speed: float = 0.0
    live: bool = False
    behind_s: float = 0.0
    values_per_s: float = 0.0
    ring_bytes: int = 0
    ring_limit_bytes: int = 0
    ring_holds_h: float = 0.0
    nodes: tuple[NodeRow, ...] = ()
    injections: tuple[InjectionRow, ...] = ()
    schema: Literal["df-sim.status.v1"] = "df-sim.status.v1"


LARGEST_BYTES = 1 << 18
"""Nobody types a larger request; a larger status would be of thousands of edge nodes."""

_REQUEST = TypeAdapter(Request)
_RESULT = TypeAdapter(Result)
_STATUS = TypeAdapter(Status)


def encode(message: Request | Result | Status) -> bytes:
    """JSON of a message."""
    return orjson.dumps(message)


def decode_request(payload: bytes) -> Request:
    """A `Request`; `BadInputError` (``malformed_payload``) with one sentence if the payload is none."""
    return _decode(_REQUEST, payload)


def decode_result(payload: bytes) -> Result:
    """A `Result`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _decode(_RESULT, payload)


def decode_status(payload: bytes) -> Status:
    """A `Status`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _decode(_STATUS, payload)


def _decode(kind: TypeAdapter[M], payload: bytes) -> M:
    if len(payload) > LARGEST_BYTES:
        raise BadInputError("oversize", f"{len(payload)} bytes are more than {LARGEST_BYTES}")
    try:
        return kind.validate_json(payload, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        text = f"{where}: {first['msg'].lower()}" if where else first["msg"].lower()
        raise BadInputError("malformed_payload", f"this is no message of the control channel: {text}") from error

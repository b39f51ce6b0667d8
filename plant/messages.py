"""Messages of the unified namespace: frozen dataclasses here, JSON on the wire (docs/asyncapi.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from plant.errors import BadInputError
from plant.packml import Mode, State
from plant.production.corrections import CountsChange

Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True)
class Value:
    """One current value.

    Attributes:
        value: Number or text; None when there is none.
        time: Source time, UTC ms.
        quality: 0 bad, 192 good, 500 stale.
    """

    value: float | str | None
    time: int
    quality: int


@dataclass(frozen=True, slots=True)
class ValuesMessage:
    """All current values of a unit, by metric key; ``time`` is the newest of them."""

    time: int
    values: Mapping[str, Value]
    schema: str = "df.values.v1"


@dataclass(frozen=True, slots=True)
class StateMessage:
    """PackML state and mode of a unit.

    Attributes:
        time: Source time of the newest of the two, UTC ms.
        state: Name of a `plant.packml.State`.
        since: Since when it is in this state, UTC ms.
        mode: Name of a `plant.packml.Mode`.
        quality: 192 while the source is there, 500 when it is away.
    """

    time: int
    state: str
    since: int
    mode: str
    quality: int
    schema: str = "df.state.v1"


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """One edge node, as its host sees it.

    Attributes:
        node: Gateway slug.
        online: Born and not dead.
        since: Of the last change of `online`, host time, UTC ms.
        last_seen: Host time of its last message, UTC ms; 0 if never.
        devices: Devices that are born; of `devices_expected` in the model.
        sequence_gaps: Times that a message of it was missing, since the host started.
        rebirths: Rebirths asked of it, since the host started.
    """

    node: str
    online: bool
    since: int
    last_seen: int
    devices: int
    devices_expected: int
    sequence_gaps: int
    rebirths: int


@dataclass(frozen=True, slots=True)
class CollectorHealth:
    """One collector process, the same in the messages of all of its sites.

    Attributes:
        host_id: Sparkplug host id.
        host_detail: Who else uses that id, in one sentence; empty when nobody does.
        started: UTC ms.
        historian: Kind of store; `historian_ok` whether it takes writes, `historian_detail` why not.
        values_per_s: Readings taken in, mean of the last 10 s.
        ingest_lag_p95_ms: Source time to durable, of what was sent as it happened in the last minute; None if nothing.
        written: Readings made durable since the start; `pending` those that wait.
        spooled: How many of those are on disk, where the end of the collector does not touch them.
        hold_s: For how long readings at the present rate find room while the store is away; None without input.
        quarantined: Bad inputs since the start, by reason.
        size_bytes: Space the historian uses, None if it does not tell.
        growth_bytes_per_day: Measured growth; None until it is known.
        disk_free_bytes: Free space where the data are; None if it does not apply.
    """

    host_id: str
    started: int
    historian: str
    historian_ok: bool
    historian_detail: str
    values_per_s: float
    ingest_lag_p95_ms: float | None
    written: int
    pending: int
    quarantined: Mapping[str, int] = field(default_factory=dict)
    size_bytes: int | None = None
    growth_bytes_per_day: float | None = None
    disk_free_bytes: int | None = None
    spooled: int = 0
    hold_s: float | None = None
    host_detail: str = ""


@dataclass(frozen=True, slots=True)
class TagQuality:
    """How well the readings of one tag were in an hour.

    Attributes:
        tag: ``site/area/line/unit/metric``.
        score: 0 to 100.
        causes: What was wrong, the costliest first, each with its amount: seconds of ``gap`` and ``frozen``, else how
            often (`plant.quality.defects.Cause`).
    """

    tag: str
    score: float
    causes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SiteQuality:
    """How well the readings of a site were in an hour.

    Attributes:
        hour: Its start, UTC ms.
        score: Mean score of its tags, 0 to 100.
        tags: How many tags were judged.
        causes: How many of them had each defect.
        worst: The tags with the lowest scores, the worst first; empty when all is well.
    """

    hour: int
    score: float
    tags: int
    causes: Mapping[str, int]
    worst: tuple[TagQuality, ...]


@dataclass(frozen=True, slots=True)
class HealthMessage:
    """A site's data supply: its edge nodes and the collector that owns it.

    Attributes:
        time: When this was made, host time, UTC ms; older than a few seconds means that the collector is away.
        tags_live: Tags of the site with a good value now; of `tags_expected` in the model.
        quality: Of the last full hour; None until one has been judged.
    """

    time: int
    tags_live: int
    tags_expected: int
    nodes: tuple[NodeHealth, ...]
    collector: CollectorHealth
    quality: SiteQuality | None = None
    schema: str = "df.health.v1"


@dataclass(frozen=True, slots=True)
class Order:
    """One production order of a line, whoever it is for.

    Attributes:
        order: Its name, the same that the machines of the line show.
        product: Slug of a product that the line makes.
        quantity: Good and bad product to make, in `unit` (key of the model's measures).
        due: When it has to be done, UTC ms.
        priority: 1 is the most urgent.
    """

    order: str
    product: str
    quantity: Annotated[float, Field(ge=0)]
    unit: str
    due: int
    priority: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class OrdersMessage:
    """The production plan of a line, as whoever plans gives it out.

    Attributes:
        time: When the plan was made, UTC ms.
        orders: The one that is made now first, the others in the order in which they are to be made.
    """

    time: int
    orders: tuple[Order, ...]
    schema: str = "df.orders.v1"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    ru: str
    en: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that is not normal.

    Attributes:
        alarm: Its name at this place, the target of commands.
        kind: Name of a `plant.alarms.rules.Kind`; likewise `priority`.
        position: Operator position, ``site/position``.
        state: Name of a `plant.alarms.states.State`.
        active: Whether its condition holds, also while it is shelved or suppressed.
        since: Since when it is in this state, UTC ms.
        raised: When it was last annunciated, UTC ms; None if never.
        until: When it stops being shelved, UTC ms; None unless it is.
        who: Who put it into this state, empty when the plant did; `why` is what they said.
        value: What was measured when its condition changed last; None if nothing was.
        name: What is wrong.
    """

    alarm: str
    kind: str
    priority: str
    position: str
    state: str
    active: bool
    since: int
    raised: int | None
    until: int | None
    who: str
    why: str
    value: float | None
    name: Words
    cause: Words
    consequence: Words
    action: Words


@dataclass(frozen=True, slots=True)
class AlarmsMessage:
    """All alarms of a place that are not normal.

    Attributes:
        time: Of the newest change among them, UTC ms; 0 if there was none.
        suppressed: How many more are suppressed by design although, or because, their condition does not hold.
    """

    time: int
    alarms: tuple[Alarm, ...]
    suppressed: int = 0
    schema: str = "df.alarms.v1"


@dataclass(frozen=True, slots=True)
class KpiPeriod:
    """What a line, or all lines of a site that can be rated, did in a period, as far as it is known.

    Attributes:
        period: ``day`` for the production day, ``shift`` for the running shift.
        start: UTC ms; `end` likewise, exclusive: of the whole period, which may go on.
        oee: Share, 0 to 1 and above; None when there is not enough data, as `flags` tell. Likewise `availability`,
            `effectiveness` and `quality`; figures of several lines are of their summed times.
        measure: Unit of measure of the quantities; empty if lines count in different ones, then these are None.
        produced: Produced quantity; `good` the good one so far, `planned` that of the whole period.
        apt_s: Production time, s; `adet_s` delays, `adot_s` without an order, `aust_s` setup.
        not_planned_s: Outside planned busy time.
        unknown_s: Planned busy or not, but not known.
        coverage: Share of planned busy time with good data, 0 to 1.
        provisional: It may still change: a source has not told all, or lots are not dried.
        flags: What else to know of `oee` (`plant.kpi.value.Flag`).
    """

    period: str
    start: int
    end: int
    oee: float | None
    availability: float | None
    effectiveness: float | None
    quality: float | None
    measure: str
    produced: float | None
    good: float | None
    planned: float | None
    apt_s: float
    adet_s: float
    adot_s: float
    aust_s: float
    not_planned_s: float
    unknown_s: float
    coverage: float
    provisional: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KpiMessage:
    """Figures of a line or a site.

    Attributes:
        time: Minutes until this time are in it, UTC ms; older than a few minutes means that nothing has come since.
        periods: The production day, then the shift.
    """

    time: int
    periods: tuple[KpiPeriod, ...]
    schema: str = "df.kpi.v1"


@dataclass(frozen=True, slots=True)
class CommandMessage:
    """Somebody asks for something to be done. Sent with QoS 1, never retained.

    Attributes:
        id: Chosen by the sender, unlike any other; sent again with the same id it is carried out once.
        time: When it was asked, UTC ms.
        expires_at: When it must not be carried out any more, UTC ms; at most an hour after `time`.
        who: Who asks; `why` is their reason.
        command: What is to be done, such as ``alarm.shelve``.
        target: To what of this place, such as the name of an alarm.
        until: For ``alarm.shelve``: when it ends, UTC ms.
        counts: For ``counts.correct``: what is added, and where.
    """

    id: Annotated[str, Field(min_length=1, max_length=64)]
    time: int
    expires_at: int
    who: Annotated[str, Field(min_length=1, max_length=200)]
    command: Annotated[str, Field(min_length=1, max_length=64)]
    target: Annotated[str, Field(min_length=1, max_length=200)]
    why: Annotated[str, Field(max_length=1000)] = ""
    until: int | None = None
    counts: CountsChange | None = None
    schema: str = "df.cmd.v1"


@dataclass(frozen=True, slots=True)
class ResultMessage:
    """What became of a command. Sent with QoS 1, never retained.

    Attributes:
        id: Of the command.
        time: When that was known, UTC ms.
        ok: Carried out, and kept.
        reason: Why not: a stable word, empty when it was; `detail` says it as a sentence.
    """

    id: str
    time: int
    ok: bool
    reason: str = ""
    detail: str = ""
    schema: str = "df.result.v1"


Message = (
    ValuesMessage
    | StateMessage
    | HealthMessage
    | OrdersMessage
    | AlarmsMessage
    | KpiMessage
    | CommandMessage
    | ResultMessage
)


def encode(message: Message) -> bytes:
    """JSON of a message; NaN and infinities become null."""
    return orjson.dumps(message)


def decode_values(payload: bytes) -> ValuesMessage:
    """A `ValuesMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    body = _body(payload, "df.values.v1")
    try:
        return ValuesMessage(_whole(body["time"]), {key: _value(item) for key, item in body["values"].items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInputError("malformed_payload", f"values message: {error!r}") from error


def decode_state(payload: bytes) -> StateMessage:
    """A `StateMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    body = _body(payload, "df.state.v1")
    try:
        state, mode = State[body["state"]].name, Mode[body["mode"]].name
        return StateMessage(_whole(body["time"]), state, _whole(body["since"]), mode, _whole(body["quality"]))
    except (KeyError, TypeError) as error:
        raise BadInputError("malformed_payload", f"state message: {error!r}") from error


def decode_health(payload: bytes) -> HealthMessage:
    """A `HealthMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _checked(_HEALTH, payload, "df.health.v1")


def decode_orders(payload: bytes) -> OrdersMessage:
    """An `OrdersMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _checked(_ORDERS, payload, "df.orders.v1")


def decode_alarms(payload: bytes) -> AlarmsMessage:
    """An `AlarmsMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _checked(_ALARMS, payload, "df.alarms.v1")


def decode_kpi(payload: bytes) -> KpiMessage:
    """A `KpiMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _checked(_KPI, payload, "df.kpi.v1")


def decode_command(payload: bytes) -> CommandMessage:
    """A `CommandMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _checked(_COMMAND, payload, "df.cmd.v1")


def decode_result(payload: bytes) -> ResultMessage:
    """A `ResultMessage`; `BadInputError` (``malformed_payload``) if the payload is none."""
    return _checked(_RESULT, payload, "df.result.v1")


_HEALTH = TypeAdapter(HealthMessage)
"""Health comes a few times a second at most, so it can be checked field by field; values come too often for that."""
_ORDERS = TypeAdapter(OrdersMessage)
"""Plans change a few times a day."""
_ALARMS = TypeAdapter(AlarmsMessage)
"""Alarms change a few times an hour."""
_KPI = TypeAdapter(KpiMessage)
"""Figures come once a minute."""
_COMMAND, _RESULT = TypeAdapter(CommandMessage), TypeAdapter(ResultMessage)


def _checked(adapter: TypeAdapter[Checked], payload: bytes, schema: str) -> Checked:
    """A message of that schema, checked field by field."""
    _body(payload, schema)
    try:
        return adapter.validate_json(payload, strict=True)
    except ValidationError as error:
        raise BadInputError("malformed_payload", f"{schema} message: {error}") from error


def _value(item: dict[str, Any]) -> Value:
    value = item["value"]
    if not (value is None or isinstance(value, float | str) or type(value) is int):
        raise TypeError(f"{value!r} is neither number nor text")
    return Value(value, _whole(item["time"]), _whole(item["quality"]))


def _whole(number: Any) -> int:
    if type(number) is not int:
        raise TypeError(f"{number!r} is not a whole number")
    return number


def _body(payload: bytes, schema: str) -> dict[str, Any]:
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise BadInputError("malformed_payload", f"not JSON: {error}") from error
    if not isinstance(body, dict) or body.get("schema") != schema:
        raise BadInputError("malformed_payload", f"not a {schema} message")
    return body

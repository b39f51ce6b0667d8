"""What a load test has really reached: a progress line while it runs, a report at its end."""

from __future__ import annotations

from dataclasses import dataclass

FULL_SHARE = 0.99
"""Of the values asked for; above it the rate is reached."""
BUSY_SHARE = 0.9
"""Of one core; above it the generator itself is what limits."""
LARGE = 1e6


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """The last second of a running load test.

    Attributes:
        seconds: Since the first value.
        nodes: Edge nodes; `born` those whose births are out.
        values_per_s: Sent, as `messages_per_s` and `bytes_per_s` (MQTT packets).
        lag_p95_ms: How late messages were sent, since the start.
        backlog_bytes: What waits on all links because the broker does not take it.
    """

    seconds: float
    nodes: int
    born: int
    values_per_s: float
    messages_per_s: float
    bytes_per_s: float
    lag_p95_ms: float
    backlog_bytes: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A whole load test, from the first value to the last.

    Attributes:
        nodes: Edge nodes, `devices` and `metrics` of each.
        values_per_message: Values in each message.
        asked_per_s: Values a second that were asked for.
        seconds: How long values were sent.
        values: Values that were handed to the broker's connections in DATA; `messages`, `bytes` (MQTT packets) of them.
        births: Birth sequences; more than `nodes` when nodes were born again.
        values_per_s: Reached, as `messages_per_s` and `bytes_per_s`.
        lag_p50_ms: How late half of the messages were sent at most; `lag_p95_ms`, `lag_max_ms` likewise.
        held_back: Values that were due while the broker did not take what their node had sent before.
        away: Values that were due while their node was not born.
        left_out: Values that were due while the generator had no time.
        backlog_peak_bytes: The most that waited on all links, looked at each second.
        connections_lost: Times that the broker ended a connection, or was away.
        cpu_share: Of one core, used by the generator.
    """

    nodes: int
    devices: int
    metrics: int
    values_per_message: int
    asked_per_s: float
    seconds: float
    values: int
    messages: int
    bytes: int
    births: int
    values_per_s: float
    messages_per_s: float
    bytes_per_s: float
    lag_p50_ms: float
    lag_p95_ms: float
    lag_max_ms: float
    held_back: int
    away: int
    left_out: int
    backlog_peak_bytes: int
    connections_lost: int
    cpu_share: float

    @property
    def reached(self) -> float:
        """Share of the values asked for that were sent."""
        return self.values_per_s / self.asked_per_s


def progress_line(now: LoadProgress) -> str:
    """One line for people."""
    return (
        f"{now.seconds:5.0f} s  {now.born}/{now.nodes} nodes  {number(now.values_per_s)} values/s  "
        f"{number(now.messages_per_s)} messages/s  {now.bytes_per_s / LARGE:.1f} MB/s  "
        f"95 % within {now.lag_p95_ms:.0f} ms  waiting {now.backlog_bytes / LARGE:.1f} MB"
    )


def report_rows(report: LoadReport) -> list[tuple[str, str]]:
    """What and how much, in the order in which it is read."""
    each = f"{report.metrics} metrics" + (f" on {report.devices} devices" if report.devices > 1 else "")
    return [
        ("edge nodes", f"{number(report.nodes)} with {each} each, {number(report.births)} birth sequences"),
        ("values", f"{number(report.values)} in {report.seconds:.1f} s, {report.values_per_message} in a message"),
        ("values/s", f"{number(report.values_per_s)} of {number(report.asked_per_s)} asked ({report.reached:.1%})"),
        ("messages/s", number(report.messages_per_s)),
        ("bytes/s", f"{report.bytes_per_s / LARGE:.2f} MB"),
        (
            "sent late by",
            f"50 %: {report.lag_p50_ms:.1f} ms, 95 %: {report.lag_p95_ms:.1f} ms, most {report.lag_max_ms:.0f} ms",
        ),
        ("broker behind by", f"{report.backlog_peak_bytes / LARGE:.2f} MB at most"),
        ("held back", f"{number(report.held_back)} values that the broker did not take in time"),
        ("not sent", f"{number(report.away)} values of nodes that were away, {number(report.left_out)} left out"),
        ("connections lost", number(report.connections_lost)),
        ("CPU", f"{report.cpu_share:.0%} of one core"),
    ]


def verdict(report: LoadReport) -> str:
    """One sentence: whether the rate was reached, and if not, what held it down."""
    if report.reached >= FULL_SHARE:
        return "The rate was reached."
    causes = {
        "the broker did not take more": report.held_back,
        "edge nodes were not connected": report.away,
        "this machine had no time for more": report.left_out,
    }
    cause = max(causes, key=lambda name: causes[name])
    if report.cpu_share > BUSY_SHARE:
        cause = "one core is not enough for the generator; run several with a --group of their own"
    return f"The rate was not reached: {cause}."


def number(amount: float) -> str:
    """Whole, with thin groups of thousands."""
    return f"{amount:,.0f}".replace(",", " ")

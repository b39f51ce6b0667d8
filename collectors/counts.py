"""Running totals of one collector since its start; each field has one writing thread."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """Totals; README.md and /metrics say what each means.

    Attributes:
        messages: Sparkplug messages received.
        device_messages: Messages of third-party devices received.
        device_silences: Times that such a device fell silent.
        values: Live values taken in, those of births included.
        historical: Replayed values taken in.
        skewed: Values whose source's clock is ahead of ours, within what is tolerated.
        births: Births of edge nodes and devices.
        deaths: Edge nodes and devices that went away.
        gaps: Sequence gaps.
        rebirths: Rebirths asked for.
        connections: Times that the broker was reached.
        contests: Times that somebody else spoke for this host.
        published: Messages sent to the unified namespace.
        unpublished: Messages of the namespace that a slow broker did not take; they are sent again.
        written: Readings made durable.
        events: Events made durable.
        retries: Writes that the historian did not take and that were tried again.
        tier_failures: Times that minute and hour rows could not be made and were tried again.
        rollup_checks: Rolled-up rows that were compared with what they are made of.
        rollup_mismatches: Those that differed; they are made again.
        minutes_made: Production minutes that were new or changed.
        minutes_restated: Settled ones whose figures changed.
        minute_failures: Times that they could not be made and were tried again.
        alarm_changes: Changes of alarms that somebody could have noticed.
        alarm_commands: Commands about alarms that came, refused ones too.
        count_commands: Commands about counts that came, refused ones too.
        plans: Plans of lines that were kept.
    """

    messages: int = 0
    device_messages: int = 0
    device_silences: int = 0
    values: int = 0
    historical: int = 0
    skewed: int = 0
    births: int = 0
    deaths: int = 0
    gaps: int = 0
    rebirths: int = 0
    connections: int = 0
    contests: int = 0
    published: int = 0
    unpublished: int = 0
    written: int = 0
    events: int = 0
    retries: int = 0
    tier_failures: int = 0
    rollup_checks: int = 0
    rollup_mismatches: int = 0
    minutes_made: int = 0
    minutes_restated: int = 0
    minute_failures: int = 0
    alarm_changes: int = 0
    alarm_commands: int = 0
    count_commands: int = 0
    plans: int = 0

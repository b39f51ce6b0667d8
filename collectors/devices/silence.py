"""Which devices have fallen silent: one rule of a mapping and one unit are one device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

DeviceKey: TypeAlias = tuple[str, str]
"""Name of the rule, storage path of the unit."""


@dataclass(slots=True)
class DeviceTags:
    """Tags that a device speaks for.

    Attributes:
        numbers: Indices in the tag table.
        texts: Indices in `plant.model.tags.text_tags`.
    """

    numbers: set[int] = field(default_factory=set)
    texts: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Device:
    tags: DeviceTags
    stale_after_s: float
    heard_s: float


class Silences:
    """When each device was heard last; times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._devices: dict[DeviceKey, _Device] = {}

    def heard(self, key: DeviceKey, stale_after_ms: int, now_s: float) -> DeviceTags:
        """A device has spoken, or is expected to from now on.

        Returns:
            The tags that it has spoken for until now; the caller adds those of this message.
        """
        device = self._devices.get(key)
        if device is None:
            device = self._devices[key] = _Device(DeviceTags(), stale_after_ms / 1_000, now_s)
        device.heard_s = now_s
        return device.tags

    def due(self, now_s: float) -> list[DeviceTags]:
        """Tags of devices that have been silent for too long; each is told once, until it speaks again."""
        silent = [key for key, device in self._devices.items() if now_s - device.heard_s >= device.stale_after_s]
        return [self._devices.pop(key).tags for key in silent]

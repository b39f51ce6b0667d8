"""Caches by identity: what never changes is looked up by being the same object, not by comparing all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Same(Generic[T]):
    """Something that equals only itself, as a key of a cache; the cache keeps it alive, so no other takes its place."""

    thing: T

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)

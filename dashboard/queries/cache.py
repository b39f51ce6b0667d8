"""Answers that are kept for a few seconds, so that ten open tabs cost one question."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class ShortMemory:
    """Keeps answers for a while; whoever asks for one that is being made waits for it instead of making it again.

    Args:
        keep_s: How long an answer is good, s.
        clock: Seconds that never run backwards.
    """

    def __init__(self, keep_s: float, clock: Callable[[], float] = monotonic) -> None:
        self._keep_s = keep_s
        self._clock = clock
        self._guard = Lock()
        self._making: dict[Hashable, Lock] = {}
        self._kept: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, make: Callable[[], Answer], keep_s: float | None = None) -> Answer:
        """The answer for `key`, made now unless a fresh one is there; an exception of `make` is not kept.

        Args:
            key: What is asked for.
            make: Finds the answer; blocks.
            keep_s: How long this one is good, s; None as long as the others.
        """
        with self._guard:
            turn = self._making.setdefault(key, Lock())
        with turn:
            with self._guard:
                known = self._kept.get(key)
            if known is not None and self._clock() < known[0]:
                answer: Answer = known[1]
                return answer
            answer = make()
            with self._guard:
                self._kept[key] = (self._clock() + (keep_s or self._keep_s), answer)
                self._forget_old()
            return answer

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, (until, _) in self._kept.items() if until <= now]:
            del self._kept[key]
        for key in [key for key, turn in self._making.items() if key not in self._kept and not turn.locked()]:
            del self._making[key]

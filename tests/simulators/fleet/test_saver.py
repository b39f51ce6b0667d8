from __future__ import annotations

import pytest

from simulators.fleet.saver import SAVE_EVERY_MS, SAVE_EVERY_S, Saver


@pytest.mark.parametrize(
    ("after_s", "world_after_ms", "outside", "saves"),
    [
        (SAVE_EVERY_S - 1, 59_000, "calm", 1),
        (SAVE_EVERY_S, 60_000, "calm", 2),
        (10, SAVE_EVERY_MS, "calm", 2),
        (0.1, 0, "a command", 2),
    ],
)
def test_a_world_is_saved_in_time(after_s: float, world_after_ms: int, outside: str, saves: int) -> None:
    """At the start, by the clock's and the world's time, and at once after what comes from outside."""
    saved: list[None] = []
    saver = Saver(lambda: saved.append(None))
    saver.look(100.0, 1_000_000, "calm")
    assert len(saved) == 1
    saver.look(100.0 + after_s, 1_000_000 + world_after_ms, outside)
    assert len(saved) == saves
    saver.look(100.0 + after_s, 1_000_000 + world_after_ms, outside)
    assert len(saved) == saves

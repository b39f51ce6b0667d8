"""Memory that was let go of goes back to the system, which glibc's allocator on its own does not see to.

After a peak (a spool that drains, minutes that are made again) glibc keeps what was freed: it raises its own
thresholds with each large array, so that later ones lie in between small objects, and gives back only what is free at
the very end. A service that runs for months would keep the memory of its worst minute. Other allocators are left alone.
"""

from __future__ import annotations

import ctypes
import threading
from contextlib import suppress
from functools import cache
from typing import Final

MMAP_BYTES: Final = 512 * 1024
"""Arrays from this size on have pages of their own, which go back as soon as they are freed."""
TOP_BYTES: Final = 1 << 20
"""So much free memory may stay at the end of the heap."""
ARENAS: Final = 2
"""Heaps of all threads together: more only hold more of what is free."""
EVERY_S: Final = 30.0
"""How often what is free between what is not goes back."""

# Numbers of mallopt's parameters, from glibc's malloc.h.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8


def settle() -> None:
    """Set the allocator up for a process that runs for long, and trim it from then on.

    To be called once, before the process starts threads.
    """
    for parameter, value in ((_M_MMAP_THRESHOLD, MMAP_BYTES), (_M_TRIM_THRESHOLD, TOP_BYTES), (_M_ARENA_MAX, ARENAS)):
        with suppress(AttributeError):
            _libc().mallopt(parameter, value)
    threading.Thread(target=_trim_for_ever, name="heap", daemon=True).start()


def trim() -> None:
    """Give back what is free between what is not; takes some milliseconds, without the interpreter's lock."""
    with suppress(AttributeError):
        _libc().malloc_trim(0)


def _trim_for_ever() -> None:
    never = threading.Event()
    while not never.wait(EVERY_S):
        trim()


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)

"""Make the slices of a history in a process of its own, some ahead of whoever takes them."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from typing import TypeAlias

from plant.errors import FactoryError
from simulators.history.past import Slice

Past: TypeAlias = Callable[[Callable[[float], None]], Iterator[Slice]]
"""Begins a past: takes the function that is told its progress. It has to be picklable, so no lambda."""
AHEAD = 6
"""So many slices wait at most: whoever takes them has more to do at times, and the other should not stand still."""
PROGRESS_STEPS = 100
"""Progress is passed on in so many steps: each is a message between the processes."""


def slices(past: Past, progress: Callable[[float], None]) -> Generator[Slice, None, None]:
    """What `past` makes, made in another process, which ends with this iterator or with this process.

    Args:
        past: Runs in the other process.
        progress: Told the share that is done, 0 to 1; called from a thread.

    Raises:
        FactoryError: `past` raised it, or its process ended before its time.
    """
    context = get_context("spawn")  # a fork would copy threads that hold locks
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(past, theirs), name="history", daemon=True)
    process.start()
    theirs.close()
    with ThreadPoolExecutor(1, "history-reader") as reader:
        try:
            coming = deque(reader.submit(_receive, ours, progress) for _ in range(AHEAD))
            while (slice_ := coming.popleft().result()) is not None:
                coming.append(reader.submit(_receive, ours, progress))
                yield slice_
            process.join()
        except EOFError:
            process.join()
            raise FactoryError(
                f"the process that makes the history ended with {process.exitcode}; start again"
            ) from None
        finally:
            process.terminate()
            process.join()
    ours.close()


def _receive(source: Connection, progress: Callable[[float], None]) -> Slice | None:
    """The next slice, None after the last; progress is passed on meanwhile."""
    while True:
        message = source.recv()
        if isinstance(message, FactoryError):
            raise message
        if message is None or isinstance(message, Slice):
            return message
        progress(message)


def _make(past: Past, sink: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who takes the slices ends us
    shown = 0

    def progress(share: float) -> None:
        nonlocal shown
        if int(share * PROGRESS_STEPS) > shown:
            shown = int(share * PROGRESS_STEPS)
            sink.send(share)

    with _ending_with_parent():
        try:
            for slice_ in past(progress):
                sink.send(slice_)
            sink.send(None)
        except FactoryError as error:
            sink.send(error)


@contextmanager
def _ending_with_parent() -> Iterator[None]:
    """A killed parent leaves nobody to write for, and another may begin at once: go without a last word.

    The thread that looks out for that is gone afterwards: one that outlives the interpreter keeps alive what extension
    modules then report as leaked.
    """
    over, done = get_context("spawn").Pipe(duplex=False)
    watch = threading.Thread(target=_watch_parent, args=(over,), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.close()
        watch.join()
        over.close()


def _watch_parent(over: Connection) -> None:
    parent = parent_process()
    if parent is not None and parent.sentinel in connection.wait([parent.sentinel, over]):
        os._exit(1)

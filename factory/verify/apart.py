"""Several runs at a time, each in a process of its own: a run keeps one core busy, and a machine has more."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from factory.verify.pipeline import Run
from factory.verify.verify import Verdict, verify
from plant.errors import FactoryError
from plant.model.load import load
from plant.service import configure_logging

LOOK_S: Final = 0.5
"""How often whoever waits for verdicts is woken, so that Ctrl-C is heard."""


def verified(runs: Sequence[Run], jobs: int, progress: Callable[[Run, float], None]) -> Iterator[Verdict]:
    """What came of each run, in the order in which they end; the longest begin first.

    A run that fails is a verdict too, so the others go on.

    Args:
        runs: What to simulate and compare.
        jobs: So many at a time.
        progress: Told the share of a run's world time that is done, 0 to 1; from several threads.
    """
    pool = ThreadPoolExecutor(max(1, jobs), thread_name_prefix="verify")
    try:
        waiting = {
            pool.submit(_in_a_process, run, progress) for run in sorted(runs, key=lambda run: run.hours, reverse=True)
        }
        while waiting:
            done, waiting = wait(waiting, LOOK_S, FIRST_COMPLETED)
            yield from map(Future.result, done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _in_a_process(run: Run, progress: Callable[[Run, float], None]) -> Verdict:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(run, theirs), name=run.scenario, daemon=True)
    process.start()
    theirs.close()
    try:
        while not isinstance(told := ours.recv(), Verdict):
            progress(run, told)
    except EOFError:
        process.join()
        return Verdict.failed(run, f"its process ended with exit code {process.exitcode}")
    process.join()
    return told


def _work(run: Run, parent: Connection) -> None:
    """The whole of a run, in its process; logging is set up here and nowhere else."""
    configure_logging("error", "text")
    with TemporaryDirectory(prefix="factory-verify-") as folder:
        try:
            verdict = verify(run, load(run.model), Path(folder), parent.send)
        except FactoryError as error:
            verdict = Verdict.failed(run, str(error))
    parent.send(verdict)

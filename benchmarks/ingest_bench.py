"""From MQTT to an acknowledged write: our collector beside what people would use instead, and beside the store's limit.

Each round gives every contestant the same readings, as many as it can take, with publisher, broker, contestant and
store on one machine. The clock runs from the first message to the last acknowledgement; then the store is asked how
much it really holds.
"""

from __future__ import annotations

import http.client
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import nodered
from benchmarks.contestants import Collector, Contestant, NarrowTutorial, NodeRed, WideTutorial
from benchmarks.publisher import STEP_MS, PublisherProcess
from benchmarks.report import Goal, Report, Row
from benchmarks.stores import DATABASE, is_installed, running_broker, running_influxdb
from benchmarks.workload import METRICS, VALUES_PER_STEP, as_lines, walk
from plant.clock import now_ms

ROUNDS = 3
STEPS = 100
"""Of all machines: 1.9 million values."""
LOOK_S = 0.25
STUCK_S = 15.0
"""Without any further value for so long, the rest is lost."""
SETTLE_S = 1.0
LIMIT_LINES = 1_500
"""Lines of one request of the limit: about what the collector sends at once."""
LIMIT_CONNECTIONS = 2
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Result:
    """One contestant in one round.

    Attributes:
        per_s: Values a second.
        cpu_s: CPU seconds of the contestant for a million values.
        peak_mib: Largest resident memory.
        lost: Values that were published and are not in the store.
    """

    per_s: float
    cpu_s: float = 0.0
    peak_mib: float = 0.0
    lost: int = 0


def run(contestant: Contestant, steps: int) -> Result:
    """One contestant, with a fresh broker and a fresh store."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(running_broker(folder))
        contestant.start(stack, folder, broker)
        publisher = stack.enter_context(PublisherProcess(broker.port, contestant.form, steps))
        born = _births(contestant, publisher)
        process, values = psutil.Process(contestant.process.pid), steps * VALUES_PER_STEP
        publisher.order("data")
        time.sleep(max(0.0, publisher.start_ms / 1000 - time.time()))
        began, cpu_s = time.perf_counter(), _cpu_s(process)
        taken, ended, peak = 0, began, 0
        while taken < values and time.perf_counter() - ended < STUCK_S:
            time.sleep(LOOK_S)
            peak = max(peak, process.memory_info().rss)
            now = contestant.taken() - born
            if now > taken:
                taken, ended = now, time.perf_counter()
        cpu_s = _cpu_s(process) - cpu_s
        stored = contestant.stored(publisher.start_ms)
    return Result(values / (ended - began), cpu_s / values * 1e6, peak / MIB, values - stored)


def _births(contestant: Contestant, publisher: PublisherProcess) -> int:
    """Have the nodes born, if there are any; how many values came with that."""
    if contestant.form != "sparkplug":
        return 0
    publisher.order("births")
    publisher.wait()
    while contestant.taken() < VALUES_PER_STEP:
        time.sleep(LOOK_S)
    time.sleep(SETTLE_S)
    return contestant.taken()


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def limit(steps: int) -> Result:
    """The same lines, encoded beforehand, posted straight to InfluxDB."""
    start = now_ms()
    lines = [line for number, values in enumerate(walk(steps)) for line in as_lines(start + number * STEP_MS, values)]
    parts = (lines[first : first + LIMIT_LINES] for first in range(0, len(lines), LIMIT_LINES))
    bodies = iter(["\n".join(part).encode() for part in parts])
    with tempfile.TemporaryDirectory() as folder, running_influxdb(Path(folder)) as store:
        store.create()
        threads = [threading.Thread(target=_post, args=(store.server.port, bodies)) for _ in range(LIMIT_CONNECTIONS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ended = time.perf_counter()
        lost = len(lines) * METRICS - store.values(start)
    return Result(len(lines) * METRICS / (ended - began), lost=lost)


def _post(port: int, bodies: Iterator[bytes]) -> None:
    """Post as long as there is something; several threads may draw from one list's iterator."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for body in bodies:
        connection.request("POST", f"/write?db={DATABASE}&precision=ms", body)
        connection.getresponse().read()
    connection.close()


def main() -> Sequence[Report]:
    """Measure in rounds, so that whatever else the machine does meets all alike; medians."""
    contestants: list[Contestant] = [Collector()]
    absent: dict[str, str] = {}
    if is_installed("victoria-metrics"):
        contestants += [WideTutorial(), NarrowTutorial()]
    else:
        absent |= dict.fromkeys((WideTutorial.name, NarrowTutorial.name), "victoria-metrics is not installed")
    found = nodered.installed() if is_installed("node") else "node is not installed"
    if isinstance(found, Path):
        contestants.append(NodeRed(found))
    else:
        absent[NodeRed.name] = found
    results: dict[str, list[Result]] = defaultdict(list)
    for _ in range(ROUNDS):
        for contestant in contestants:
            results[contestant.name].append(run(contestant, round(STEPS * contestant.share)))
        results[LIMIT].append(limit(STEPS))
    return [Report(TITLE, [*_rates(results, absent), *_goals(results, absent)])]


LIMIT = "(b) limit: the lines straight to InfluxDB"
TITLE = f"ingest: {STEPS * VALUES_PER_STEP / 1e6:.1f} million values through Mosquitto, medians of {ROUNDS} rounds"


def _median(results: Sequence[Result], figure: str) -> float:
    return float(statistics.median(getattr(result, figure) for result in results))


def _rates(results: dict[str, list[Result]], absent: dict[str, str]) -> Iterator[Row]:
    for name, each in results.items():
        goal = Goal(250_000) if name == Collector.name else None
        lowest, highest = min(result.per_s for result in each), max(result.per_s for result in each)
        lost = sum(result.lost for result in each)
        note = f"{lowest:,.0f} to {highest:,.0f}; {f'{lost:,} LOST' if lost else 'nothing lost'}"
        yield Row(f"{name}, values/s", _median(each, "per_s"), goal=goal, note=note)
    for name, why in absent.items():
        yield Row(f"{name}, values/s", None, note=why)
    for name, each in results.items():
        if name != LIMIT:
            yield Row(f"{name}, CPU s per million values", _median(each, "cpu_s"), digits=2)
    for name, each in results.items():
        if name != LIMIT:
            goal = Goal(300, at_least=False) if name == Collector.name else None
            yield Row(f"{name}, peak MiB", _median(each, "peak_mib"), goal=goal)


def _goals(results: dict[str, list[Result]], absent: dict[str, str]) -> Iterator[Row]:
    """The collector as a multiple of each other, round by round."""
    for name, figure, goal in (
        (WideTutorial.name, "per_s", Goal(1.0)),
        (NarrowTutorial.name, "per_s", Goal(5.0)),
        (LIMIT, "per_s", Goal(0.25)),
        (NodeRed.name, "per_s", Goal(0.6)),
        (WideTutorial.name, "cpu_s", Goal(1.0, at_least=False)),
    ):
        what = f"collector as a multiple of {name}, {'values/s' if figure == 'per_s' else 'CPU'}"
        if name in absent:
            yield Row(what, None, 2, goal, absent[name])
            continue
        pairs = zip(results[Collector.name], results[name], strict=True)
        ratio = statistics.median(getattr(ours, figure) / getattr(theirs, figure) for ours, theirs in pairs)
        yield Row(what, ratio, 2, goal)

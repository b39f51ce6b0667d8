"""Publishes the workload to a broker, as a process of its own that is told when.

``python -m benchmarks.publisher PORT FORM STEPS [RATE]`` says when the time of its readings begins (UTC ms), then obeys
``births`` and ``data`` on standard input and answers each when the broker has taken it. Without a rate, in values a
second, all messages are made beforehand and go as fast as the broker takes them; with one, each is made when it is due
and carries that time.

All machines share one MQTT connection, which makes no difference to subscribers. The socket is written to directly,
for what is measured is the other side.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

import numpy as np

from benchmarks.workload import MACHINES, METRICS, EdgeNodes, Message, as_json, walk
from plant.clock import now_ms
from plant.mqtt.packets import publish

STEP_MS = 80
"""Time between two messages of a machine at full speed: as if all machines sent 240 000 values a second."""
ENCODING_S = 2.5
"""How long making the messages may take; the readings begin so much later."""
PIECE = 64
"""Packets that are sent at once at full speed."""
_CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05bench"
_CONNACK = b"\x20\x02\x00\x00"


class Publisher:
    """A connection, and everything that will be sent over it.

    Args:
        port: Of the broker, on loopback.
        form: ``sparkplug`` or ``json``.
        steps: Messages of each machine.
        rate: Values a second; None is as fast as possible.
    """

    def __init__(self, port: int, form: str, steps: int, rate: float | None) -> None:
        began = now_ms()
        nodes = EdgeNodes(began) if form == "sparkplug" else None
        self._births = [] if nodes is None else nodes.births(began)
        self._encode = as_json if nodes is None else nodes.data
        self._walk = list(walk(steps))
        self._rate = rate
        self.start_ms = began + (1 if rate is not None else round(1000 * ENCODING_S))
        self._ready = [] if rate is not None else self._made()
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(_CONNECT)
        if self._socket.recv(len(_CONNACK)) != _CONNACK:
            raise ConnectionError("the broker refuses the connection")

    def _made(self) -> list[bytes]:
        """All packets, some of them in one piece."""
        steps = ((self.start_ms + number * STEP_MS, values) for number, values in enumerate(self._walk))
        messages = [message for time_ms, values in steps for message in self._encode(0, time_ms, values)]
        return [_packets(messages[first : first + PIECE]) for first in range(0, len(messages), PIECE)]

    def births(self) -> None:
        """Publish what makes the data known."""
        self._socket.sendall(_packets(self._births))

    def data(self) -> None:
        """Publish all data, when their time has come."""
        if self._rate is not None:
            self._pace(self._rate)
            return
        time.sleep(max(0.0, self.start_ms / 1000 - time.time()))
        for piece in self._ready:
            self._socket.sendall(piece)

    def _pace(self, rate: float) -> None:
        began = time.perf_counter()
        for number in range(len(self._walk) * MACHINES):
            time.sleep(max(0.0, began + number * METRICS / rate - time.perf_counter()))
            step, machine = divmod(number, MACHINES)
            row = np.ascontiguousarray(self._walk[step][machine : machine + 1])
            self._socket.sendall(_packets(self._encode(machine, now_ms(), row)))


def _packets(messages: list[Message]) -> bytes:
    return b"".join(publish(message.topic, message.payload, retain=False) for message in messages)


class PublisherProcess:
    """A publisher in a process of its own; use as a context manager, which it enters when it is ready.

    Attributes:
        start_ms: Time of the first reading, UTC ms.
        process: The process.
    """

    def __init__(self, port: int, form: str, steps: int, rate: float | None = None) -> None:
        arguments = [str(port), form, str(steps), *([] if rate is None else [str(rate)])]
        command = [sys.executable, "-m", "benchmarks.publisher", *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.start_ms = 0

    def __enter__(self) -> Self:
        self.start_ms = int(self._answer())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait()

    def order(self, what: str) -> None:
        """Have ``births`` or ``data`` published; does not wait."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()

    def wait(self) -> None:
        """Until the broker has taken what was ordered."""
        self._answer()

    def _answer(self) -> str:
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        if not answer:
            raise ConnectionError("the publisher has ended")
        return answer


def main(port: str, form: str, steps: str, rate: str = "") -> None:
    """Obey standard input."""
    publisher = Publisher(int(port), form, int(steps), float(rate) if rate else None)
    print(publisher.start_ms, flush=True)
    for order in sys.stdin:
        if order.strip() == "births":
            publisher.births()
        else:
            publisher.data()
        print("sent", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

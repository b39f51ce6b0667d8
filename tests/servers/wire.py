"""What passes over the broker, with the time at which it did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import paho.mqtt.client as mqtt

from plant.mqtt.address import BrokerAddress
from plant.sparkplug.payload_pb2 import SparkplugPayload


@contextmanager
def listening(address: BrokerAddress, topics: str) -> Iterator[dict[tuple[str, str, int], int]]:
    """Collects arrival times, UTC ms, by (edge node, device, source time) of every device metric."""
    arrivals: dict[tuple[str, str, int], int] = {}

    def arrived(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        now = time.time_ns() // 1_000_000
        node, device = message.topic.split("/")[3:5]
        for metric in SparkplugPayload.FromString(message.payload).metrics:
            arrivals.setdefault((node, device, metric.timestamp), now)

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_message = arrived
    client.connect(address.host, address.port)
    client.subscribe(topics)
    client.loop_start()
    try:
        yield arrivals
    finally:
        client.disconnect()
        client.loop_stop()

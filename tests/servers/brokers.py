"""Real MQTT brokers on loopback: Debian's Mosquitto and our embedded rumqttd."""

from __future__ import annotations

import sys
from pathlib import Path

from servers.processes import Server, free_port

from factory.broker import write_config
from plant.mqtt.address import BrokerAddress

MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 100000
max_inflight_messages 1000
"""


class BrokerServer(Server):
    """A broker process; `address` stays the same over restarts."""

    @property
    def address(self) -> BrokerAddress:
        """Where it listens."""
        return BrokerAddress("127.0.0.1", self.port)


def mosquitto(folder: Path) -> BrokerServer:
    """A Mosquitto that is not started yet."""
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text(MOSQUITTO.format(port=port))
    return BrokerServer(["mosquitto", "-c", str(config)], port, folder)


def rumqttd(folder: Path) -> BrokerServer:
    """Our embedded broker, not started yet."""
    port = free_port()
    config = write_config(folder / "rumqttd.toml", BrokerAddress("127.0.0.1", port))
    code = "import sys; from pathlib import Path; from factory.broker import run; run(Path(sys.argv[1]))"
    return BrokerServer([sys.executable, "-c", code, str(config)], port, folder)

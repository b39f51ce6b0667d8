"""MQTT for all rooms: a broker address and one link that reconnects, on top of paho."""

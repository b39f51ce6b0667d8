"""Packets that are read and made without paho."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.mqtt import packets
from plant.mqtt.packets import BrokenPacketError
from plant.mqtt.wire import LARGEST_PACKET, Wire

TOPICS = st.text(st.characters(codec="utf-8", exclude_characters="+#\0"), min_size=1, max_size=20)
MESSAGES = st.tuples(TOPICS, st.binary(max_size=300), st.booleans())
PINGRESP = bytes([0xD0, 0])


def wire() -> Wire:
    """A wire without a transport."""
    return Wire(lambda: None, lambda _: None)


@given(MESSAGES)
def test_what_is_published_is_read(message: tuple[str, bytes, bool]) -> None:
    """A PUBLISH of QoS 0 holds its topic, payload and retain flag, and is as long as it says."""
    topic, payload, retain = message
    packet = packets.publish(topic, payload, retain)
    assert packets.is_plain_publish(packet)
    assert packets.packet_end(packet) == len(packet)
    assert packets.read_publish(packet) == (topic.encode(), payload, retain)


@pytest.mark.parametrize("size", [0, 1, 121, 122, 16_377, 16_378, 2_097_145, 2_097_146])
def test_lengths_take_as_many_bytes_as_they_need(size: int) -> None:
    """On both sides of each border of the length's encoding (MQTT 3.1.1, table 2.4) the payload comes through."""
    packet = packets.publish("t/x", bytes(size), retain=False)
    assert packets.packet_end(packet[:5]) == len(packet)
    assert len(packets.read_publish(packet)[1]) == size


@given(st.lists(MESSAGES, max_size=5), st.lists(st.integers(1, 40), min_size=1))
def test_packets_come_out_whole_however_they_arrive(messages: list[tuple[str, bytes, bool]], pieces: list[int]) -> None:
    """A wire hands out packet by packet, in order, no matter where the network tears them."""
    whole = b"".join(PINGRESP + packets.publish(*message) for message in messages)
    found, ear, at = [], wire(), 0
    while at < len(whole):
        size = pieces[len(found) % len(pieces)]
        ear.data_received(whole[at : at + size])
        at += size
        while (packet := ear.next_packet()) is not None:
            found.append(packet)
    assert found[0::2] == [PINGRESP] * len(messages)
    assert [packets.read_publish(packet) for packet in found[1::2]] == [(t.encode(), p, r) for t, p, r in messages]


@pytest.mark.parametrize("first", [0x32, 0x34, 0x3A, 0x38, 0x40, 0xD0, 0x00])
def test_all_else_is_left_to_paho(first: int) -> None:
    """QoS 1 and 2, repeated messages and other packets need more than reading."""
    assert not packets.is_plain_publish(bytes([first, 0]))


@pytest.mark.parametrize("packet", [bytes([0x30, 0]), bytes([0x30, 1, 0]), bytes([0x30, 4, 0, 3, 0x74, 0x2F])])
def test_a_topic_that_does_not_end_is_refused(packet: bytes) -> None:
    """A PUBLISH whose topic is longer than the packet is broken."""
    with pytest.raises(BrokenPacketError):
        packets.read_publish(packet)


def test_lengths_without_end_or_beyond_reason_are_refused() -> None:
    """A length of five bytes is no MQTT; one above the limit is refused before the packet fills the memory."""
    ear = wire()
    ear.data_received(bytes([0x30, 0xFF, 0xFF, 0xFF]))
    assert ear.next_packet() is None
    ear.data_received(b"\xff")
    with pytest.raises(BrokenPacketError):
        ear.next_packet()
    large = wire()
    large.data_received(packets.publish("t", bytes(LARGEST_PACKET), retain=False)[:5])
    with pytest.raises(ConnectionError, match="larger than"):
        large.next_packet()


@pytest.mark.parametrize("topic", ["", "a/+", "#", "x" * 65_536])
def test_nobody_publishes_to_a_filter(topic: str) -> None:
    """A topic that no broker takes, and would end the connection for, never reaches the wire."""
    with pytest.raises(ValueError, match="no topic"):
        packets.publish(topic, b"", retain=False)

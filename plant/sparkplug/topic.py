"""Sparkplug topics: parsed at the edge, immutable, checked when built.

Grammar::

    spBv1.0/GROUP/VERB/NODE           VERB = NBIRTH | NDATA | NDEATH | NCMD
    spBv1.0/GROUP/VERB/NODE/DEVICE    VERB = DBIRTH | DDATA | DDEATH | DCMD
    spBv1.0/STATE/HOST

GROUP, NODE, DEVICE and HOST are not empty and hold neither ``+``, ``/``, ``#`` nor NUL; all else that UTF-8 can
encode is legal, and case matters.

Valid::

    spBv1.0/volgograd/NBIRTH/dry-mix-1
    spBv1.0/volgograd/DDATA/dry-mix-1/packer
    spBv1.0/Завод 1/NDATA/линия 2
    spBv1.0/STATE/collector-1

Invalid::

    spBv1.0/volgograd/NBIRTH              no node
    spBv1.0/volgograd/DDATA/dry-mix-1     device verb without a device
    spBv1.0/volgograd/NDATA/dry-mix-1/x   node verb with a device
    spBv1.0/volgograd/ndata/dry-mix-1     verbs are upper case
    spBv1.0//NDATA/dry-mix-1              empty group
    spAv1.0/volgograd/NDATA/dry-mix-1     other namespace
    spBv1.0/STATE                         no host
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from plant.errors import BadInputError

NAMESPACE = "spBv1.0"
_STATE = "STATE"
_FORBIDDEN = frozenset("+/#\0")
_REMEMBERED_TOPICS = 16_384


class InvalidTopicError(BadInputError):
    """A topic, or a part of one, that the grammar above does not know; reason ``wrong_topic``."""

    def __init__(self, text: str) -> None:
        super().__init__("wrong_topic", text)


class Verb(StrEnum):
    """The message types of edge nodes (N...) and devices (D...)."""

    NBIRTH = "NBIRTH"
    NDATA = "NDATA"
    NDEATH = "NDEATH"
    NCMD = "NCMD"
    DBIRTH = "DBIRTH"
    DDATA = "DDATA"
    DDEATH = "DDEATH"
    DCMD = "DCMD"

    @property
    def of_device(self) -> bool:
        """Whether a topic with this verb names a device."""
        return self.value[0] == "D"


@dataclass(frozen=True, slots=True)
class NodeId:
    """The edge node descriptor: unique in the whole installation."""

    group: str
    node: str

    def __str__(self) -> str:
        return f"{self.group}/{self.node}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where metrics come from: an edge node itself (``device`` None) or one of its devices.

    A device name is unique only under its node, so hosts key by all three parts.
    """

    group: str
    node: str
    device: str | None = None

    @property
    def node_id(self) -> NodeId:
        """The edge node that it is or belongs to."""
        return NodeId(self.group, self.node)

    def __str__(self) -> str:
        own = f"{self.group}/{self.node}"
        return own if self.device is None else f"{own}/{self.device}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of an edge node or a device.

    Attributes:
        source: The node or device that it is about.
        node_id: The edge node that it is about.

    Raises:
        InvalidTopicError: a part is not legal, or the device does not fit the verb.
    """

    group: str
    verb: Verb
    node: str
    device: str | None = None
    source: Source = field(init=False, repr=False, compare=False)  # asked for once a message, so made once a topic
    node_id: NodeId = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_token(self.group, "group")
        check_token(self.node, "edge node")
        if self.verb.of_device != (self.device is not None):
            wanted = "needs" if self.verb.of_device else "must not name"
            raise InvalidTopicError(f"{self.verb} {wanted} a device")
        if self.device is not None:
            check_token(self.device, "device")
        object.__setattr__(self, "source", Source(self.group, self.node, self.device))
        object.__setattr__(self, "node_id", NodeId(self.group, self.node))

    @classmethod
    def of(cls, source: Source, node_verb: Verb, device_verb: Verb) -> Topic:
        """The topic of a source: with the first verb for a node, with the second for a device."""
        verb = node_verb if source.device is None else device_verb
        return cls(source.group, verb, source.node, source.device)

    def __str__(self) -> str:
        own = f"{NAMESPACE}/{self.group}/{self.verb}/{self.node}"
        return own if self.device is None else f"{own}/{self.device}"


@dataclass(frozen=True, slots=True)
class StateTopic:
    """The topic on which a host application tells whether it is online.

    Raises:
        InvalidTopicError: the host id is not legal.
    """

    host: str

    def __post_init__(self) -> None:
        check_token(self.host, "host")

    def __str__(self) -> str:
        return f"{NAMESPACE}/{_STATE}/{self.host}"


def check_token(token: str, what: str) -> None:
    """Refuse a name that may not be a part of a topic.

    Args:
        token: Group, node, device or host.
        what: Which of them, for the error.

    Raises:
        InvalidTopicError: it is empty, holds ``+ / #`` or NUL, or cannot be encoded as UTF-8.
    """
    if not token:
        raise InvalidTopicError(f"the {what} is empty")
    if not _FORBIDDEN.isdisjoint(token):
        raise InvalidTopicError(f"the {what} {token!r} holds one of + / # or NUL")
    try:
        token.encode()
    except UnicodeEncodeError as error:
        raise InvalidTopicError(f"the {what} {token!r} is not UTF-8") from error


@lru_cache(maxsize=_REMEMBERED_TOPICS)
def parse(text: str) -> Topic | StateTopic:
    """Read a topic.

    Raises:
        InvalidTopicError: it does not follow the grammar.
    """
    match text.split("/"):
        case [namespace, *_] if namespace != NAMESPACE:
            raise InvalidTopicError(f"{text!r} does not begin with {NAMESPACE}/")
        case [_, kind, host] if kind == _STATE:
            return StateTopic(host)
        case [_, group, verb, node]:
            return Topic(group, _verb(verb), node)
        case [_, group, verb, node, device]:
            return Topic(group, _verb(verb), node, device)
        case _:
            raise InvalidTopicError(f"{text!r} does not have the parts of a Sparkplug topic")


def _verb(text: str) -> Verb:
    try:
        return Verb(text)
    except ValueError as error:
        raise InvalidTopicError(f"{text!r} is not a Sparkplug message type") from error

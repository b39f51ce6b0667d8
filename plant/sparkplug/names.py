"""Metric names that belong to the protocol itself."""

BD_SEQ = "bdSeq"
"""Counts the connections of an edge node, modulo 256; it ties an NDEATH to its NBIRTH."""
REBIRTH = "Node Control/Rebirth"
"""Written by a host to ask for all births again. Never has an alias."""

SEQUENCE_MODULUS = 256
"""Both ``seq`` and bdSeq run from 0 to 255."""

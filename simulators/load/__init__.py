"""A load generator: very many edge nodes that say nothing of interest, at a steady rate, and an honest report.

::

    schedule.py ── messages due ──▶ signals.py ── new values ──▶ records.py ── bodies ──▶ node.py ── MQTT ──▶ broker
     every few ms                   random walks                 protobuf as arrays       1 connection each

Each edge node has a connection of its own and a whole Sparkplug session: will, births with aliases, sequence numbers,
rebirth on demand. Only the bodies of DATA are not made metric by metric, but as one array for all messages of a moment.
"""

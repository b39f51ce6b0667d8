"""Third-party MQTT devices: a second connection whose messages are acknowledged when their values are durable.

::

    MQTT broker (topics of the mappings)          persistent session, QoS 1, manual acknowledgement
        │ payload                    ▲ PUBACK
        ▼                            │
    link.py ── delivery ─────────────┼──────────────┐
        │                            │              │
        ▼                            │              ▼
    feed.py ── values of tags ─▶ pipeline ── batch with receipts ─▶ buffer ─▶ historian, or spool
        │        │                   ▲                                │
        │        └─▶ silence.py ─────┘ stale rows                     └── kept: on_secured ──▶ link.py
        ▼
    quarantine                   nodes.py: gateways behind which there are devices alone

What a message means is for `plant.mapping` to say; from the pipeline on, its values are like all others.
"""

"""Collectors: from the MQTT broker to the historian and to the unified namespace.

::

    MQTT broker (spBv1.0/<site>/#)                                             one thread: an asyncio loop
        │ payloads
        ▼
    host.py        one connection; the host session of plant.sparkplug decodes, orders, asks for rebirths
        │ births                     │ values by row of the birth           │ deaths
        ▼                            ▼                                      ▼
    binding.py ── tag indices ─▶ intake.py   lists grow for 20 ms ◀── one stale row per tag
                                     │ columns
                                     ▼
                                 validation.py   absurd times go, wrong values become bad ──▶ quarantine.py
                                     │ columns
                    ┌────────────────┴──────────────┐
                    ▼                               ▼
                 live.py                        buffer.py    bounded, oldest first       second thread
                    │ units that changed            │ batches of <= 0.25 s
                    ▼                               ▼
                 coalescing.py                  writer.py    retries, counts ──▶ historian
                    │ at most every 200 ms          │ what is durable               third thread
                    ▼                               ▼
                 publisher.py                   tiers.py     minutes and hours ──▶ historian
                    │ retained JSON                 │ tiers are made                fourth thread
                    │                               ▼
                    │◀── kpi, once a minute ──── production.py   production minutes ──▶ historian
                    ▼
    MQTT broker (df/v1/<enterprise>/...)

Third-party devices come over a second connection (`devices/`), which feeds the same intake and acknowledges messages
when their values are in the historian or in the spool.

Values that are historical (replayed after an outage) go to the right only: they are stored, never shown as current.
`collector.Collector` wires the parts, `thread.CollectorThread` runs it inside another process, ``python -m collectors``
runs it alone. Every part is one file with one public thing; README.md lists them with their metrics and settings.
"""

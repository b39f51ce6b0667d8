"""Data quality of tags: what is wrong with the readings of each tag and hour, and what that costs.

::

    readings ──▶ detector.py ── defects (hour, tag, cause, amount) ──▶ score.py ──▶ 0 to 100 for each tag and site
                 │  limits.py   what is allowed, from the model          ▲            │
                 ├─ frozen.py   the same digits although it is told     hour rows     ▼
                 └─ spikes.py   there and back at once                  (gaps)      record.py   events of the historian

Pure: no clock, no store. `collectors.quality` feeds it and keeps what comes out; docs/quality.md explains the figures.
"""

"""The embedded historian: one DuckDB file, one writer thread, a cursor per reader.

::

    write, write_tier, write_events,           raw, held, latest, tier,
    delete, expire                             events, span
        │ a job and its future                     │
        ▼                                          ▼
    Writer: one thread, group commit           Readers: a pool of cursors
        └───────────────┬──────────────────────────┘
                        ▼
                 historian.duckdb  (raw, m1, h1, events, tags)

Rows hold a small id instead of the tag's name; the table ``tags`` gives the id of each `Tag.storage`. An id is given at
the first write and never changes, so renaming or retiring a tag leaves its history readable.
"""

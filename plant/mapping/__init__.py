"""Third-party MQTT devices in the words of the model: a mapping file says what their messages mean.

::

    mapping.yaml ── load.py ──▶ Mapping (rules)          one message
                                    │                        │ topic, payload, time of arrival
                                    ▼                        ▼
                                translate.py ── which rules? which unit? which metric? when? how good?
                                                             │
                                       ┌─────────────────────┴────────────┐
                                       ▼                                  ▼
                                 MappedValue of a tag              Refused, with its reason

Pure: no MQTT, no clock. ``factory mapping test`` shows what comes out, `collectors.devices` feeds it to the pipeline,
docs/mapping.md explains the file.
"""

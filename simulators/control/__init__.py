"""The control channel: an engineer steers running simulators over the broker, apart from everything that plants say.

::

    df-sim/v1/<name>/cmd      QoS 1, not retained   requests with an id and a time after which they are void
    df-sim/v1/<name>/result   QoS 1, not retained   one sentence an answer
    df-sim/v1/<name>/status   retained, each second how the simulators are; the will says that they are gone

It is a means of the simulators alone. Collectors and dashboards neither read nor write it, as no real plant has it.
"""

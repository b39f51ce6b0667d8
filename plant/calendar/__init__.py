"""When plants are to run: production days, shifts and planned busy time, in UTC ms (docs/calendar.md).

::

    instants.py       local date and time -> UTC ms, on the nights of a clock change too
    spans.py          stretches of time: parts that tile a window
    work_calendar.py  a site's production days, weeks, months and shifts
    planned.py        of a line: planned busy, or break, unmanned shift, holiday, maintenance
    shift_targets.py  how many shifts of work are planned for a window
    group.py          the same production day in all zones of a group
"""

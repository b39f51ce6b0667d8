"""The engineer's command line: look, break, mend and load; `python -m simulators --help`."""

"""Run one of our modules as a supervised child: ``python -m factory.child simulators --sites minsk``.

The supervisor holds the other end of our standard input. When it is gone, however it went, we end as if asked to, so
that no broker and no simulator outlives `factory up`.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

MODULES = ("factory.broker", "factory.fill", "factory.serve", "simulators", "collectors", "dashboard")

DRAIN_S = 15.0
"""Time to drain after the parent has gone, before the process is ended whatever it does."""


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):  # not the buffered file: its lock would outlive the main thread
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN_S)
    os._exit(1)  # what hangs must not outlive its parent either


def main(arguments: list[str]) -> None:
    """Run the module that `arguments` name, with the rest as its own command line."""
    module, *rest = arguments
    if module not in MODULES:
        raise SystemExit(f"'{module}' is no child of ours; choose from {', '.join(MODULES)}")
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The signals that ask a run to end: Ctrl-C, what CI systems cancel with, a terminal that is closed."""

from __future__ import annotations

import signal

# Windows has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

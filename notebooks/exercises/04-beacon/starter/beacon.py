"""The light at the harbour's mouth: on until it is told to end. It needs the lamp that start.sh makes ready."""

import signal
import sys
from pathlib import Path


def end(*_):
    print("The light is off.", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
print(f"The light is on: {Path('/tmp/lamp').read_text().strip()}.", flush=True)
while True:
    signal.pause()

"""The harbour's bell. python3 bell.py rings as often as RINGS says, then waits until it is told to end."""

import os
import signal
import sys

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(f"User {os.getuid()} rings {os.environ.get('RINGS', 'no')} times in {os.getcwd()}.", flush=True)
while True:
    signal.pause()

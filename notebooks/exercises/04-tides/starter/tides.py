"""The second high water of the day. python3 tides.py reads tides.csv from the folder that it is started in."""

import csv
import os
import sys
from pathlib import Path

from humanize import ordinal

harbour = os.environ.get("HARBOUR", "")
if not harbour:
    sys.exit("HARBOUR is not set: which harbour is it?")
with Path("tides.csv").open(encoding="utf-8", newline="") as file:
    times = {row["harbour"]: row["second"] for row in csv.DictReader(file)}
print(f"The {ordinal(2)} high water at {harbour} is at {times[harbour]}.")

"""The harbour's logbook: adds a line to /logbook/pages/log.txt, and says which user wrote it."""

import os
from pathlib import Path

page = Path("/logbook/pages/log.txt")
with page.open("a", encoding="utf-8") as file:
    file.write("A ship came in.\n")
print(f"User {os.getuid()} wrote line {len(page.read_text(encoding='utf-8').splitlines())}.")

"""Storm warnings of one harbour, as a web page. What it needs: README.md."""

import csv
import hmac
import os
import signal
import socketserver
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler

PORT = 8000
LOG = "/var/log/storm/storm.log"
BERTHS = 12


def warnings():
    """The mark of today's warnings, and the wind of each area."""
    with open("warnings/today.csv", encoding="utf-8", newline="") as file:
        (_, mark), *rows = csv.reader(file)
    return mark, rows


def signature(text):
    """Shows that a page comes from somebody who has the harbour's token."""
    token = os.environ.get("STORM_TOKEN", "")
    return hmac.new(token.encode(), text.encode(), "sha256").hexdigest()[:16] if token else "none"


def opened():
    """The log; None where it can't be written."""
    try:
        return open(LOG, "a", encoding="utf-8", buffering=1)
    except OSError as error:
        print(f"storm: no log: {error}", flush=True)
        return None


def note(line):
    """One more line in the log."""
    if log is not None:
        log.write(f"{line}\n")


class Page(BaseHTTPRequestHandler):
    """Answers with the warnings of today."""

    def do_GET(self):
        while os.environ.get("DRILL") == "hang":
            time.sleep(1)
        note(f"page {self.path}, as user {os.getuid()}")
        mark, winds = warnings()
        lines = [f"Warnings {mark}", *(f"{area}: wind force {force}" for area, force in winds)]
        lines += [f"Page: {self.path}", f"Signature: {signature(self.path)}", ""]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write("\n".join(lines).encode())

    def log_message(self, *_):
        """The log has its own words."""


class Server(socketserver.ThreadingTCPServer):
    """A thread for each call. None of them keeps the service from ending."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    warnings()
    log = opened()
    for _ in range(BERTHS):
        subprocess.run(["sh", "-c", "sleep 0.2 &"], check=True)  # the bell; the shell that starts it ends at once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(("0.0.0.0", PORT), Page) as server:
        try:
            print(f"storm: process {os.getpid()}, user {os.getuid()}, open on port {PORT}", flush=True)
            server.serve_forever()
        finally:
            note("closed")
            print("storm: log closed, ended", flush=True)

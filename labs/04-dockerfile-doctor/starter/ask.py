"""Asks the storm service beside it for a page: exit code 0 if one comes, 1 if not. It waits as long as it takes."""

import http.client
import sys

call = http.client.HTTPConnection("127.0.0.1", 8000)
try:
    call.request("GET", "/")
    answer = call.getresponse()
except OSError as error:
    sys.exit(f"ask: {error}")
sys.exit(0 if answer.status == 200 else f"ask: status {answer.status}")

"""Containers from the engine's rows."""

from __future__ import annotations

import pytest

from helpers.engine import container_list


@pytest.mark.parametrize(
    "command",
    [
        ("sleep", "60"),
        ("sh", "-c", "echo hello; exec sleep 600"),
        ("sh", "-c", "trap 'exit 143' TERM; sleep 60 & wait"),
        ("sh", "-c", "echo 'Hello from port 8080' > /tmp/index.html; exec httpd -f -v -p 8080 -h /tmp"),
        ("a b", "c d", "e"),
        ("echo", "it's"),
        ("echo",),
        (),
    ],
)
def test_a_listed_command_is_taken_apart_as_it_was_put_together(command: tuple[str, ...]) -> None:
    listed = " ".join(f"'{word}'" if " " in word else word for word in command)  # as the engine does
    assert container_list.listed({"Id": "a", "Command": listed}).command == command


def test_a_command_that_is_cut_off_harms_nothing() -> None:
    assert container_list.listed({"Id": "a", "Command": "sh -c 'echo a"}).command == ("sh", "-c", "'echo", "a")

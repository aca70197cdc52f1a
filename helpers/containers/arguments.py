"""What a learner gives to a verb of `helpers.containers`: an image, a command, a name, ports."""

from __future__ import annotations

from collections.abc import Iterable

from helpers.engine.model.image import reference_of
from helpers.engine.ownership import labels
from helpers.errors import WrongUse


def checked(image: object, command: Iterable[object]) -> str:
    """The image's reference, once image and command have the right form. Raises: WrongUse."""
    reference = reference_of(image)
    for word in command:
        if isinstance(word, tuple | list):
            raise WrongUse(
                f"{word!r} is not a word of a command.",
                "each word is a separate argument",
                "Put a * in front, which unpacks the words: containers.start(BUSYBOX, *WORDS, name=…)",
            )
        if not isinstance(word, str):
            raise WrongUse(
                f"{word!r} is not a word of a command.",
                "each word is a separate argument, in quotes",
                'For example: containers.run(BUSYBOX, "sleep", "5")',
            )
    return reference


def named(name: str, verb: str) -> None:
    """Refuses a missing name, and one of another form. Raises: WrongUse."""
    if not name:
        raise WrongUse(
            "A container that stays needs a name.", "none was given", f'For example: {verb}(IMAGE, name="web")'
        )
    labels.word(name)


def ports(publish: int | Iterable[int]) -> list[int]:
    """The ports inside that are to be published. Raises: WrongUse."""
    found = [publish] if isinstance(publish, int | str) else list(publish)
    for port in found:
        if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
            raise WrongUse(
                f"{port!r} is not a port.", "a port is a whole number from 1 to 65535", "For example: publish=8080"
            )
    return [port for port in found if isinstance(port, int)]

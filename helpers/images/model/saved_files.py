"""An image as a file: what was saved, what came back, and whether both are the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.engine.model.image import Held, Named
from helpers.oci.saved import Layer


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One image in a file.

    name: the learner's word for it. reference: the name in the file, or the config's digest if it has none. size: bytes
    of the file. config, platform, layers, names: read from the file itself. ours: its names are as
    the course draws them for this learner, or it carries this learner's labels.
    source: the image as the engine held it when it was saved; None for a file that was only read.
    """

    path: Path
    size: int
    name: str
    reference: str
    config: str
    platform: str
    layers: tuple[Layer, ...]
    names: tuple[str, ...]
    ours: bool = False
    source: Held | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A parcel beside what an engine holds after loading it.

    before: what this engine held before; None if that is not known. after: what the engine that loaded it holds.
    had: the very same image was there under its name already.
    """

    parcel: Parcel
    before: Held | None
    after: Held
    had: bool = False

    @property
    def same_config(self) -> bool:
        """True if the config's digest is the file's."""
        return self.after.config == self.parcel.config

    @property
    def different_layers(self) -> tuple[int, ...]:
        """Numbers of the layers, from 1 at the bottom, that differ, are missing, or are there beyond the file's."""
        ours, theirs = [layer.id for layer in self.parcel.layers], list(self.after.layers)
        length = max(len(ours), len(theirs))
        ours += [""] * (length - len(ours))
        theirs += [""] * (length - len(theirs))
        return tuple(n for n, (a, b) in enumerate(zip(ours, theirs, strict=True), start=1) if a != b)

    @property
    def unchanged(self) -> bool:
        """True if config and layers are those of the file."""
        return self.same_config and not self.different_layers


@dataclass(frozen=True, kw_only=True)
class Loaded(Named, Comparison):
    """An image that came out of a file.

    engine_platform: what the engine runs, "linux/amd64".
    """

    engine_platform: str = ""

    @property
    def fits(self) -> bool:
        """True if the image is for the engine's platform."""
        return self.parcel.platform == self.engine_platform


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run of the command. sha256: of its standard output, hex; of a long one, of its last megabyte."""

    exit_code: int
    sha256: str
    long: bool = False


@dataclass(frozen=True, kw_only=True)
class Journey(Comparison):
    """A parcel carried into an engine and, compared, taken away from there again.

    address: of the second engine; empty if it was this one. version: that engine's. command: what ran on both; empty
    if nothing did. here: its run on this engine; None if this engine did not have the image. there: on the other.
    stayed: what was brought and is still there, with the reason; normally nothing.
    """

    address: str = ""
    version: str = ""
    command: tuple[str, ...] = ()
    here: Ran | None = None
    there: Ran | None = None
    stayed: tuple[str, ...] = ()

    @property
    def same_output(self) -> bool | None:
        """True if both runs gave the same exit code and output; None if there are no two."""
        return None if self.here is None or self.there is None else self.here == self.there

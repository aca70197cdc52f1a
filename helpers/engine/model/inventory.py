"""What is on the engine, the course's and everybody else's; and what was removed."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("container", "image", "network", "volume")
REMOVES = {"container": "rm --force", "network": "network rm", "volume": "volume rm", "image": "rmi"}  # docker's words


@dataclass(frozen=True, kw_only=True)
class Owned:
    """One object of the course. scene: the chapter or lab that made it."""

    kind: str
    id: str
    name: str
    scene: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One object that carries the course's labels without proof that the course made it for this learner.

    whose: as far as the labels tell, in words. state: of a container, such as "running"; "" otherwise.
    """

    kind: str
    id: str
    name: str
    whose: str
    state: str = ""

    def as_text(self) -> str:
        """One line."""
        return "  ".join(word for word in (f"{self.kind:<9} {self.name}", self.state, self.whose) if word)


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What carries the course's labels and is not proved.

    probably: the course made it, for somebody. inherited: somebody made it from an image of the course's or from one of
    its containers; that is listed only.
    """

    probably: tuple[Claim, ...]
    inherited: tuple[Claim, ...] = ()

    def as_text(self) -> str:
        """A line for each object under the two headings; "" if there is none."""
        lines = []
        if self.probably:
            lines.append("Probably the course's; the journal of this account does not prove it:")
            lines += [f"  {claim.as_text()}" for claim in self.probably]
        if self.inherited:
            lines.append("Made from course images, not by the course (never removed by it):")
            lines += [f"  {claim.as_text()}" for claim in self.inherited]
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """Counts by kind, and the course's own objects by name.

    others: per kind, how many objects are not the course's: the engine's own networks and everybody's work.
    base_images: references of the course's base images that are there; they stay when the course cleans up.
    """

    mine: tuple[Owned, ...]
    others: dict[str, int]
    base_images: tuple[str, ...] = ()

    def count(self, kind: str) -> int:
        """How many objects of `kind` are the course's."""
        return sum(1 for owned in self.mine if owned.kind == kind)


@dataclass(frozen=True, kw_only=True)
class Removed:
    """What a clean-up took away, and what it could not. kept: (object, the engine's reason)."""

    gone: tuple[Owned, ...]
    kept: tuple[tuple[Owned, str], ...] = ()

    def as_text(self) -> str:
        """Sentences; names in the order they went."""
        if not self.gone and not self.kept:
            return "There was nothing of the course to remove."
        lines = []
        for kind in KINDS:
            names = [owned.name for owned in self.gone if owned.kind == kind]
            if names:
                word = kind if len(names) == 1 else kind + "s"
                lines.append(f"Removed {len(names)} {word}: {_listed(names)}.")
        lines.extend(f"Could not remove {owned.kind} {owned.name}: {reason}" for owned, reason in self.kept)
        return "\n".join(lines)


def _listed(names: list[str]) -> str:
    """The names; what has none, as the steps of a build, is counted."""
    named = [name for name in names if not name.startswith("sha256:")]
    rest = len(names) - len(named)
    return ", ".join([*named, *([f"{rest} without a name, from the steps of builds"] if rest else [])])

"""What a check may ask about an image's layers: what they store, what is hidden in them, what two images share."""

from __future__ import annotations

from helpers.engine import images
from helpers.lab.look import Look
from helpers.layers.engine import analysis
from helpers.layers.model.analysis import Analysis, Hidden
from helpers.layers.model.sharing import beginning


class Layers:
    """Layers, as a check needs them. Images are named by the learner's words."""

    def __init__(self, look: Look) -> None:
        self._client, self._find = look.client, look.id_of

    def analyse(self, name: str) -> Analysis:
        """The image taken apart. Raises: NoSuchImage."""
        return analysis.analyse(self._client, self._find(name))

    def text(self, name: str, path: str, layer: int) -> str:
        """What a file holds as one layer stores it. Raises: WrongUse if that layer stores no such file."""
        return analysis.text(self._client, self.analyse(name), path, layer).text

    def ids(self, name: str) -> tuple[str, ...]:
        """The ids of the layers, the lowest first. Raises: NoSuchImage."""
        return images.diff_ids(images.inspect(self._client, self._find(name)))

    def own(self, name: str, base: str) -> int:
        """The index of the first step that is not the base image's; 0 if the image is not built on it."""
        count = beginning(self.ids(name), self.ids(base))
        if count < len(self.ids(base)):
            return 0
        made = [layer.index for layer in self.analyse(name).made]
        return made[count - 1] + 1 if count else 0

    def hidden(self, name: str, base: str) -> tuple[Hidden, ...]:
        """What the image hides of its own: not what its base image had hidden already. The largest first."""
        first = self.own(name, base)
        return tuple(one for one in self.analyse(name).hidden if one.hidden_by >= first)

    def size(self, name: str, base: str) -> int:
        """Bytes of the files that the image's own layers store."""
        first = self.own(name, base)
        return sum(layer.size for layer in self.analyse(name).layers if layer.index >= first)

    def common(self, one: str, other: str) -> int:
        """How many layers the two have in common, from the lowest up."""
        return beginning(self.ids(one), self.ids(other))

    def single(self, one: str, other: str) -> int:
        """How many layers of `one` are anywhere in `other`: what a registry need not be sent."""
        there = set(self.ids(other))
        return sum(id in there for id in self.ids(one))

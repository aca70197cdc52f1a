"""Chapter 03: where engines differ, and what holds on which."""

from helpers.lab.model.difference import Difference, Variant

DIFFERENCES = (
    Difference(
        id="03-stored",
        question="In what form does the engine keep a layer?",
        by=("containerd_store",),
        variants=(
            Variant(
                on="Docker with the classic image store, and Podman",
                fits=lambda engine: engine.podman or not engine.containerd_store,
                text="Unpacked only. The equal layers of `hs-one` and `hs-two` are on this disk twice, since they lie "
                "on different ones. A pull fetches everything above the common base layers.",
            ),
            Variant(
                on="Docker with the containerd image store",
                fits=lambda engine: not engine.podman and engine.containerd_store,
                text="In two forms. Packed, under its digest, as in a registry: once for both `hs-one` and `hs-two`. And "
                "unpacked: twice, since the two lie on different layers. So an image takes more room here than its files do, "
                "and a pull fetches only the packed layers that are not there yet.",
            ),
        ),
    ),
)

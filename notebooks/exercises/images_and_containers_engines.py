"""Chapter 02: where engines differ, and what holds on which."""

from helpers.lab.model.difference import Difference, Variant

DIFFERENCES = (
    Difference(
        id="02-image-id",
        question="What is an image's id computed from?",
        by=("containerd_store",),
        variants=(
            Variant(
                on="Docker with the classic image store, and Podman",
                fits=lambda engine: engine.podman or not engine.containerd_store,
                text="From the config: the id is the config digest of chapter 01. The same settings and layers have the same "
                "id on every engine of this kind.",
            ),
            Variant(
                on="Docker with the containerd image store",
                fits=lambda engine: not engine.podman and engine.containerd_store,
                text="From the manifest, or from the index above it. They list the layers as packed, and often a "
                "record of the build. So the id is not the config digest of chapter 01, and a new build may change it "
                "even if every step came from the cache.",
            ),
        ),
    ),
)

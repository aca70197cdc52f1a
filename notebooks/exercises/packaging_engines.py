"""Chapter 01: where engines differ, and what holds on which."""

from helpers.lab.model.difference import Difference, Variant

DIFFERENCES = (
    Difference(
        id="01-builder",
        question="Who builds, when you type `docker build`?",
        by=("buildkit",),
        variants=(
            Variant(
                on="Docker, if the docker command has its plugin buildx",
                fits=lambda engine: not engine.podman and engine.buildkit,
                text="BuildKit, for the helpers and in the terminal: `docker build` hands the work to it through the "
                "plugin buildx. (A docker command before 23.0 does so only where `DOCKER_BUILDKIT=1` is set.)",
            ),
            Variant(
                on="Docker without buildx",
                fits=lambda engine: not engine.podman and not engine.buildkit,
                text="The classic builder, for the helpers and in the terminal. It is deprecated, and a docker command "
                "since 23.0 says so each time.",
            ),
            Variant(
                on="Podman",
                fits=lambda engine: engine.podman,
                text="Buildah, the builder of Podman. The helpers reach it through the classic builder's interface.",
            ),
        ),
    ),
)

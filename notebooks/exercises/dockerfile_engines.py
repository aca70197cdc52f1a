"""Chapter 04: where engines differ, and what holds on which."""

from helpers.lab.model.difference import Difference, Variant

DIFFERENCES = (
    Difference(
        id="04-steps",
        question="Where does a RUN of your builds run?",
        by=("buildkit",),
        variants=(
            Variant(
                on="Docker, where BuildKit builds",
                fits=lambda engine: not engine.podman and engine.buildkit,
                text="In a container that BuildKit makes for that instruction alone. The engine does not list it, neither in "
                "`docker ps` nor among its events.",
            ),
            Variant(
                on="Docker, where the classic builder builds",
                fits=lambda engine: not engine.podman and not engine.buildkit,
                text="In an ordinary container that the engine makes for that instruction alone, and removes after it. You "
                "can see it in `docker ps` meanwhile, and among the events.",
            ),
            Variant(
                on="Podman",
                fits=lambda engine: engine.podman,
                text="In a container that Buildah, Podman's builder, makes for that instruction alone.",
            ),
        ),
    ),
    Difference(
        id="04-port",
        question="May a user other than root listen on port 80 in a container?",
        by=(),
        variants=(
            Variant(
                on="Docker",
                fits=lambda engine: not engine.podman,
                text="Yes. Since version 20.10 the engine lowers the limit in each container's network namespace: "
                "`net.ipv4.ip_unprivileged_port_start` is 0 there. With `--network host` the host's own limit holds, which is "
                "usually 1024.",
            ),
            Variant(
                on="Podman",
                fits=lambda engine: engine.podman,
                text="No, unless somebody lowers the limit, with `--sysctl net.ipv4.ip_unprivileged_port_start=0`. A port from "
                "1024 on works everywhere.",
            ),
        ),
    ),
)

"""Chapter 06: where engines differ, and what holds on which."""

from helpers.lab.model.difference import Difference, Variant

DIFFERENCES = (
    Difference(
        id="06-time",
        question="Does a container have a time namespace of its own?",
        by=(),
        variants=(
            Variant(
                on="Docker since 29.5",
                fits=lambda engine: not engine.podman and engine.number >= (29, 5),
                text="Yes. Its clocks show the same time as the host's: the point is to close a hidden channel "
                "between containers. (No, if the kernel is older than Linux 5.6, or the engine was started with "
                "`--feature time-namespaces=false`.)",
            ),
            Variant(
                on="Docker before 29.5, and Podman",
                fits=lambda engine: engine.podman or engine.number < (29, 5),
                text="No: all containers share the host's. Linux has had this kind since 5.6, but the engine does not ask for it.",
            ),
        ),
    ),
    Difference(
        id="06-shares",
        question="What does the kernel turn 2048 and 512 shares into?",
        by=("cgroup", "runc"),
        variants=(
            Variant(
                on="cgroup version 1",
                fits=lambda engine: engine.cgroup == 1,
                text="`cpu.shares` holds exactly these numbers, 2048 and 512. So `hs-light` gets a fifth: one part of "
                "five.",
            ),
            Variant(
                on="cgroup version 2, runc before 1.3.2",
                fits=lambda engine: engine.cgroup == 2 and () < engine.runc_number < (1, 3, 2),
                text="`cpu.weight` holds 79 and 20. So `hs-light` gets a fifth.",
            ),
            Variant(
                on="cgroup version 2, runc since 1.3.2",
                fits=lambda engine: engine.cgroup == 2 and engine.runc_number >= (1, 3, 2),
                text="`cpu.weight` holds 174 and 59, by a newer rule. So `hs-light` gets a quarter.",
            ),
            Variant(
                on="cgroup version 2, another runtime",
                fits=lambda engine: engine.cgroup == 2 and not engine.runc_number,
                text="`cpu.weight` holds 79 and 20, a fifth for `hs-light`, or by the newer rule 174 and 59, a quarter. crun "
                "has the newer one since 1.23.",
            ),
        ),
    ),
)

"""Chapter 08: where engines differ, and what holds on which."""

from helpers.engine.model.location import Where
from helpers.lab.model.difference import Difference, Variant

DIFFERENCES = (
    Difference(
        id="08-dns",
        question="Where does the DNS server of a network answer?",
        by=(),
        variants=(
            Variant(
                on="Docker",
                fits=lambda engine: not engine.podman,
                text="At `127.0.0.11`, in the network namespace of each container on a network that somebody made.",
            ),
            Variant(
                on="Podman",
                fits=lambda engine: engine.podman,
                text="At the network's gateway, where Podman's DNS server, aardvark-dns, listens.",
            ),
        ),
    ),
    Difference(
        id="08-host",
        question="Does your computer reach a container at its address?",
        by=("rootless", "where"),
        variants=(
            Variant(
                on="an engine on this computer, not rootless",
                fits=lambda engine: engine.where is Where.THIS_COMPUTER and not engine.rootless,
                text="Yes. Your computer is the engine's host, and has an address on each network.",
            ),
            Variant(
                on="a rootless engine on this computer",
                fits=lambda engine: engine.where is Where.THIS_COMPUTER and engine.rootless,
                text="No. The networks of a rootless engine are in a network namespace of the engine's own, and your programs are "
                "not in it. Published ports lead in.",
            ),
            Variant(
                on="an engine in a virtual machine, such as Docker Desktop's, or on another computer",
                fits=lambda engine: engine.where in (Where.VIRTUAL_MACHINE, Where.REMOTE),
                text="Usually not. The engine's host is that other machine, and these addresses are known only there. "
                "Published ports lead in, as far as they are forwarded to you.",
            ),
            Variant(
                on="a notebook that runs in a container itself",
                fits=lambda engine: engine.where is Where.BESIDE_A_CONTAINER,
                text="Your programs here are in a container, too: they reach those that are on a network with it.",
            ),
        ),
    ),
    Difference(
        id="08-loopback",
        question="Who can reach a port published on 127.0.0.1?",
        by=("rootless", "where"),
        variants=(
            Variant(
                on="Docker Desktop",
                fits=lambda engine: engine.desktop and not engine.podman,
                text="Your computer, and no other. Docker Desktop forwards the port from its virtual machine to your 127.0.0.1.",
            ),
            Variant(
                on="Docker since 28.0",
                fits=lambda engine: (
                    not (engine.desktop or engine.podman or engine.rootless) and engine.number >= (28, 0)
                ),
                text="The engine's host, and no other machine. The engine drops packets that come in from a network for such a port.",
            ),
            Variant(
                on="Docker before 28.0",
                fits=lambda engine: (
                    not (engine.desktop or engine.podman or engine.rootless) and engine.number < (28, 0)
                ),
                text="The engine's host; and a computer on the same network segment, such as one in the same wireless "
                "network, if it sends specially made packets. An ordinary call does not get in. Docker 28.0 closed "
                "the gap (moby#45610); until you have it, publish nothing secret on a network that you don't trust.",
            ),
            Variant(
                on="rootless Docker",
                fits=lambda engine: engine.rootless and not (engine.desktop or engine.podman),
                text="The engine's host, and no other machine. An ordinary program listens there, and the kernel lets "
                "no packets from a network reach 127.0.0.1.",
            ),
            Variant(
                on="Podman",
                fits=lambda engine: engine.podman,
                text="The engine's host. This course has not tried whether Podman's rules keep everybody else out.",
            ),
        ),
    ),
)

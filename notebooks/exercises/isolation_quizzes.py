"""Chapter 06: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz


def options(*rows: tuple[str, bool, str]) -> tuple[Option, ...]:
    """Options with letters from a: text, whether it is right, why."""
    return tuple(
        Option(id=letter, text=text, right=right, explanation=why)
        for letter, (text, right, why) in zip("abcde", rows, strict=False)
    )


QUIZZES = (
    Quiz(
        id="06-q1",
        objective="06.1",
        question="A new container joins the network namespace of `hs-web`, `network=\"container:…\"`, and no other. What can it "
        "do that `hs-store` can't?",
        options=options(
            ("Reach web at 127.0.0.1.", True,
             'One network namespace has one 127.0.0.1. The grid under "Open a wall" shows it for `hs-spy`: the same letter in row `net`.'),
            ("Read web's files.", False,
             'Files are another kind, `mnt`. There is a way round by `/proc`, but only for who sees web\'s processes, as `hs-spy` does: '
             'it shares `pid`, too, under "Open a wall".'),
            ("Kill web's program.", False,
             "To send a signal it would have to see the process: kind `pid`. "
             'The grid under "Open a wall" shows that `hs-spy` does; the new one does not.'),
            ("Nothing: a wall can't be opened.", False,
             'The grid under "Open a wall" shows equal numbers, so there is no wall of that kind between them.'),
        ),
    ),
    Quiz(
        id="06-q2",
        objective="06.2",
        misconception=2,
        question="You work on the engine's host (on Docker Desktop: in its virtual machine). Can you see the processes of "
        "a container?",
        options=options(
            ("No: they are hidden in the container.", False,
             'The picture under "From inside and from outside" was read on the host: the process is there.'),
            ("Yes, with other numbers than inside.", True,
             'The host sees everything. Only the view from inside is cut: look under "From inside and from outside".'),
            ("Yes, with the same numbers.", False,
             'Inside it is process 1, and the host has a process 1 already. See "From inside and from outside".'),
            ("Only as one entry, for the whole container.", False,
             'Each process is listed. The tree under "From inside and from outside" shows them one by one.'),
        ),
    ),
    Quiz(
        id="06-q3",
        objective="06.3",
        misconception=37,
        question="A container has ended with exit code 137. What do you know?",
        options=options(
            ("It ran out of memory.", False,
             'Perhaps. Under "137 is a signal" one of two containers with 137 had memory to spare.'),
            ("It was ended by SIGKILL; State.OOMKilled and the engine's events tell more.", True,
             '137 is 128 + 9. The two pictures under "137 is a signal" differ only in OOMKilled and the order to kill.'),
            ("Its program has a fault and returned 137.", False,
             'A program may return any number, but 137 under "137 is a signal" came from outside of it.'),
            ("It was stopped by its limit of processes.", False,
             'That limit ends nothing. Under "Processes" new ones were refused, and the container went on.'),
        ),
    ),
    Quiz(
        id="06-q4",
        objective="06.4",
        misconception=1,
        question="A fault in the Linux kernel lets any program become root of the machine. Whom does it concern?",
        options=options(
            ("Only the engine's machine: each container has a kernel of its own.", False,
             '"Not a virtual machine" shows one version: there is one kernel.'),
            ("Every container on that machine: they all ask the same kernel.", True,
             'One kernel serves them all, as "Not a virtual machine" shows. That is what a virtual machine does better.'),
            ("Only containers without a memory limit.", False,
             'Limits say how much, not what. Under "Limits" nothing was about rights.'),
            ("Nobody: namespaces keep programs from the kernel.", False,
             'Namespaces cut the view; every program still asks the kernel for everything. See "What the kernel cuts off".'),
        ),
    ),
)  # fmt: skip

PREDICTIONS = (
    Prediction(
        id="06-p1",
        objective="06.1",
        question="Two containers run from one image. How many of the eight kinds of namespace do they share with each other?",
        outcome="Not process numbers, files, network, host name or IPC: each has its own. The user namespace is shared "
        "on most engines, the cgroup and the time namespace on some.",
        options=options(
            ("All eight: they come from one image.", False,
             "An image is files. Namespaces are made for each container when it starts."),
            ("Most are separate; one to three may be shared.", True,
             "Five are separate everywhere. The other three depend on the engine and how it is set up."),
            ("None: a container shares nothing.", False,
             "On most engines all containers share the user namespace, with the host, too: root inside is root outside."),
        ),
    ),
    Prediction(
        id="06-p2",
        objective="06.2",
        misconception=2,
        question="Inside, the program of `hs-store` is process 1. What will the engine's host say about it?",
        outcome="It is an ordinary process there, with another number, and a shim as its parent.",
        options=options(
            ("Nothing: the host can't see it.", False, "It is in the host's list, with all other processes."),
            ("It is an ordinary process with another number.", True, "One process, two numbers."),
            ("It is process 1 there, too.", False, "The host has a process 1 of its own already."),
        ),
    ),
    Prediction(
        id="06-p3",
        objective="06.3",
        misconception=27,
        question="`hs-store` may use 64 MiB of memory. What will `free` say inside about the total?",
        outcome="The memory of the engine's whole machine.",
        options=options(
            ("64 MiB, its limit.", False, "`free` reads /proc/meminfo, which no namespace cuts off."),
            ("The memory of the whole machine.", True, "So a program that sizes itself by it takes too much."),
            ("Nothing: it is not allowed to look.", False, "It may look, and sees too much."),
        ),
    ),
    Prediction(
        id="06-p4",
        objective="06.3",
        question="`hs-light` is given a quarter of the shares of `hs-heavy`, and both want all of one CPU. What does `hs-light` get?",
        outcome="Its weight out of both: a fifth of what the two get together, or a quarter, by how the engine turns shares into "
        "weights. The table \"In all\" reckons it from the weights that the kernel has here. Alone it would have got all of it.",
        options=options(
            ("Nothing, as long as heavy is busy.", False, "A weight is a share: the smaller one waits longer, not for ever."),
            ("Half: the kernel is fair.", False, "It is fair by weight."),
            ("The smaller part: its weight out of both.", True,
             "Two weights, and each gets its part of their sum, as long as both want the CPU."),
        ),
    ),
    Prediction(
        id="06-p5",
        objective="06.4",
        misconception=26,
        question="You are root in a container, with the default settings. How many of ten things that root may do on a "
        "machine will work?",
        outcome="Some do, some do not: root inside is neither harmless nor all-powerful.",
        options=options(
            ("All: root is root.", False, "Mounting, setting the clock and the like are refused: rights were taken away."),
            ("None: root inside is only a name.", False, "It reads other users' files and makes devices, to name two."),
            ("Some.", True, "The table shows which, and which setting takes away more."),
        ),
    ),
)  # fmt: skip

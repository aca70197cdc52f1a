"""Chapter 06: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="06-q1",
        objective="06.1",
        question='A new container joins the network namespace of `hs-web`, `network="container:…"`, and no other. '
        "What can it do that `hs-store` can't?",
        options=(
            Option(
                id="a",
                text="Reach the server in `hs-web` at 127.0.0.1.",
                right=True,
                explanation='One network namespace has one 127.0.0.1. The grid under "Open a wall" shows it for '
                "`hs-spy`: the same letter in row `net`.",
            ),
            Option(
                id="b",
                text="Read the files that `hs-web` has written.",
                right=False,
                explanation="Files are another kind, `mnt`. There is a way round through `/proc`, but only for a "
                'container that sees the processes of `hs-web`, as `hs-spy` does: it shares `pid`, too, under "Open a '
                'wall".',
            ),
            Option(
                id="c",
                text="Send a signal to the program in `hs-web`.",
                right=False,
                explanation='To send a signal it would have to see the process: kind `pid`. The grid under "Open a '
                'wall" shows that `hs-spy` does; the new one does not.',
            ),
            Option(
                id="d",
                text="Listen on the port that `hs-web` uses.",
                right=False,
                explanation="That is what it can't do, but `hs-store` can: one network namespace has one set of "
                'ports, and that port is taken. Compare the row `net` of the grid under "Open a wall".',
            ),
        ),
    ),
    Quiz(
        id="06-q2",
        objective="06.2",
        misconception=2,
        question="You work on the engine's host (on Docker Desktop: in its virtual machine). Can you see the "
        "processes of a container?",
        options=(
            Option(
                id="a",
                text="No: their namespace hides them from the host.",
                right=False,
                explanation="It hides others from the container, not the container from the host. The picture under "
                '"From inside and from outside" was read on the host, and the process is there.',
            ),
            Option(
                id="b",
                text="Yes, with numbers different from those inside.",
                right=True,
                explanation='The host sees everything. Only the view from inside is cut off: look under "From inside '
                'and from outside".',
            ),
            Option(
                id="c",
                text="Yes, with the same numbers as inside.",
                right=False,
                explanation="Inside it is process 1, and the host has a process 1 already. Compare the two columns "
                'under "From inside and from outside".',
            ),
            Option(
                id="d",
                text="Yes, as one entry for the whole container.",
                right=False,
                explanation='Each process is listed. The tree under "From inside and from outside" shows them one by '
                "one.",
            ),
        ),
    ),
    Quiz(
        id="06-q3",
        objective="06.3",
        misconception=37,
        question="`hs-orders` runs a shell as its first process, with 32 MiB of memory. The next morning it has "
        "ended, and you type this. What ended it?",
        output="""
$ docker inspect --format "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}" hs-orders
exited 137 true
$ docker events --since … --filter container=hs-orders --format '{{.Action}} {{index .Actor.Attributes "signal"}}'
create
start
oom
kill 15
kill 9
stop
die
""",
        options=(
            Option(
                id="a",
                text="The kernel: memory ran out, as `OOMKilled` says.",
                right=False,
                explanation="`OOMKilled` and `oom` say that some process was killed because memory ran out. The "
                'container kept running, as `hs-both` did under "137 is a signal": its `die` comes only after two '
                "signals.",
            ),
            Option(
                id="b",
                text="An order to stop: SIGTERM, and then SIGKILL.",
                right=True,
                explanation="`kill 15` asked, nothing happened in the grace period, and `kill 9` ended it: 137 is "
                '128 + 9. `oom` came before and hit another process, as in the time line of `hs-both` under "137 is '
                'a signal".',
            ),
            Option(
                id="c",
                text="Its own program, which returned 137 as an error.",
                right=False,
                explanation="137 is 128 + 9, and the event `kill 9` comes just before the end. The containers under "
                '"137 is a signal" were ended from outside, too.',
            ),
            Option(
                id="d",
                text="Its limit on processes, which it had reached.",
                right=False,
                explanation='That limit ends nothing. Under "Processes" new ones were refused, and the container kept '
                "running.",
            ),
        ),
    ),
    Quiz(
        id="06-q4",
        objective="06.4",
        misconception=1,
        question="Somebody finds a fault in the Linux kernel that lets any program become root on the machine. Which "
        "containers on that machine are affected?",
        options=(
            Option(
                id="a",
                text="None: each of them has a kernel of its own.",
                right=False,
                explanation='An image holds no kernel. Containers of two images gave the same version under "Not a '
                'virtual machine": there is one kernel.',
            ),
            Option(
                id="b",
                text="All: they all ask the same kernel.",
                right=True,
                explanation='One kernel serves them all: look under "Not a virtual machine". This is where a virtual '
                "machine gives better protection.",
            ),
            Option(
                id="c",
                text="Some: those whose program runs as root.",
                right=False,
                explanation="The fault makes any program root, whoever runs it. And there is one kernel for all of "
                'them, as the figure under "Not a virtual machine" shows.',
            ),
            Option(
                id="d",
                text="None: namespaces keep programs from the kernel.",
                right=False,
                explanation="Namespaces cut the view. Every program still asks the kernel for everything: look at the "
                'kinds under "What the kernel cuts off"; none of them is the kernel.',
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="06-p1",
        objective="06.1",
        question="Two containers run from one image. How many of the eight kinds of namespace do they share with "
        "each other?",
        outcome="Not process numbers, files, network, host name or IPC: each has its own. The user namespace is "
        "shared on most engines, the cgroup and the time namespace on some.",
        options=(
            Option(
                id="a",
                text="Six or more: only files and network are separate.",
                right=False,
                explanation="Process numbers, host name and IPC are separate, too: five kinds are.",
            ),
            Option(
                id="b",
                text="Three at most: the others are separate.",
                right=True,
                explanation="Five are separate everywhere. The other three depend on the engine and its set-up.",
            ),
            Option(
                id="c",
                text="Not one: a container is cut off as a whole.",
                right=False,
                explanation="On most engines all containers share the user namespace, with the host, too: root "
                "inside is root outside.",
            ),
        ),
    ),
    Prediction(
        id="06-p2",
        objective="06.2",
        misconception=2,
        question="Inside, the program of `hs-store` is process 1. What will the engine's host say about it?",
        outcome="It is an ordinary process there, with another number, and a shim as its parent.",
        options=(
            Option(
                id="a",
                text="It isn't in any list there: its namespace hides it.",
                right=False,
                explanation="It is in the host's list, with all other processes.",
            ),
            Option(
                id="b",
                text="It is in the list there, with another number.",
                right=True,
                explanation="One process, two numbers.",
            ),
            Option(
                id="c",
                text="It is in the list there, as process 1.",
                right=False,
                explanation="The host has a process 1 of its own already.",
            ),
            Option(
                id="d",
                text="It is not a process there, but part of `dockerd`.",
                right=False,
                explanation="It is a process of its own. Not even its parent is `dockerd`.",
            ),
        ),
    ),
    Prediction(
        id="06-p3",
        objective="06.3",
        misconception=27,
        question="`hs-store` may use 64 MiB of memory. What total will `free` show inside?",
        outcome="The memory of the engine's whole machine.",
        options=(
            Option(
                id="a",
                text="64 MiB: that is its limit.",
                right=False,
                explanation="`free` reads /proc/meminfo, which no namespace cuts off.",
            ),
            Option(
                id="b",
                text="More: all that the machine has.",
                right=True,
                explanation="So a program that sizes itself by that number takes too much.",
            ),
            Option(
                id="c",
                text="Less: what is left of its 64 MiB.",
                right=False,
                explanation="The total does not shrink. And `free` knows nothing about the 64 MiB.",
            ),
        ),
    ),
    Prediction(
        id="06-p4",
        objective="06.3",
        question="`hs-light` has a quarter of the shares of `hs-heavy`, and both want all of one CPU. How much does "
        "`hs-light` get?",
        outcome="A part in proportion to its weight: a fifth of what the two get together, or a quarter, depending on "
        'how the engine turns shares into weights. The table "In all" works it out from the weights the kernel has '
        "here. On its own it would have got all of it.",
        options=(
            Option(
                id="a",
                text="Nothing, as long as `hs-heavy` is busy.",
                right=False,
                explanation="A weight is a share: the smaller one waits longer, but not for ever.",
            ),
            Option(
                id="b",
                text="Half of it, as the kernel treats both alike.",
                right=False,
                explanation="It treats containers with the same weight alike, but these two have different weights.",
            ),
            Option(
                id="c",
                text="A smaller part, in proportion to its weight.",
                right=True,
                explanation="Each one's part is its weight divided by the sum of both, as long as both want the CPU.",
            ),
        ),
    ),
    Prediction(
        id="06-p5",
        objective="06.4",
        misconception=26,
        question="You are root in a container, with the default settings. One of these will work. Which one?",
        outcome="It read another user's private file. Mounting, the clock and the kernel's settings were refused: "
        "root inside is neither harmless nor all-powerful.",
        options=(
            Option(
                id="a",
                text="Mount a file system on a folder.",
                right=False,
                explanation="Mounting needs a capability that the engine does not hand out.",
            ),
            Option(
                id="b",
                text="Set the clock of the machine.",
                right=False,
                explanation="There is one clock for the whole machine. The right to set it has been taken away.",
            ),
            Option(
                id="c",
                text="Read another user's private file.",
                right=True,
                explanation="Inside, root keeps that right, by the capability `DAC_OVERRIDE`. The table shows which "
                "settings take it away.",
            ),
        ),
    ),
)

"""Chapter 01: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="01-q1",
        objective="01.1",
        question="Ana's error named bottle. She installs it and changes nothing else. What happens when she runs the "
        "shop again?",
        options=(
            Option(
                id="a",
                text="It runs: the error named what was missing.",
                right=False,
                explanation="It named the first thing that was missed, not everything. The figure of "
                '`packaging.compare` under "On three other computers" shows three gaps in her column.',
            ),
            Option(
                id="b",
                text="It fails with another error: now humanize is missing.",
                right=True,
                explanation="Python stops at the first import that fails. Look at her column in the figure of "
                '`packaging.compare` under "On three other computers": humanize and the goods are next.',
            ),
            Option(
                id="c",
                text="It fails with the same error, until the computer is started again.",
                right=False,
                explanation="Python looks for a library each time a program starts. Each error under "
                '"On three other computers" came from what was there at that moment.',
            ),
            Option(
                id="d",
                text="It runs, and the front page has no goods on it.",
                right=False,
                explanation="It does not get as far as the goods: the imports come first. And a missing file is an "
                'error, not an empty page. Look at Cleo\'s last line under "On three other computers".',
            ),
        ),
    ),
    Quiz(
        id="01-q2",
        objective="01.2",
        question="Ben runs the shop from the image, on the computer where his other program needs humanize 3.14.0. "
        "What becomes of that program?",
        options=(
            Option(
                id="a",
                text="It breaks: the image has replaced humanize with version 4.",
                right=False,
                explanation="Nothing was installed on Ben's computer. The image's libraries are files of the image: "
                'the `RUN` line under "Pack the user land, too" put them there, while it was built.',
            ),
            Option(
                id="b",
                text="It goes on as before: the container has a user land of its own.",
                right=True,
                explanation="Two versions in two user lands do not meet. So "
                'the answers under "The same answers everywhere" do not depend on what Ben has.',
            ),
            Option(
                id="c",
                text="It goes on, and the shop now uses version 3.14.0 as well, because Ben's comes first.",
                right=False,
                explanation="A container does not look into the user land of the computer it runs on. With 3.14.0 the "
                'shop would end with the error under "On three other computers"; it answers instead.',
            ),
            Option(
                id="d",
                text="Ben has to choose one version before he starts the container.",
                right=False,
                explanation="That is what he would have to do without an image. The figure under "
                '"The same answers everywhere" shows equal answers, and nobody had to choose.',
            ),
        ),
    ),
    Quiz(
        id="01-q3",
        objective="01.3",
        question="Two engines each have an image called `hs-shop:1`. How can you tell whether it is the same image?",
        options=(
            Option(
                id="a",
                text="By the name and the tag: they are the same.",
                right=False,
                explanation="A name can be given to any image. After you removed `hs-shop` under "
                '"Carry it", the name led nowhere; another image could have taken it.',
            ),
            Option(
                id="b",
                text="By the size: as many bytes, the same image.",
                right=False,
                explanation="Different files can have the same size, and engines count in different ways. The figure "
                'of `images.load` under "Carry it" compares checksums.',
            ),
            Option(
                id="c",
                text="By the config digest.",
                right=True,
                explanation="It is the checksum of the settings, and these list a checksum for each layer. Equal there "
                'means equal everywhere. Look at the figure of `images.load` under "Carry it".',
            ),
            Option(
                id="d",
                text="By the front page: the same page, the same image.",
                right=False,
                explanation="Different programs can print the same page. Equal answers, as under "
                '"The same answers everywhere", are what you want of an image, but they do not prove that it is '
                "the same one.",
            ),
        ),
    ),
    Quiz(
        id="01-q4",
        objective="01.4",
        misconception=35,
        question="You build an image on a laptop with an Intel CPU (`amd64`). A colleague loads it on a server with "
        "`arm64`. What happens when she starts a container?",
        options=(
            Option(
                id="a",
                text="It runs as on the laptop: that is what images are for.",
                right=False,
                explanation="An image carries the user land, not the CPU. Its program files hold instructions for "
                'amd64. Look at what your engine did with a foreign program under "The CPU".',
            ),
            Option(
                id="b",
                text="It is refused, or it runs emulated and slower.",
                right=True,
                explanation="Which of the two depends on whether somebody installed a translator on that machine. "
                'Look at the figure under "The CPU" for what yours does.',
            ),
            Option(
                id="c",
                text="Loading the image has translated it for the server.",
                right=False,
                explanation="Loading changes no byte: the digests before and after are equal, as the figure under "
                '"Carry it" shows. Emulation translates while a program runs, not before.',
            ),
            Option(
                id="d",
                text="It runs, because the image brings the kernel that it needs.",
                right=False,
                explanation='There is no kernel in an image: look at the empty folder under "The kernel". And a kernel '
                "would not change the CPU.",
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="01-p1",
        objective="01.1",
        question="On how many of the three computers does the shop run? If it fails more than once: is it the same "
        "error?",
        outcome="On none, with three different errors: a library is missing, a library has another version, a file is "
        "missing.",
        options=(
            Option(
                id="a",
                text="On two: all but Ana's, who has no libraries.",
                right=False,
                explanation="Ana's fails as you thought. Ben's version of humanize lacks what the shop imports, and "
                "Cleo was sent the program without its goods.",
            ),
            Option(
                id="b",
                text="On one: Cleo's, who has the same libraries as the developer.",
                right=False,
                explanation="The libraries are right, but the program also needs its goods: nobody mailed `goods.csv`.",
            ),
            Option(
                id="c",
                text="On none, and all three fail with the same error.",
                right=False,
                explanation="It runs on none, but read the last lines again: each names something else.",
            ),
            Option(
                id="d",
                text="On none, and each fails with an error of its own.",
                right=True,
                explanation="Each lacks something else, and an error names the first thing that was missed.",
            ),
        ),
    ),
    Prediction(
        id="01-p2",
        objective="01.3",
        question="You load the file again. What comes back?",
        outcome="The same image: the config digest before and after are equal.",
        options=(
            Option(
                id="a",
                text="The same image, and there is a way to prove it.",
                right=True,
                explanation="The config digest is the proof: it covers the settings, and through them every layer.",
            ),
            Option(
                id="b",
                text="A copy that behaves the same, with a digest of its own.",
                right=False,
                explanation="A digest is worked out from the content, so the same content has the same digest, "
                "wherever and whenever it is worked out.",
            ),
            Option(
                id="c",
                text="The image, and the three containers with it.",
                right=False,
                explanation="Only the image was saved. Containers stay where they were made; these were removed.",
            ),
        ),
    ),
    Prediction(
        id="01-p3",
        objective="01.4",
        question="`uname -r` prints the version of the kernel. The image `hs-shop` and the tiny busybox image have "
        "nothing in common. What will each of them print?",
        outcome="The same version twice: that of the engine's machine.",
        options=(
            Option(
                id="a",
                text="Two different versions: each image has its own.",
                right=False,
                explanation="No image has one. Its folder for the kernel, `/boot`, is empty.",
            ),
            Option(
                id="b",
                text="The same version twice.",
                right=True,
                explanation="All containers of an engine use one kernel, that of the engine's machine.",
            ),
            Option(
                id="c",
                text="A version for `hs-shop`, and an error for busybox, which is too small to have a kernel.",
                right=False,
                explanation="Neither has a kernel, large or small, and `uname` asks the one that is running.",
            ),
        ),
    ),
    Prediction(
        id="01-p4",
        objective="01.4",
        question="Three visitors came to `hs-counting`. You start a second container, `hs-fresh`, from the same image. What "
        "number will its first visitor have?",
        outcome="Number 1. The count was written into the first container, and the image did not change.",
        options=(
            Option(
                id="a",
                text="4: the image has counted three.",
                right=False,
                explanation="The image is read-only. `hs-counting` wrote into a writable layer of its own, and `hs-fresh` "
                "has another one.",
            ),
            Option(
                id="b",
                text="1: it begins anew.",
                right=True,
                explanation="Each container starts with the image's files, and keeps for itself what it writes.",
            ),
            Option(
                id="c",
                text="None: the second container can't start while the first one runs.",
                right=False,
                explanation="One image serves as many containers as you like: three of them ran from it before.",
            ),
        ),
    ),
)

"""Chapter 01: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="01-q1",
        objective="01.1",
        question="Ana's run ended like this. She installs bottle and changes nothing else. What happens when she "
        "runs the shop again?",
        output="""
…
  File "/shop/shop.py", line 15, in <module>
    import bottle
ModuleNotFoundError: No module named 'bottle'
""",
        options=(
            Option(
                id="a",
                text="It runs: the error named the library that was missing.",
                right=False,
                explanation="It named the first thing that was missing, not everything. The figure of "
                '`packaging.compare` under "On three other computers" shows three gaps in her column.',
            ),
            Option(
                id="b",
                text="It fails with another error: humanize is missing.",
                right=True,
                explanation="Python stops at the first import that fails. Look at her column in the figure of "
                '`packaging.compare` under "On three other computers": humanize and the goods are next.',
            ),
            Option(
                id="c",
                text="It fails with the same error until she restarts her computer.",
                right=False,
                explanation='Python looks for a library each time a program starts. Each error under "On three other '
                'computers" came from what was there at that moment.',
            ),
            Option(
                id="d",
                text="It runs, and its front page has no goods on it.",
                right=False,
                explanation="It doesn't get as far as the goods: the imports come first. And a missing file is an "
                'error, not an empty page. Look at Cleo\'s last line under "On three other computers".',
            ),
        ),
    ),
    Quiz(
        id="01-q2",
        objective="01.2",
        question="Ben runs the shop from the image, on the computer where his other program needs humanize 3.14.0. "
        "What happens to that program?",
        options=(
            Option(
                id="a",
                text="It breaks: the image has replaced humanize with version 4.",
                right=False,
                explanation="Nothing was installed on Ben's computer. The image's libraries are files of the image: "
                'the `RUN` line under "Pack the user land, too" put them there during the build.',
            ),
            Option(
                id="b",
                text="It runs as before: the container has its own user land.",
                right=True,
                explanation='Two versions in two user lands do not meet. So the answers under "The same answers '
                'everywhere" do not depend on what Ben has.',
            ),
            Option(
                id="c",
                text="It runs, and the shop now uses version 3.14.0 as well.",
                right=False,
                explanation="A container does not look into the user land of the computer it runs on. With 3.14.0 "
                'the shop would end with the error under "On three other computers"; it answers instead.',
            ),
            Option(
                id="d",
                text="It runs once Ben has chosen one of the two versions.",
                right=False,
                explanation='That is what he would have to do without an image. The figure under "The same answers '
                'everywhere" shows equal answers, and nobody had to choose.',
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
                text="By the name and the tag: both are equal.",
                right=False,
                explanation='A name can be given to any image. After you removed `hs-shop` under "Carry it", the '
                "name led nowhere; another image could have taken it.",
            ),
            Option(
                id="b",
                text="By the size: it is equal to the byte.",
                right=False,
                explanation="Different files can have the same size, and engines count in different ways. The figure "
                'of `images.load` under "Carry it" compares checksums.',
            ),
            Option(
                id="c",
                text="By the config digest: it is equal.",
                right=True,
                explanation="It is the checksum of the settings, and these list a checksum for each layer. If it is "
                'equal, everything is. Look at the figure of `images.load` under "Carry it".',
            ),
            Option(
                id="d",
                text="By the shop's front page: it is equal.",
                right=False,
                explanation='Different programs can print the same page. Equal answers, as under "The same answers '
                'everywhere", are what you want from an image, but they do not prove that it is the same one.',
            ),
        ),
    ),
    Quiz(
        id="01-q4",
        objective="01.4",
        misconception=35,
        question="A colleague loads one of your images on her server and sends you these lines. What is wrong?",
        output="""
$ docker image inspect --format "{{.Os}}/{{.Architecture}}" hs-tool:1
linux/arm64
$ docker version --format "{{.Server.Os}}/{{.Server.Arch}}"
linux/amd64
$ docker run --rm hs-tool:1
…
exec /tool: exec format error
""",
        options=(
            Option(
                id="a",
                text="Its file was damaged on the way to her server.",
                right=False,
                explanation='Then its digests would be different; the figure of `images.load` under "Carry it" shows '
                "how to compare them. The first two answers show a difference that has nothing to do with how the "
                "file travelled.",
            ),
            Option(
                id="b",
                text="Its programs are for another kind of CPU.",
                right=True,
                explanation="The image holds programs for arm64, her engine's machine has an amd64 CPU, and no "
                'emulator is installed there. With one it would run, only slower: look at the figure under "The CPU" '
                "for what yours does.",
            ),
            Option(
                id="c",
                text="Its programs were not translated when it was loaded.",
                right=False,
                explanation="Loading doesn't change a byte: the digests before and after are equal, as the figure "
                'under "Carry it" shows. Emulation translates while a program runs, not before.',
            ),
            Option(
                id="d",
                text="Its kernel is too old for the server's engine.",
                right=False,
                explanation='There is no kernel in an image: look at the empty folder under "The kernel". And a '
                "kernel would not change the CPU.",
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="01-p1",
        objective="01.1",
        question="On how many of the three computers does the shop run, and what are the errors on the others?",
        outcome="On none, with three different errors: a library is missing, a library has another version, a file "
        "is missing.",
        options=(
            Option(
                id="a",
                text="On two: only Ana's fails; she has no libraries.",
                right=False,
                explanation="Ana's fails as you thought. Ben's version of humanize lacks what the shop imports, and "
                "Cleo was sent the program without its goods.",
            ),
            Option(
                id="b",
                text="On one: Cleo's, with the developer's libraries.",
                right=False,
                explanation="The libraries are right, but the program also needs its goods: nobody mailed `goods.csv`.",
            ),
            Option(
                id="c",
                text="On none, and all three show the same error.",
                right=False,
                explanation="It runs on none, but read the last lines again: each names something different.",
            ),
            Option(
                id="d",
                text="On none, and each shows a different error.",
                right=True,
                explanation="Each lacks something different, and an error names the first thing that is missing.",
            ),
        ),
    ),
    Prediction(
        id="01-p2",
        objective="01.3",
        question="You load the file again. What comes back?",
        outcome="The same image: the config digests before and after are equal.",
        options=(
            Option(
                id="a",
                text="The same image, with the same config digest.",
                right=True,
                explanation="The config digest is the proof: it covers the settings, and through them every layer.",
            ),
            Option(
                id="b",
                text="A copy that works the same, with another config digest.",
                right=False,
                explanation="A digest is computed from the content, so the same content has the same digest, wherever "
                "and whenever it is computed.",
            ),
            Option(
                id="c",
                text="The image, and the three containers made from it.",
                right=False,
                explanation="Only the image was saved. Containers stay where they were made; these were removed.",
            ),
            Option(
                id="d",
                text="The image's files, without its name and its command.",
                right=False,
                explanation="The file has them, too: the config with the settings, and the name. All of it comes back.",
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
                text="Two versions: each image brings its own.",
                right=False,
                explanation="No image has one. Its folder for the kernel, `/boot`, is empty.",
            ),
            Option(
                id="b",
                text="The same version twice: no image brings one.",
                right=True,
                explanation="All containers of an engine use one kernel, that of the engine's machine.",
            ),
            Option(
                id="c",
                text="A version for `hs-shop`, and an error for busybox.",
                right=False,
                explanation="Neither has a kernel, large or small, and `uname` asks the one that is running.",
            ),
        ),
    ),
    Prediction(
        id="01-p4",
        objective="01.4",
        question="Three visitors came to `hs-counting`. You start a second container, `hs-fresh`, from the same "
        "image. What number will its first visitor have?",
        outcome="Number 1. The count was written into the first container, and the image did not change.",
        options=(
            Option(
                id="a",
                text="4: the image has counted the first three.",
                right=False,
                explanation="The image is read-only. `hs-counting` wrote into a writable layer of its own, and "
                "`hs-fresh` has another one.",
            ),
            Option(
                id="b",
                text="1: it begins with the image's own files.",
                right=True,
                explanation="Each container starts with the image's files, and keeps for itself what it writes.",
            ),
            Option(
                id="c",
                text="None: `hs-counting` holds the file, so it fails.",
                right=False,
                explanation="Each container has its own file there. Neither can get in the other's way.",
            ),
        ),
    ),
)

"""Chapter 03: its quick questions, and what it lets you predict."""

from helpers.lab.model.arrangement import Arrangement, Part
from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="03-q1",
        objective="03.1",
        question="A Dockerfile has FROM, ENV, WORKDIR, two COPY, three RUN and CMD. Which of them make layers?",
        options=(
            Option(
                id="a",
                text="All nine: each instruction makes a layer.",
                right=False,
                explanation='ENV and CMD change settings, not files. Look at "no layer: only settings" in the figure '
                'under "The shop, taken apart".',
            ),
            Option(
                id="b",
                text="COPY, RUN and WORKDIR: what may change files.",
                right=True,
                explanation="Settings go into the config, files into layers, and FROM brings its image's layers "
                'along. WORKDIR counts because it makes the folder: the figure under "The shop, taken apart" shows '
                "its layer, of no bytes.",
            ),
            Option(
                id="c",
                text="COPY alone: what RUN did is thrown away.",
                right=False,
                explanation="The container is thrown away, and what the command changed is kept as a layer. In the "
                'figure under "The shop, taken apart" `RUN pip install` stored more than a megabyte.',
            ),
            Option(
                id="d",
                text="COPY and RUN: WORKDIR only sets a folder.",
                right=False,
                explanation="WORKDIR makes its folder, and that changes files. Look for its layer, of no bytes, in "
                'the figure under "The shop, taken apart".',
            ),
        ),
    ),
    Quiz(
        id="03-q2",
        objective="03.2",
        misconception=14,
        question="A password was copied into an image and deleted by the next instruction. The image has been pushed "
        "to a registry. What now?",
        options=(
            Option(
                id="a",
                text="Nothing: it was deleted before the push.",
                right=False,
                explanation="Anyone who pulls the image pulls every layer, including the one with the password. You "
                'read it yourself under "A secret, deleted".',
            ),
            Option(
                id="b",
                text="Overwrite the file with zeros, and push again.",
                right=False,
                explanation="That makes one more layer on top. The layer below keeps its bytes: a layer never "
                'changes, just like the sheets under "Sheets on a projector".',
            ),
            Option(
                id="c",
                text="Change the password, and build without it.",
                right=True,
                explanation='Anyone who has the image can read what was once in a layer, as under "A secret, '
                'deleted". Only a password that is no longer valid is harmless.',
            ),
            Option(
                id="d",
                text="Let only root read the file, and push again.",
                right=False,
                explanation='Permissions apply to processes in a container. Under "A secret, deleted" you read the '
                "layer from the image's file, without any container.",
            ),
        ),
    ),
    Quiz(
        id="03-q3",
        objective="03.3",
        misconception=13,
        question="A container of this image needs the 9 bytes of /survey.size, and nothing else of its own. Which "
        "change takes the 20 MB out of the image?",
        output="""
$ docker history --format "table {{.Size}}\\t{{.CreatedBy}}" hs-survey:1
SIZE      CREATED BY
0B        CMD ["cat" "/survey.size"]
0B        RUN /bin/sh -c rm /survey.raw # buildkit
9B        RUN /bin/sh -c wc -c < /survey.raw > /survey…
20MB      RUN /bin/sh -c head -c 20000000 /dev/urandom…
…
""",
        options=(
            Option(
                id="a",
                text="None: `RUN rm` took them out, as its 0B says.",
                right=False,
                explanation="0B is what that instruction stored, not what the image lost. The 20 MB are in their own "
                'line as before; the figure under "The shop, taken apart" has such a pair.',
            ),
            Option(
                id="b",
                text="Make, count and delete the file in one `RUN`.",
                right=True,
                explanation="A layer stores what is there when its instruction ends. The figure of `layers.compare` "
                'under "Put it right" shows what that saves.',
            ),
            Option(
                id="c",
                text="Delete the file one step earlier, with `wc`.",
                right=False,
                explanation="The layer with the 20 MB is finished by then. Any later instruction comes too late, as "
                '`chown` and `rm` did under "The shop, taken apart".',
            ),
            Option(
                id="d",
                text="Delete the file in a container, once it runs.",
                right=False,
                explanation="That changes the container's writable layer. The image stays as it is, as under "
                '"Sheets on a projector".',
            ),
        ),
    ),
    Quiz(
        id="03-q4",
        objective="03.4",
        question="Two images copy the very same file, each with `COPY goods.csv /`, onto different base images. How "
        "many times is that layer stored, in a registry and unpacked on a disk?",
        options=(
            Option(
                id="a",
                text="Once in both: the same bytes are the same layer.",
                right=False,
                explanation="In a registry, yes. On a disk it is unpacked onto what lies below, and that differs "
                'here: see the last figure under "What images share".',
            ),
            Option(
                id="b",
                text="Once in a registry, twice on a disk.",
                right=True,
                explanation="A registry knows each packed layer by its digest alone. Unpacked, only common base "
                'layers are shared, as the last figure under "What images share" shows.',
            ),
            Option(
                id="c",
                text="Twice in both: each image has its own layers.",
                right=False,
                explanation="The base image's layers were stored once for all images in the first figure under "
                '"What images share".',
            ),
            Option(
                id="d",
                text="Twice in a registry, once on a disk.",
                right=False,
                explanation="It is the other way round. The registry has no pile to look at, only digests; the disk "
                'keeps layers with different ones below them apart, as the last figure under "What images share" '
                "shows.",
            ),
        ),
    ),
)

PREDICTIONS = (
    Arrangement(
        id="03-p1",
        objective="03.1",
        misconception=13,
        look="pile",
        question="Five instructions of this Dockerfile. How much does each add to the pile of layers?",
        outcome="Deleting made nothing smaller: the layer of `rm` holds marks and 0 bytes. And the 12 MB are stored "
        "twice, once by `head` and once by `chown`.",
        places=("a thick layer: 12 MB or more", "a thin layer: less, even 0 bytes", "no layer: it is a setting"),
        parts=(
            Part(
                text="`COPY . .`",
                right="2",
                explanation="It stored the shop's few files, and the key among them.",
            ),
            Part(
                text="`RUN head` … `> charts.tmp`",
                right="1",
                explanation="It wrote 12 MB, and they were there when the instruction ended.",
            ),
            Part(
                text="`RUN chown -R 1000:1000 /shop`",
                right="1",
                explanation="Only the owner changed. But a layer stores whole files, so the 12 MB are in it again.",
            ),
            Part(
                text="`RUN rm charts.tmp key.txt`",
                right="2",
                explanation="Its layer says what is to be hidden, and stores 0 bytes. The layers below are as they "
                "were.",
            ),
            Part(
                text='`CMD ["python3", "shop.py"]`',
                right="3",
                explanation="It changes no file. It is kept in the image's config.",
            ),
        ),
    ),
    Prediction(
        id="03-p2",
        objective="03.4",
        question="One file is copied to `/goods.csv` in two images, and to `/goods/goods.csv`, into a new folder, in "
        "two more. Its content never changes. Which layers are the same?",
        outcome="The two with `/goods.csv` are the same, on different base images. The other two differ: the folder "
        "was made again each time, and the layer stores the folder's time.",
        options=(
            Option(
                id="a",
                text="Both pairs: the file is the same in all four.",
                right=False,
                explanation="The content is. But a layer stores more: names, permissions, owners, and times, even of "
                "folders.",
            ),
            Option(
                id="b",
                text="The pair with `/goods.csv`, not the other one.",
                right=True,
                explanation="Same file, same bytes, same digest, whatever lies below. A folder made a second later "
                "has a different time, and that changes the bytes.",
            ),
            Option(
                id="c",
                text="Neither pair: the base images below differ.",
                right=False,
                explanation="A layer doesn't know what lies below it. Its digest is that of its own bytes.",
            ),
        ),
    ),
)

"""Chapter 03: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="03-q1",
        objective="03.1",
        question="A Dockerfile has FROM, ENV, WORKDIR, two COPY, three RUN and CMD. Which of them make layers?",
        options=(
            Option(
                id="a",
                text="All of them: each instruction creates a layer.",
                right=False,
                explanation='ENV and CMD change settings, not files. Look at "no layer: only settings" in the figure under '
                '"The shop, taken apart".',
            ),
            Option(
                id="b",
                text="Those that can change files: COPY, RUN and WORKDIR. FROM brings the layers of its image along.",
                right=True,
                explanation="Settings go into the config, files into layers. WORKDIR counts because it makes the folder: the "
                'figure under "The shop, taken apart" shows its layer, of no bytes.',
            ),
            Option(
                id="c",
                text="Only COPY: RUN runs its command in a container, which is thrown away.",
                right=False,
                explanation="The container is thrown away, and what the command changed is kept as a layer. In the figure under "
                '"The shop, taken apart" `RUN pip install` stored more than a megabyte.',
            ),
            Option(
                id="d",
                text="None of them: layers come with the base image, the rest goes on top.",
                right=False,
                explanation='The rest is layers, too. Count them in the figure under "The shop, taken apart".',
            ),
        ),
    ),
    Quiz(
        id="03-q2",
        objective="03.2",
        misconception=14,
        question="A password was copied into an image and deleted by the next instruction. The image has been pushed to a "
        "registry. What now?",
        options=(
            Option(
                id="a",
                text="Nothing: it was deleted before anybody pulled the image.",
                right=False,
                explanation="Whoever pulls the image pulls every layer, the one with the password, too. You read it yourself "
                'under "A secret, deleted".',
            ),
            Option(
                id="b",
                text="Add one more instruction that overwrites the file with zeros.",
                right=False,
                explanation="That makes one more layer on top. The layer below keeps its bytes: a layer never changes, as the "
                'sheets under "Sheets on a projector" do not.',
            ),
            Option(
                id="c",
                text="Treat the password as known to others: change it, and build an image that never held it.",
                right=True,
                explanation='What was in a layer once can be read by all who have the image, as under "A secret, deleted". Only '
                "a password that is no longer valid is harmless.",
            ),
            Option(
                id="d",
                text="Set the file's rights so that only root may read it.",
                right=False,
                explanation="Rights count for processes in a container. The layer was read from the image's file, without any "
                'container, under "A secret, deleted".',
            ),
        ),
    ),
    Quiz(
        id="03-q3",
        objective="03.3",
        misconception=13,
        question="An image is too big because `RUN make` leaves 200 MB of intermediate files. Which change makes the image "
        "smaller?",
        options=(
            Option(
                id="a",
                text="A new line below: `RUN rm -rf build`.",
                right=False,
                explanation="The layer of `RUN make` is finished by then, with all it holds. The figure under "
                '"The shop, taken apart" shows such a line: 0 B, and nothing got smaller.',
            ),
            Option(
                id="b",
                text="In the same line: `RUN make && rm -rf build`.",
                right=True,
                explanation="A layer stores what is there when its instruction ends. The figure of `layers.compare` under "
                '"Put it right" shows what that saves.',
            ),
            Option(
                id="c",
                text="`RUN chmod 000 build`, so that nobody can see the files.",
                right=False,
                explanation="Other rights are a change, and a changed file is stored again, whole. Look at what `chown` did under "
                '"The shop, taken apart".',
            ),
            Option(
                id="d",
                text="Deleting the files in the container, once it runs.",
                right=False,
                explanation="That changes the container's writable layer. The image stays as it is, as under "
                '"Sheets on a projector".',
            ),
        ),
    ),
    Quiz(
        id="03-q4",
        objective="03.4",
        question="Two images copy the very same file, each with `COPY goods.csv /`, onto different base images. Is that layer "
        "stored once or twice?",
        options=(
            Option(
                id="a",
                text="Once, on a disk and in a registry: the same bytes are the same layer.",
                right=False,
                explanation="In a registry, yes. On a disk it is unpacked onto what lies below, and that differs here: see the last "
                'figure under "What images share".',
            ),
            Option(
                id="b",
                text="In a registry once; unpacked, on a disk, twice.",
                right=True,
                explanation="A registry knows each packed layer by its digest alone. Unpacked, layers share common beginnings "
                'only, as the last figure under "What images share" shows.',
            ),
            Option(
                id="c",
                text="Twice everywhere: each image has layers of its own.",
                right=False,
                explanation="The base image's layers were stored once for all images in the first figure under "
                '"What images share".',
            ),
            Option(
                id="d",
                text="It depends on the names of the images.",
                right=False,
                explanation="Names lie outside of the layers. What counts is the digest, as under "
                '"Same bytes, same digest".',
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="03-p1",
        objective="03.1",
        misconception=13,
        question="The last RUN deletes `charts.tmp`, 12 MB, and `key.txt`. By how much does that make the image smaller?",
        outcome="By nothing. That instruction stored 0 bytes, and the ones before it kept theirs: 12 MB, and after `chown` "
        "another 12 MB.",
        options=(
            Option(
                id="a",
                text="By 12 MB: the file is gone.",
                right=False,
                explanation="It is gone for a container. The layers below keep it; look for the hatched bars.",
            ),
            Option(
                id="b",
                text="By nothing at all.",
                right=True,
                explanation="A layer is only ever added. The new one says what is to be hidden.",
            ),
            Option(
                id="c",
                text="By 24 MB: `chown` had doubled it.",
                right=False,
                explanation="Doubled it was: you saw that coming. But nothing was taken back.",
            ),
            Option(
                id="d",
                text="By less than 12 MB, because layers are packed.",
                right=False,
                explanation="Packed or not: the layers below are as they were.",
            ),
        ),
    ),
    Prediction(
        id="03-p2",
        objective="03.4",
        question="One file is copied to `/goods.csv` in two images, and to `/goods/goods.csv`, into a new folder, in two more. "
        "Its content never changes. Which layers are the same?",
        outcome="The two with `/goods.csv` are the same, on different base images. The other two differ: the folder was made "
        "anew each time, and the time of a folder is stored in the layer.",
        options=(
            Option(
                id="a",
                text="In both pairs the two layers are the same: the content is.",
                right=False,
                explanation="The content is. But a layer stores more: names, rights, owners, and times, of folders, too.",
            ),
            Option(
                id="b",
                text="The two with `/goods.csv` are the same, the two with the new folder are not.",
                right=True,
                explanation="Same file, same bytes, same digest, whatever lies below. A folder that was made a second later has "
                "another time, and that is another byte.",
            ),
            Option(
                id="c",
                text="None: the images of a pair lie on different base images.",
                right=False,
                explanation="A layer does not know what lies below it. Its digest is that of its own bytes.",
            ),
        ),
    ),
)

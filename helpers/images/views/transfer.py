"""What arrived of an image that went through a file: before, in the file, afterwards."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, plain, size
from helpers.images.model.saved_files import Comparison, Journey, Loaded
from helpers.images.views.saved_files import FIRST, LAST, NOTE, more, quoted, rows_shown, short


def loaded(found: Loaded) -> Figure:
    """Before, in the file, afterwards."""
    if found.unchanged:
        sentence = "Loaded: the config digest and all layer ids are the same as in the file."
    else:
        sentence = f"Loaded, but not as it is in the file: {_what_differs(found)}."
    sentence += _had(found)
    if not found.fits:
        sentence += (
            f" The image is for {plain(found.parcel.platform)} and this engine runs {found.engine_platform}: "
            "its programs may not start."
        )
    if not found.parcel.ours and not found.had:
        sentence += " It has no name of yours in this course, so the clean-up leaves it: docker rmi removes it."
    file = quoted(found.parcel.path)
    return _travelled(
        found,
        sentence,
        where="this engine, now",
        rows=(),
        how=How(
            docker=(f"docker load --input {file}",),
            python=(
                "import docker",
                f'with open({str(found.parcel.path)!r}, "rb") as file:',
                "    print(docker.from_env().images.load(file))",
            ),
        ),
    )


def journey(found: Journey) -> Figure:
    """Before, in the file, in the engine it was carried to; and the output of a command on both."""
    there = "the second engine" if found.address else "this engine"
    if found.unchanged:
        sentence = f"Carried into {there}: the config digest and all layer ids are the same as in the file."
    else:
        sentence = f"Carried into {there}, but not as it is in the file: {_what_differs(found)}."
    sentence += _had(found)
    rows: tuple[tuple[str, str, str, bool | None], ...] = ()
    if found.there is not None:
        code = "" if not found.there.exit_code else f" It ended with exit code {found.there.exit_code}."
        if found.same_output is None:
            sentence += f" The command ran from the loaded image; there was none to compare it with.{code}"
        elif found.same_output:
            sentence += f" The command gave the same output from the image here and from the loaded one.{code}"
        else:
            sentence += f" The command did not give the same output or exit code both times.{code}"
        if found.there.long:
            sentence += " Its output was long; the last megabyte of it was compared."
        rows = (("output", found.here.sha256 if found.here else "", found.there.sha256, found.same_output),)
    sentence += (
        " Nothing stays there that was not there before."
        if not found.stayed
        else f" Left there: {'; '.join(found.stayed)}."
    )
    return _travelled(
        found,
        sentence,
        where="the second engine" if found.address else "this engine, loaded",
        below=found.address,
        rows=rows,
        how=_how_carried(found),
    )


def _travelled(
    found: Comparison,
    sentence: str,
    *,
    where: str,
    rows: tuple[tuple[str, str, str, bool | None], ...],
    how: How,
    below: str = "",
) -> Figure:
    """Three columns. rows: more to compare, after the layers: what, here, there, whether they are the same."""
    layers = found.parcel.layers
    if found.unchanged:
        answer = f"The config and {_all(len(layers))} arrived unchanged: {size(found.parcel.size)}."
        if found.had:
            answer = f"Nothing had to travel: the image was there already. Config and {_all(len(layers))} match."
    else:
        answer = f"Not everything arrived as it was: {_what_differs(found)}."
    card = Card("What travelled?", answer)
    y = float(TOP) + 8
    columns = (112.0, 270.0, 476.0)
    for x, head, wide in zip(columns, ("this engine, before", "the file", where), (142, 190, 150), strict=True):
        card.rect(x, y - 4, wide, 22, "t-host" if head != "the file" else "t-image")
        card.text(x + 8, y + 11, head, style="b n", room=wide - 16)
    card.arrow(columns[0] + 144, y + 7, columns[1] - 2, y + 7, "host")
    card.arrow(columns[1] + 192, y + 7, columns[2] - 2, y + 7, "host")
    if below:
        card.text(columns[2], y + 33, below, style="m soft", room=WIDTH - MARGIN - columns[2])
        y += 18
    y += 26
    before = found.before
    parts = [("config", before.config if before else "", found.parcel.config, found.after.config, -1)]
    for number, held in enumerate(_longest(found), start=1):
        mine = layers[number - 1] if number <= len(layers) else None
        was = before.layers[number - 1] if before and number <= len(before.layers) else ""
        parts.append((f"layer {number}", was, mine.id if mine else "", held, mine.size if mine else -1))
    shown: tuple[int | None, ...] = (0, *rows_shown(len(parts) - 1))
    for at in shown:
        if at is None:
            card.text(MARGIN, y + 16, _more_rows(found, len(parts) - 1), style="soft")
        else:
            what, was, file, now, weight = parts[at]
            _row(card, y, columns, what, was, file, now, same=file == now)
            if weight >= 0:
                card.text(columns[1] + 190, y + 16, size(weight), style="n soft", end=True)
        y += 26
    for what, was, now, same in rows:
        _row(card, y, columns, what, was, "", now, same=same)
        y += 26
    card.note(NOTE)
    return Figure(
        sentence=sentence,
        svg=card.svg(),
        alt=f"{answer} {sentence}",
        tables=(
            Table(
                caption="Config and layers, bottom first",
                columns=("part", "this engine, before", "the file", "size in the file", where, "same"),
                rows=(
                    *(
                        (
                            what,
                            was or "not known",
                            file or "not there",
                            size(weight) if weight >= 0 else "",
                            now or "not there",
                            "same" if file == now else "differs",
                        )
                        for what, was, file, now, weight in parts
                    ),
                    *(
                        (what, was or "did not run", "", "", now, {True: "same", False: "differs", None: "–"}[same])
                        for what, was, now, same in rows
                    ),
                ),
            ),
            Table(
                caption="The file",
                columns=("path", "size", "for", "name"),
                rows=(
                    (str(found.parcel.path), size(found.parcel.size), found.parcel.platform, found.parcel.reference),
                ),
            ),
        ),
        how=how,
    )


def _row(
    card: Card, y: float, columns: tuple[float, ...], what: str, was: str, file: str, now: str, *, same: bool | None
) -> None:
    card.text(MARGIN, y + 16, what)
    for x, digest in zip(columns, (was, file, now), strict=True):
        card.text(x + 8, y + 16, short(digest) or "–", style="m" if digest else "m soft")
    card.mark(640, y + 16, "none" if same is None else "good" if same else "bad")
    card.text(658, y + 16, "one run" if same is None else "same" if same else "differs", room=78)


def _more_rows(found: Comparison, number: int) -> str:
    different = [n for n in found.different_layers if FIRST < n <= number - LAST]
    return more(number).replace(":", f" ({len(different) or 'none'} different):", 1)


def _longest(found: Comparison) -> tuple[str, ...]:
    held = found.after.layers
    return held + ("",) * (len(found.parcel.layers) - len(held))


def _had(found: Comparison) -> str:
    return " The engine had this very image already." if found.had else ""


def _what_differs(found: Comparison) -> str:
    parts = [] if found.same_config else ["the config"]
    if found.different_layers:
        parts.append(count(len(found.different_layers), "layer"))
    return " and ".join(parts) + (" differ" if len(parts) > 1 or len(found.different_layers) > 1 else " differs")


def _all(number: int) -> str:
    return {0: "no layers", 1: "its one layer"}.get(number, f"all {number} layers")


def _how_carried(found: Journey) -> How:
    image = quoted(found.parcel.reference)
    docker = f"docker --host {quoted(found.address)}" if found.address else "docker"
    engine = f"docker.DockerClient(base_url={found.address!r})" if found.address else "docker.from_env()"
    run = [f"{docker} run --rm {image} {' '.join(map(quoted, found.command))}"] if found.command else []
    ran = (
        [f"print(there.containers.run({found.parcel.reference!r}, {list(found.command)!r}, remove=True))"]
        if found.command
        else []
    )
    return How(
        docker=(
            f"{docker} load --input {quoted(found.parcel.path)}",
            f"{docker} image inspect --format '{{{{json .RootFS.Layers}}}}' {image}",
            *run,
            *([] if found.had else [f"{docker} rmi --no-prune {image}"]),
        ),
        python=(
            "import docker",
            f"there = {engine}",
            f'with open({str(found.parcel.path)!r}, "rb") as file:',
            "    image = there.images.load(file)[0]",
            'print(image.attrs["RootFS"]["Layers"])',
            *ran,
            *([] if found.had else [f"there.images.remove({found.parcel.reference!r}, noprune=True)"]),
        ),
    )

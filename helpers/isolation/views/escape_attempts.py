"""What root in a container can and can't do; the table of capabilities."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count
from helpers.isolation.model.escape_attempts import ATTEMPTS, CAPABILITIES, Capabilities, Trial, Trials

_LABEL, _ROW = 200.0, 30.0


def trials(found: Trials) -> Figure:
    """Rows are attempts, columns settings; a cell holds a mark and a word."""
    default = found.trials[0] if found.trials else None
    could = [name for name in ATTEMPTS if default and default[name]]
    answer = (
        f"By default it can do {len(could)} of these {len(ATTEMPTS)}: root inside is neither harmless nor all-powerful."
    )
    card = Card("What can root in a container do?", answer)
    left = MARGIN + _LABEL
    across = (WIDTH - MARGIN - left + 4) / max(len(found.trials), 1)
    y = float(TOP) - 4
    for index, trial in enumerate(found.trials):
        first, _, rest = trial.setting.partition(" ") if " " in trial.setting else _halves(trial.setting)
        card.text(left + index * across + 4, y + 6, first, style="n b", room=across - 6)
        card.text(left + index * across + 4, y + 20, rest, style="n b", room=across - 6)
    y += 30
    for name, words in ATTEMPTS.items():
        card.line(MARGIN, y, WIDTH - MARGIN, y, "rule", thick=1)
        card.text(MARGIN, y + 20, words, style="n", room=_LABEL - 8)
        for index, trial in enumerate(found.trials):
            worked = trial[name]
            other = default is not None and index > 0 and worked != default[name]
            x = left + index * across
            if other:
                card.rect(x, y + 3, across - 4, _ROW - 6, "t-container")
            card.mark(x + 8, y + 20, "none" if worked is None else "warn" if worked else "good")
            card.text(
                x + 26,
                y + 20,
                "can't tell" if worked is None else "can" if worked else "can't",
                style="n b" if other else "n",
            )
        y += _ROW
    card.note("Each was really tried. ! it could, ✓ it was stopped. Tinted: other than by default.")
    return Figure(
        sentence=_sentence(found),
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="Every attempt under every setting",
                columns=("attempt", *(trial.setting for trial in found.trials)),
                rows=tuple(
                    (words, *(_word(trial[name]) for trial in found.trials)) for name, words in ATTEMPTS.items()
                ),
            ),
            Table(
                caption="What was said by those that failed",
                columns=("setting", "attempt", "its words"),
                rows=tuple(
                    (trial.setting, ATTEMPTS[one.name], one.said or trial.why_not)
                    for trial in found.trials
                    for one in trial.tries
                    if not one.worked
                ),
            ),
            Table(
                caption="The settings",
                columns=("setting", "options of docker run"),
                rows=tuple((trial.setting, trial.options or "(none)") for trial in found.trials),
            ),
        ),
        how=How(docker=("docker run --rm --cap-drop ALL localhost/course/busybox:1 grep Cap /proc/self/status",)),
    )


def _halves(word: str) -> tuple[str, str, str]:
    head, dash, tail = word.rpartition("-")
    return head + dash, "", tail


def _word(worked: bool | None) -> str:
    return "can't tell" if worked is None else "could" if worked else "could not"


def _sentence(found: Trials) -> str:
    if not found.trials:
        return "Nothing was tried."
    default, *others = found.trials
    could = [words for name, words in ATTEMPTS.items() if default[name]]
    sentence = f"By default root in a container could: {', '.join(could) or 'nothing of it'}."
    for trial in others:
        sentence += f" {_difference(default, trial)}"
    return sentence


def _difference(default: Trial, trial: Trial) -> str:
    lost = [words for name, words in ATTEMPTS.items() if default[name] and trial[name] is False]
    won = [words for name, words in ATTEMPTS.items() if default[name] is False and trial[name]]
    said = [f"no longer {', '.join(lost)}"] if lost else []
    said += [f"also {', '.join(won)}"] if won else []
    return f"With {trial.setting}: {'; '.join(said) or 'the same'}."


def capabilities(found: Capabilities) -> Figure:
    """All capabilities there are, with those that the container has."""
    answer = (
        f"{found.name} has {len(found.effective)} of {len(CAPABILITIES)}; its processes may get {len(found.bounding)}."
    )
    card = Card("Which of root's rights does it have?", answer)
    rows = (len(CAPABILITIES) + 1) // 2
    wide = (WIDTH - 2 * MARGIN) / 2
    for index, (name, words) in enumerate(CAPABILITIES.items()):
        x, y = MARGIN + (index // rows) * wide, TOP + (index % rows) * 20
        has = name in found.effective
        card.text(x, y, "✓" if has else "–", style="b container" if has else "b soft")
        card.text(x + 18, y, name, style="m b" if has else "m soft", room=138)
        card.text(x + 164, y, words, style="n" if has else "n soft", room=wide - 172)
    card.note("✓ it has it, – it does not. A process of root without a capability is refused like anyone else.")
    return Figure(
        sentence=f"{found.name} runs as user {'?' if found.user is None else found.user} with "
        f"{count(len(found.effective), 'capability', 'capabilities')} of {len(CAPABILITIES)}.",
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="Capabilities",
                columns=("name", "what it is for", "has it", "may get it"),
                rows=tuple(
                    (name, words, "yes" if name in found.effective else "no", "yes" if name in found.bounding else "no")
                    for name, words in CAPABILITIES.items()
                ),
            ),
            Table(
                caption="Besides",
                columns=("what", "value"),
                rows=(
                    ("no-new-privileges", "set" if found.no_new_privileges else "not set"),
                    ("seccomp filter", "on" if found.seccomp else "off"),
                ),
            ),
        ),
        how=How(
            docker=(f"docker exec {found.full_name} grep Cap /proc/1/status",),
            python=(
                "import docker",
                f"one = docker.from_env().containers.get({found.full_name!r})",
                "one.exec_run('grep Cap /proc/1/status').output.decode()",
            ),
        ),
    )

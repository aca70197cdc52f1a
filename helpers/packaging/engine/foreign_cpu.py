"""Running a program for this engine's kind of CPU and one for another, and taking both away again."""

from __future__ import annotations

import io
import tarfile

from helpers import errors
from helpers.engine import containers
from helpers.engine.build import choose
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.engine.scene import image_sweep
from helpers.packaging.model import elf
from helpers.packaging.model.elf import Foreign, Tried

REFUSED = "exec format error"


def attempt(client: Client, *, scene: str, seconds: float = 30) -> Foreign:
    """Two images from scratch with one tiny program each, and one container of each.

    Raises: CourseError on an engine with another kind of CPU than the two this knows. Nothing is left either way.
    Equivalent: docker info --format {{.Architecture}}
    """
    cpu = elf.architecture(str(client.info().get("Architecture") or "unknown"))
    if cpu not in elf.ARCHITECTURES:
        raise errors.CourseError(
            f"There is no program for this engine's kind of CPU here: {cpu}.",
            f"the helper writes programs for {' and '.join(elf.ARCHITECTURES)}",
            "Go on: nothing later needs this.",
        )
    other = elf.AARCH64 if cpu == elf.X86_64 else elf.X86_64
    try:
        return Foreign(
            cpu=cpu,
            control=_try(client, cpu, scene=scene, seconds=seconds),
            foreign=_try(client, other, scene=scene, seconds=seconds),
        )
    finally:
        image_sweep.sweep(client, scene=scene, named=False)  # the steps between scratch and the image


def _try(client: Client, cpu: str, *, scene: str, seconds: float) -> Tried:
    program = elf.program(cpu, f"hello from a program for {cpu}\n")
    tag = f"{labels.object_name('for-' + cpu.replace('_', '-'))}:1"
    try:
        choose.build(
            client,
            dockerfile='FROM scratch\nADD program.tar /\nCMD ["/hello"]\n',
            context={"program.tar": _packed(program)},
            tag=tag,
            scene=scene,
        )
        try:
            ended = containers.run(client, tag, ["/hello"], scene=scene, seconds=seconds)
        except errors.EngineRefused as error:  # some engines notice while they start it, others in its first moment
            if REFUSED not in error.message.lower():
                raise
            return Tried(cpu=cpu, size=len(program), said=REFUSED, ran=False, exit_code=None)
    finally:
        _remove(client, tag)
    if ended.exit_code and REFUSED in ended.output.lower():
        return Tried(cpu=cpu, size=len(program), said=REFUSED, ran=False, exit_code=ended.exit_code)
    said = ended.output.strip() or f"exit code {ended.exit_code}"
    return Tried(cpu=cpu, size=len(program), said=said, ran=ended.exit_code == 0, exit_code=ended.exit_code)


def _remove(client: Client, tag: str) -> None:
    try:
        client.remove_image(tag, noprune=True)
    except errors.NotFound:
        return
    except errors.EngineRefused as error:
        if error.status != 409:
            raise
        return  # in use by what an earlier, broken-off run left: it goes with that, at the end of the scene


def _packed(program: bytes) -> bytes:
    """A tar with the one file: a build's own files from memory would not be executable."""
    entry = tarfile.TarInfo("hello")
    entry.size, entry.mode = len(program), 0o755
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(entry, io.BytesIO(program))
    return packed.getvalue()

"""The explorer of an image on a page of its own, and an image of as many files as one likes."""

from __future__ import annotations

import base64
import random

from playwright.sync_api import Page

from helpers.layers.model.analysis import Analysis, analysis
from helpers.layers.widgets.explorer import Explorer, pack
from helpers.oci.history import Step
from helpers.oci.layer_files import DIR, FILE, Files

HOST = """async ([source, style, packed]) => {
  document.head.append(Object.assign(document.createElement('style'), {textContent: style}));
  const bytes = Uint8Array.from(atob(packed), letter => letter.charCodeAt(0));
  const values = {packed: new DataView(bytes.buffer), layer: 0, start: -1};
  const told = {};
  window.asked = [];
  window.tell = message => told['msg:custom'](message);
  const model = {
    get: name => values[name], set: (name, value) => { values[name] = value; }, save_changes() {},
    on: (name, act) => { told[name] = act; }, off() {}, send: message => window.asked.push(message),
  };
  const url = URL.createObjectURL(new Blob([source + '; window.Tree = Tree; window.unpack = unpack;'],
    {type: 'text/javascript'}));
  const begun = performance.now();
  await (await import(url)).default.render({model, el: document.querySelector('main')});
  window.data = await window.unpack(values.packed);
  return performance.now() - begun;
}"""

EMPTY = (
    '<!doctype html><html lang="en"><title>Explorer</title><style>@media (prefers-color-scheme: dark) '
    "{{body {{background: #111}}}}</style><main></main></html>"
).format()


def show(page: Page, found: Analysis) -> float:
    """Shows the image; returns the milliseconds until it stood."""
    page.set_content(EMPTY)
    packed = base64.b64encode(pack(found)).decode()
    return float(page.evaluate(HOST, [Explorer._esm, Explorer._css, packed]))


def thousands(number: int) -> Analysis:
    """An image of that many files in four layers, and a fifth that takes a directory of them away."""
    dice = random.Random(1)  # noqa: S311  sizes
    layers = []
    for layer in range(4):
        files = Files()
        for folder in range(number // 200):
            files.add(f"/usr/lib/python3/package{layer}_{folder}", DIR)
            for module in range(50):
                path = f"/usr/lib/python3/package{layer}_{folder}/module_{module}.py"
                files.add(path, FILE, size=dice.randrange(100_000), digest=dice.randbytes(32))
        layers.append(files)
    last = Files()
    last.add("/usr/lib/python3/.wh.package0_3", FILE)
    steps = [Step(command=f"RUN step {n}") for n in range(5)]
    return analysis("large:1", steps, [f"sha256:{n:064x}" for n in range(5)], [*layers, last])

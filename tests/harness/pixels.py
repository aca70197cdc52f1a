"""What is to be seen in a screenshot, as numbers. The browser itself decodes the picture."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from playwright.sync_api import Page

MEASURE = """async (data) => {
  const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + data)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const bytes = pen.getImageData(0, 0, picture.width, picture.height).data;
  let n = bytes.length / 4, sum = 0, squares = 0;
  for (let i = 0; i < bytes.length; i += 4) {
    const light = 0.2126 * bytes[i] + 0.7152 * bytes[i + 1] + 0.0722 * bytes[i + 2];
    sum += light; squares += light * light;
  }
  return [sum / n, Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2))];
}"""


@dataclass(frozen=True)
class Light:
    """mean: 0 black to 255 white. spread: the standard deviation; 0 if all pixels are alike."""

    mean: float
    spread: float


def light(page: Page, png: bytes) -> Light:
    """How light a PNG picture is, and how much it differs within."""
    mean, spread = page.evaluate(MEASURE, base64.b64encode(png).decode())
    return Light(mean=mean, spread=spread)

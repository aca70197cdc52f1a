"""Whether all that a picture draws lies inside of its card."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from helpers.drawing.figure import Figure
from helpers.drawing.text import width

SVG = "{http://www.w3.org/2000/svg}"


def inside(figure: Figure) -> None:
    """Every text and every box."""
    root = ET.fromstring(figure.svg)
    card, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter(f"{SVG}text"):
        classes = element.attrib["class"].split()
        pixels = 12 if {"m", "n"} & set(classes) else 15 if "h" in classes else 13
        long = width(element.text or "", size=pixels, mono="m" in classes)
        x = float(element.attrib["x"])
        left, right = (x - long, x) if element.attrib.get("text-anchor") else (x, x + long)
        assert left >= 12, element.text
        assert right <= card - 12, element.text
        assert float(element.attrib["y"]) < height - 8
    for element in root.iter(f"{SVG}rect"):
        assert float(element.attrib["x"]) + float(element.attrib["width"]) <= card

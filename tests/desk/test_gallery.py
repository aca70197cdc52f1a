"""The pictures of README, made from a real run by one command:

COURSE_GALLERY=docs/gallery python3 start.py test tests/desk/test_gallery.py
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from helpers import containers, images, layers, networks, scene
from helpers.drawing.figure import Shows
from helpers.engine.client import Client
from tests.desk.pages import KEYS, opened
from tests.harness import foreign
from tests.harness.by_hand import by_hand
from tests.harness.jupyterlab import Lab, Scheme, wear

FOLDER = os.environ.get("COURSE_GALLERY", "")
BUSYBOX = "localhost/course/busybox:1"
TYPED = (
    "docker network create hs-front",
    "docker network create --internal hs-back",
    "docker run -d --name hs-store --network hs-back -v hs-orders:/data localhost/course/redis:8",
    f"docker run -d --name hs-web --network hs-front -p 127.0.0.1::8080 {BUSYBOX} sleep 600",
    f"docker run -d --name hs-api --network hs-front {BUSYBOX} sleep 600",
    "docker network connect hs-back hs-api",
    f"docker run --name hs-till {BUSYBOX} true",
)
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.engine,
    pytest.mark.skipif(not FOLDER, reason="COURSE_GALLERY names no folder for README's pictures"),
]


@pytest.fixture
def tidy(client: Client) -> Iterator[None]:
    """What was typed is gone at the end."""
    before, hand = foreign.snapshot(client, closely=False), by_hand(client)
    yield
    new = foreign.snapshot(client, closely=False).objects.keys() - before.objects.keys()
    for kind in ("container", "network", "volume"):
        for found, object_id in new:
            if found == kind == "container":
                hand.remove_container(object_id, force=True, v=True)
            elif found == kind == "network":
                hand.remove_network(object_id)
            elif found == kind:
                hand.remove_volume(object_id)


def save(name: str, found: Shows) -> None:
    picture = found.figure().svg
    assert picture.startswith("<svg")
    (Path(FOLDER) / f"{name}.svg").write_text(picture + "\n", encoding="utf-8")


@pytest.mark.browser
def test_the_desk_in_light_and_dark(browser: Browser, lab: Lab, tidy: None) -> None:
    page: Page = opened(browser, lab, width=1440, height=900)
    schemes: tuple[Scheme, ...] = ("light", "dark")
    try:
        for line in TYPED:
            page.locator(KEYS).first.focus()
            page.keyboard.type(f"{line}\n")
            time.sleep(2.5)
        for line in ("clear", "docker port hs-web", "docker exec hs-api nslookup -type=a hs-store"):
            page.keyboard.type(f"{line}\n")
            time.sleep(2)
        time.sleep(3)  # until nothing is marked as new any more
        for scheme in schemes:
            wear(page, scheme)
            time.sleep(1)
            page.screenshot(path=Path(FOLDER) / f"desk-{scheme}.png")
    finally:
        page.context.close()


def test_layers_a_build_a_map_and_who_reaches_whom(client: Client) -> None:
    with scene("gallery"):
        save("build", images.build("notebooks/harbour-shop", name="hs-shop"))
        save("layers", layers.analyse("hs-shop:1"))
        networks.create("hs-front")
        networks.create("hs-back", internal=True)
        serve = ("httpd", "-f", "-p", "8080")
        containers.start(BUSYBOX, *serve, name="hs-web", network="hs-front", publish=8080)
        containers.start(BUSYBOX, *serve, name="hs-api", network="hs-front")
        containers.start(BUSYBOX, *serve, name="hs-store", network="hs-back")
        networks.connect("hs-back", "hs-api")
        save("map", networks.map())
        save("reach", networks.reach())

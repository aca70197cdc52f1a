"""The shop's own tests: python3 -m unittest discover -s tests (where its libraries are installed)."""

import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import shop


def ask(path):
    """One request without a network: the status and the body."""
    said = []
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}
    body = b"".join(shop.app(request, lambda status, *_: said.append(status)))
    return said[0], body.decode()


class Shop(unittest.TestCase):
    """What a visitor sees."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(setattr, shop, "DATA", shop.DATA)
        shop.DATA = Path(folder.name) / "data"

    def test_the_page_names_all_goods_with_their_prices(self):
        status, body = ask("/")
        self.assertEqual(status, "200 OK")
        self.assertIn("   1,250  anchor\n", body)
        self.assertIn("Today we sell anchor, rope, lantern and compass.", body)

    def test_the_same_page_every_time(self):
        self.assertEqual(ask("/"), ask("/"))
        self.assertEqual(ask("/goods"), ask("/goods"))

    def test_visitors_are_counted(self):
        self.assertEqual([ask("/visit")[1] for _ in range(2)][-1], "You are visitor number 2.\n")

    def test_it_says_whether_it_can_serve(self):
        self.assertEqual(ask("/health"), ("200 OK", "ok\n"))


if __name__ == "__main__":
    unittest.main()

"""The app's tests. They run in the image, in its working folder, as the user whom it names."""

import os
import unittest
from pathlib import Path

import charts


class Charts(unittest.TestCase):
    def test_every_area_has_a_chart(self):
        for area in charts.areas():
            self.assertEqual(charts.chart(area).stat().st_size, 1_000_017, area)

    def test_a_chart_begins_with_what_was_sounded(self):
        for area, depths in charts.areas().items():
            self.assertEqual(charts.chart(area).read_bytes()[17], depths[0], area)

    def test_the_page_shows_charts_and_notes(self):
        page = charts.page()
        self.assertIn("1st chart: north basin, 1.0 MB. Soft ground.", page)
        self.assertIn("3rd chart: fairway, 1.0 MB. Keep to the green side", page)

    def test_it_does_not_run_as_root(self):
        self.assertNotEqual(os.getuid(), 0)

    def test_the_files_belong_to_the_one_who_runs_it(self):
        for path in ("charts.py", *sorted(Path("charts").glob("*"))):
            self.assertEqual(os.stat(path).st_uid, os.getuid(), path)


if __name__ == "__main__":
    unittest.main(argv=["test_charts"])

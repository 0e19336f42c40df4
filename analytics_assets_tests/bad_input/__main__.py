"""Writes ``docs/bad_input.md``: builds the league with every bad input and lists how each ends."""

import tempfile
from pathlib import Path

from analytics_assets.settings import project_root
from analytics_assets_tests.bad_input.catalogue import CATALOGUE, page
from analytics_assets_tests.bad_input.faulty_build import build_both, ends

PAGE = project_root() / "docs" / "bad_input.md"

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        builds = build_both(Path(directory), CATALOGUE)
        told = ends(builds)
        PAGE.write_text(page([one.case for one in builds.placed], told), encoding="utf-8")

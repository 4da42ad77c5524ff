"""The distribution to which a module belongs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from genlabel_robust.core.parts.importing import installed_by
from tests.parts.conftest import described


def test_a_module_belongs_to_what_installed_it_at_present(
    site: Path, module: Callable[[str, str], str]
) -> None:
    where = f"{module('own_module', '')}:Part"
    assert installed_by(where) is None
    for version in ("1.0", "1.1"):
        described(site, "own-dist", version, {})
        assert installed_by(where) == ("own-dist", version)
        shutil.rmtree(site / f"own_dist-{version}.dist-info")
    assert installed_by(where) is None


def test_what_a_distribution_declares_counts_before_its_files(
    site: Path, module: Callable[[str, str], str]
) -> None:
    module("beside", "")
    described(site, "own-dist", "1.0", {})
    (site / "own_dist-1.0.dist-info" / "top_level.txt").write_text("elsewhere\n")
    assert installed_by("elsewhere.inner:Part") == ("own-dist", "1.0")
    assert installed_by("beside:Part") is None
    assert installed_by("pytest:Item") is not None

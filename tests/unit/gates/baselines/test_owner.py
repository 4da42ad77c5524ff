"""A baseline belongs to the test that created it."""

from __future__ import annotations

from pathlib import Path

import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.gates.baselines.baseline import (
    keep_baseline,
    read_baseline,
    save_baseline,
    update_baseline,
)
from genlabel_robust.gates.baselines.of_test import take_over
from genlabel_robust.gates.baselines.text import baseline_text
from genlabel_robust.reports.words.threat import whole_threat


def owner(baseline: Path) -> str | None:
    with read_baseline(baseline) as known:
        assert ("test       " in baseline_text(known, whole_threat)) == (
            known.about.test is not None
        )
        return known.about.test


@pytest.fixture
def mine(real_run: Path, tmp_path: Path) -> Path:
    keep_baseline(tmp_path / "mine.zip", real_run, "first", test="a.py::t")
    return tmp_path / "mine.zip"


def test_it_knows_the_test_that_made_it_and_no_other_one_updates_it(
    mine: Path, real_run: Path
) -> None:
    assert owner(mine) == "a.py::t"
    before = mine.read_bytes()
    with pytest.raises(ConfigurationError, match=r"add --robustness-moved-from a\.py::t"):
        keep_baseline(mine, real_run, "second", test="b.py::t")
    assert mine.read_bytes() == before
    keep_baseline(mine, real_run, "second", test="a.py::t")
    with read_baseline(mine) as known:
        assert [entry.what for entry in known.about.history] == ["saved", "updated"]


def test_an_update_by_hand_leaves_it_to_its_test(mine: Path, real_run: Path) -> None:
    update_baseline(mine, real_run, "by hand")
    assert owner(mine) == "a.py::t"


def test_one_of_no_test_belongs_to_the_first_that_updates_it(
    real_run: Path, tmp_path: Path
) -> None:
    save_baseline(real_run, tmp_path / "base")
    assert owner(tmp_path / "base") is None
    keep_baseline(tmp_path / "base", real_run, "taken", test="a.py::t")
    assert owner(tmp_path / "base") == "a.py::t"


@pytest.mark.parametrize("name", ["mine.zip", "new.zip"])
def test_a_test_that_was_renamed_takes_it_over_once(mine: Path, name: str) -> None:
    new = mine.with_name(name)
    with read_baseline(mine) as known:
        measured = known.run.results
    take_over(mine, new, "a.py::t", "a.py::renamed")
    assert [path.name for path in mine.parent.iterdir() if path.suffix == ".zip"] == [name]
    with read_baseline(new) as known:
        assert known.run.results == measured
        assert known.about.test == "a.py::renamed"
        assert known.about.history[-1].reason == "from a.py::t to a.py::renamed"
    before = new.read_bytes()
    take_over(mine, new, "a.py::t", "a.py::renamed")
    assert new.read_bytes() == before
    with pytest.raises(
        ConfigurationError, match=r"no baseline of a\.py::t|belongs to the test a\.py::renamed"
    ):
        take_over(mine, mine.with_name("third.zip"), "a.py::t", "a.py::third")


def test_nobody_takes_what_is_another_test_s(mine: Path, real_run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    keep_baseline(other, real_run, "first", test="b.py::t")
    for new, before, told in (
        (mine, "c.py::t", "belongs to the test a.py::t, not to c.py::t"),
        (other, "a.py::t", "c.py::new has a baseline already, other.zip"),
        (tmp_path / "new.zip", "c.py::t", "belongs to the test a.py::t, not to c.py::t"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            take_over(mine, new, before, "c.py::new")
    assert (owner(mine), owner(other)) == ("a.py::t", "b.py::t")

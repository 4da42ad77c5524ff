from __future__ import annotations

from pathlib import Path

import pytest

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks import suite as module
from genlabel_robust.attacks.suite import (
    build_attack,
    find_suite,
    read_suite,
    shipped_suites,
    suite_fingerprint,
)
from genlabel_robust.core.errors import ConfigurationError, GenlabelRobustError, UnknownNameError

GOOD = """
name = "mine"
version = 2
norms = ["l2"]
[[attack]]
name = "pgd"
steps = 3
"""


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str, name: str = "mine-2.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("suite", list(shipped_suites()), ids=lambda suite: suite.label)
def test_every_shipped_suite_builds_under_each_of_its_norms(suite) -> None:
    for norm in suite.norms:
        listed = suite.listed(norm)
        assert listed
        for name, settings in listed.items():
            assert norm in build_attack(name, settings, suite.label).norms


def test_an_attack_runs_under_the_norms_it_names(write) -> None:
    text = (
        GOOD.replace('["l2"]', '["linf", "l2"]') + '[[attack]]\nname = "fgsm"\nnorms = ["linf"]\n'
    )
    suite = read_suite(write(text))
    assert list(suite.listed("linf")) == ["pgd", "fgsm"]
    assert list(suite.listed("l2")) == ["pgd"]
    assert suite.listed("linf")["fgsm"] == {}


def test_a_suite_keeps_an_attack_for_the_cases_it_names(write) -> None:
    text = GOOD + 'when = ["no gradients", "discrete features"]\n[[attack]]\nname = "noise"\n'
    suite = read_suite(write(text))
    assert suite.when == {"pgd": ("no gradients", "discrete features")}
    assert suite.listed("l2") == {"pgd": {"steps": 3}, "noise": {}}


@pytest.mark.parametrize("name", ["quick-2", "standard-2", "strongest-2"])
def test_the_second_versions_draw_noise_on_every_model_and_add_for_those_without_gradients(
    name: str,
) -> None:
    suite = find_suite(name)
    for norm in suite.norms:
        always = [attack for attack in suite.listed(norm) if attack not in suite.when]
        added = [attack for attack in suite.listed(norm) if attack in suite.when]
        assert "noise" in always
        assert "lattice-search" in added
        assert all({"no gradients", "no scores"} & {*suite.when[attack]} for attack in added)


def test_an_unknown_norm_of_one_attack_is_named(write) -> None:
    with pytest.raises(UnknownNameError, match="l3"):
        read_suite(write(GOOD + 'norms = ["l3"]\n'))


@pytest.mark.parametrize("norm", ["linf", "l2", "l1", "l0", None])
@pytest.mark.parametrize("name", ["standard", "quick", "strongest"])
def test_a_name_takes_the_newest_version_that_runs_under_the_norm(
    name: str, norm: str | None
) -> None:
    able = [s.version for s in shipped_suites() if s.name == name and (norm or "linf") in s.norms]
    assert able or (name, norm) == ("quick", "l1")
    if able:
        assert find_suite(name, norm).version == max(able)


def test_a_label_takes_that_version() -> None:
    assert find_suite("standard-1").label == "standard-1"
    assert find_suite("standard-2", "l0").label == "standard-2"
    # what a run takes whose norm is not said is what it took before there were others
    assert find_suite("standard").label == "standard-2"


@pytest.mark.parametrize("name", ["quick", "standard", "strongest"])
def test_every_named_suite_has_an_attack_for_few_features(name: str) -> None:
    assert "few-features" in find_suite(name, "l0").listed("l0")


def test_an_unknown_suite_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'standard'"):
        find_suite("standart")


def test_a_file_of_ones_own_is_read(write) -> None:
    suite = find_suite(str(write(GOOD)))
    assert suite.label == "mine-2"
    assert suite.listed("l2") == {"pgd": {"steps": 3}}


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (GOOD, "other-2.toml", "file's name"),
        (GOOD.replace("steps", "stepz"), "mine-2.toml", None),
        (GOOD.replace("norms", "normz"), "mine-2.toml", "did you mean 'norms'"),
        (GOOD.replace('"l2"', '"l7"'), "mine-2.toml", "norm"),
        (GOOD.replace("[[attack]]", "[attack]"), "mine-2.toml", "must be a list"),
        (GOOD.replace('["l2"]', "3"), "mine-2.toml", "must be a list"),
        (GOOD.replace('name = "pgd"', 'title = "pgd"'), "mine-2.toml", "at least one"),
        (GOOD + '[[attack]]\nname = "pgd"\n', "mine-2.toml", "twice"),
        ("name = ", "mine-2.toml", "not valid TOML"),
        (GOOD + 'when = "no gradients"\n', "mine-2.toml", "'when' of attack 'pgd' is"),
        (GOOD + "when = []\n", "mine-2.toml", "must be a list of one or more of 'no gradients'"),
        (GOOD + 'when = ["no gradient"]\n', "mine-2.toml", "did you mean 'no gradients'"),
        (GOOD + "\nunit = 'mile'", "mine-2.toml", None),
        (GOOD.replace("version", 'unit = "mile"\nversion'), "mine-2.toml", "unit"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(write, text, name, message) -> None:
    path = write(text, name)
    if message is None:
        # settings are checked when the attack is built, and name the suite
        suite = read_suite(path)
        with pytest.raises(UnknownNameError, match="mine-2"):
            build_attack("pgd", suite.listed("l2")["pgd"], suite.label)
        return
    with pytest.raises((ConfigurationError, UnknownNameError), match=message):
        read_suite(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        find_suite(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("value", [0, -1, 2.5, "many", True])
def test_steps_must_be_a_whole_number(value) -> None:
    with pytest.raises(ConfigurationError, match="steps is"):
        build_attack("pgd", {"steps": value})


def test_the_fingerprint_tells_settings_apart_and_knows_defaults() -> None:
    one, same, other = (
        suite_fingerprint((build_attack("pgd", settings),))
        for settings in ({}, {"steps": ATTACKS.load("pgd").steps}, {"steps": 7})
    )
    assert one == same != other
    noise = (build_attack("noise", {}),)
    some, others = ({"noise": (case,)} for case in ("no gradients", "no scores"))
    found = {suite_fingerprint(noise, when) for when in (None, some, others)}
    assert len(found) == 3
    assert suite_fingerprint(noise, {}) == suite_fingerprint(noise)


def test_a_wheel_finds_its_folder_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "genlabel_robust"
    (package / "_shipped" / "attacks").mkdir(parents=True)
    monkeypatch.setattr(module, "_PACKAGE", package)
    assert module.suites_folder() == package / "_shipped" / "attacks"


def test_a_checkout_finds_its_folder_beside_pyproject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "attacks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "genlabel_robust")
    assert module.suites_folder() == tmp_path / "attacks"


def test_the_current_directory_is_never_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "attacks").mkdir(parents=True)
    (here / "pyproject.toml").touch()
    monkeypatch.chdir(here)
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "elsewhere" / "genlabel_robust")
    with pytest.raises(
        GenlabelRobustError, match="'attacks' that belongs to the package is missing"
    ):
        module.suites_folder()


def test_a_name_of_which_no_version_runs_under_the_norm_says_which_do() -> None:
    told = r"'quick' does not run under norm 'l1'; it allows linf, l2, l0; suites that run .*: stan"
    with pytest.raises(ConfigurationError, match=told):
        find_suite("quick", "l1")

"""The plugin in inner test suites: what passes, what fails, and the messages."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from genlabel_robust.gates.baselines.baseline import read_baseline
from genlabel_robust.gates.baselines.of_test import file_name

pytest_plugins = ["pytester"]

HERE = Path(__file__).parent

HEAVY = {"torch", "art", "numpy", "scipy", "sklearn", "pandas", "matplotlib", "joblib"}

SUITE = """
import numpy as np, pytest, torch
from robustness_rows import *

@pytest.mark.robustness(suite="quick", eps=0.05)
def test_net(robustness):
    result = robustness.check(net(), X, Y, reference=X_TRAIN)
    assert result.status == "pass"
"""
FEW = """
import pytest
from robustness_rows import *

def test_few(robustness):
    labels = lambda x: (x[:, 1] < 0.25).astype(int)
    robustness.check(labels, X[:60], Y[:60], suite=LABELS_ONLY)
"""
UPDATE = "--robustness-update"


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported(tmp_path_factory: pytest.TempPathFactory, known_canaries: None) -> None:
    """An inner run forgets what it was the first to import; not all can be imported twice."""
    spec = importlib.util.spec_from_file_location("robustness_rows", HERE / "robustness_rows.py")
    assert spec is not None
    assert spec.loader is not None
    rows = sys.modules["robustness_rows"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rows)
    from genlabel_robust.gates.check_model import keep_model
    from genlabel_robust.gates.verdicts.terms import Terms

    folder = tmp_path_factory.mktemp("first")
    keep_model(
        rows.net(),
        rows.X[:40],
        rows.Y[:40],
        name="first",
        baseline=folder / "b.zip",
        terms=Terms(),
        reason="imports",
        out=folder / "run",
        test="first",
    )


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(HERE), prepend=os.pathsep)
    # that plugin imports all of hypothesis at the end of every inner run; the outer run has
    # imported plugins that pytest would like to rewrite
    quiet = "-p no:hypothesispytest -W ignore::pytest.PytestAssertRewriteWarning"
    monkeypatch.setenv("PYTEST_ADDOPTS", quiet)
    pytester.makeini("[pytest]\naddopts = --strict-markers -W error -p no:cacheprovider")
    return pytester


def failed(suite: pytest.Pytester, *arguments: str) -> str:
    done = suite.runpytest_inprocess(*arguments)
    done.assert_outcomes(failed=1)
    return done.stdout.str()


def test_a_model_passes_against_its_own_baseline_and_a_worse_one_fails(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(test_it=SUITE)
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    (file,) = (suite.path / "robustness-baselines").iterdir()
    with read_baseline(file) as known:
        assert known.about.history[0].reason.endswith("test_it.py::test_net")
        assert "models/" not in {n[:7] for n in zipfile.ZipFile(file).namelist()}
    suite.runpytest_inprocess("--junit-xml=j.xml").assert_outcomes(passed=1)
    assert properties(suite.path / "j.xml")["robustness.status"] == "pass"

    suite.makepyfile(test_it=SUITE.replace("net()", "net(flipped=0.3)"))
    shown = failed(suite, "--junit-xml=j.xml")
    assert "FAIL test_net linf 0.05 (checkpoint): robust" in shown
    assert "pytest test_it.py::test_net --robustness-update" in shown
    assert "def test_net" not in shown
    found = properties(suite.path / "j.xml")
    before, after, low, high, change = (
        float(found[f"robustness.{k}"]) for k in ("before", "after", "low", "high", "difference")
    )
    assert low < change < high < -0.01
    assert after - before == pytest.approx(change)
    assert found["robustness.n"] == "160"

    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    with read_baseline(file) as known:
        assert [entry.what for entry in known.about.history] == ["saved", "updated"]
    suite.runpytest_inprocess().assert_outcomes(passed=1)


def properties(path: Path) -> dict[str, str]:
    found = ElementTree.parse(path).iter("property")  # noqa: S314
    return {node.attrib["name"]: node.attrib["value"] for node in found}


def test_a_masked_model_does_not_pass(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_it=SUITE)
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    for name in ("scaled(net(), 1000)", "hard(net())", "cut(net())"):
        suite.makepyfile(test_it=SUITE.replace("net()", name))
        assert "ATTACK NOT VALID" in failed(suite)


def test_a_number_that_cannot_be_believed_is_not_saved(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_it=SUITE.replace("net()", "hard(net())"))
    assert "(check scores)" in failed(suite, UPDATE)
    assert not (suite.path / "robustness-baselines").exists()


def test_a_model_under_the_floor_is_not_saved(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_it=SUITE.replace("eps=0.05", "eps=0.05, min_robust=0.99"))
    shown = failed(suite, UPDATE)
    assert "at least 99.0 % required" in shown
    assert not (suite.path / "robustness-baselines").exists()


@pytest.mark.nightly(but=["named_pipeline"])
@pytest.mark.parametrize("of", ["forest", "named_pipeline", "svc"])
def test_estimators_are_held_to_baselines_too(suite: pytest.Pytester, of: str) -> None:
    suite.makepyfile(
        test_it=f"""
        from robustness_rows import *
        import pytest

        @pytest.mark.robustness(eps=0.05, max_drop=0.02, suite=LABELS_ONLY)
        def test_estimator(robustness):
            result = robustness.check({of}(), FRAME[:140], NAMED[:140])
            if not result.verdicts[0].figures.mode == "saved":
                assert result.verdicts[0].figures.identical
            assert "No reference rows were given" in result.notes[0]
        """
    )
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    assert len([*(suite.path / "robustness-baselines").iterdir()]) == 1
    suite.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("name", "function", "classes"),
    [("labels", "predict", None), ("scores", "predict_proba", ("no", "yes"))],
    ids=["labels", "scores"],
)
def test_callables_are_held_to_baselines_too(
    suite: pytest.Pytester, name: str, function: str, classes: tuple[str, str] | None
) -> None:
    suite.makepyfile(
        test_it=f"""
        from robustness_rows import *
        import pytest

        @pytest.mark.robustness(eps=0.05, max_drop=0.02, suite=LABELS_ONLY)
        def test_callable(robustness):
            model = forest()
            asked = lambda x: model.{function}(x)
            robustness.check(asked, X[:140], NAMED[:140], name="{name}", classes={classes})
        """
    )
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    (file,) = (suite.path / "robustness-baselines").iterdir()
    assert file.name == f"{name}.zip"
    suite.runpytest_inprocess().assert_outcomes(passed=1)


def test_without_a_baseline_the_test_says_how_to_make_it(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_it=SUITE)
    shown = failed(suite)
    assert "there is no baseline test_it.py_test_net-" in shown
    assert "make it with pytest test_it.py::test_net --robustness-update, and commit it" in shown
    # once in the report, once more in the summary's line, and not as a handled error
    assert shown.count("make it with") == 1
    assert "During handling" not in shown


@pytest.mark.nightly
def test_the_marker_gives_defaults_and_the_call_wins(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_it="""
        from robustness_rows import *
        import pytest

        @pytest.mark.robustness(eps=0.01, norm="l2", suite="quick", max_drop=0.3)
        class TestIt:
            def test_marked(self, robustness):
                found = robustness.check(net(), X, Y).verdicts[0]
                assert (found.figures.eps, " l2 " in found.sentence) == (0.01, True)

            @pytest.mark.robustness(eps=0.02)
            def test_closer(self, robustness):
                assert robustness.check(net(), X, Y).verdicts[0].figures.eps == 0.02

            @pytest.mark.robustness(eps=0.02)
            def test_called(self, robustness):
                assert robustness.check(net(), X, Y, eps=0.03).verdicts[0].figures.eps == 0.03

        @pytest.mark.robustness(esp=0.1)
        def test_misspelt(robustness):
            robustness.check(net(), X, Y)

        @pytest.mark.robustness(0.1)
        def test_by_position(robustness):
            robustness.check(net(), X, Y)
        """
    )
    done = suite.runpytest_inprocess(UPDATE)
    done.assert_outcomes(passed=3, failed=2)
    assert "the marker robustness has no setting 'esp'; did you mean 'eps'" in done.stdout.str()
    assert "name what it sets, such as eps=0.1" in done.stdout.str()


def test_a_threat_file_states_the_attack_and_what_stands_beside_it_wins(
    suite: pytest.Pytester,
) -> None:
    suite.makefile(".toml", threat='eps = 0.02\nnorm = "l2"\n\n[features.x1]\nimmutable = true\n')
    suite.makepyfile(
        test_it="""
        from robustness_rows import *
        import pytest

        @pytest.mark.robustness(eps=0.3, suite="quick")
        class TestIt:
            def test_called(self, robustness):
                found = robustness.check(net(), X, Y, threat="threat.toml").verdicts[0]
                assert (found.figures.eps, " l2 " in found.sentence) == (0.02, True)

            @pytest.mark.robustness(threat="threat.toml", eps=0.04)
            def test_marked(self, robustness):
                assert robustness.check(net(), X, Y).verdicts[0].figures.eps == 0.04
        """
    )
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=2)
    saved = sorted(suite.path.joinpath("robustness-baselines").iterdir())
    for file in saved:
        with read_baseline(file) as known:
            constraints = known.run.manifest["config"]["constraints"]["value"]
        assert constraints == {"immutable": ["x1"]}
    assert len(saved) == 2
    suite.runpytest_inprocess().assert_outcomes(passed=2)


GROUPS = """
import numpy as np, pytest
from robustness_rows import *

HALF = {"half": np.where(np.arange(len(FRAME)) % 2, "odd", "even")}

@pytest.mark.robustness(
    suite="quick", eps=0.05, by=HALF, endpoints=["robust", "robust where half=odd"]
)
def test_groups(robustness):
    result = robustness.check(net(), FRAME, NAMED, classes=["no", "yes"])
    assert [verdict.status for verdict in result.verdicts] == ["pass"] * 2
"""


@pytest.mark.nightly
def test_groups_of_rows_are_judged_where_they_are_named(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_it=GROUPS)
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    (file,) = (suite.path / "robustness-baselines").iterdir()
    with read_baseline(file) as known:
        assert [endpoint.part for endpoint in known.endpoints] == [None, "half=odd"]
    suite.runpytest_inprocess().assert_outcomes(passed=1)
    worse = "net(flipped=0.3)"
    suite.makepyfile(test_it=GROUPS.replace("net()", worse))
    shown = failed(suite)
    assert "where half=odd" in shown
    for wrong, told in (
        ("robust where half=left", "the run has no group of test rows 'half=left'"),
        ("margin where half=odd", "is a margin, and a test is held to accuracies"),
    ):
        suite.makepyfile(test_it=GROUPS.replace("robust where half=odd", wrong))
        assert told in " ".join(failed(suite, UPDATE).split())
    suite.makepyfile(test_it=GROUPS.replace("by=HALF", "by='weight'"))
    assert "weight" in failed(suite)


def test_what_cannot_be_decided_follows_the_policy(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\nfilterwarnings = default")
    suite.makepyfile(test_it=FEW)
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    for arguments, marked, outcomes in (
        ((), "", {"failed": 1}),
        (("--robustness-inconclusive=pass",), "", {"passed": 1}),
        (("--robustness-inconclusive=warn",), "", {"passed": 1, "warnings": 1}),
        (("--robustness-inconclusive=pass",), "fail", {"failed": 1}),
        ((), "pass", {"passed": 1}),
    ):
        marker = f"@pytest.mark.robustness(inconclusive={marked!r})\n" if marked else ""
        suite.makepyfile(test_it=FEW.replace("def test", marker + "def test"))
        done = suite.runpytest_inprocess(*arguments)
        done.assert_outcomes(**outcomes)
        told = "INCONCLUSIVE" in done.stdout.str()
        assert told == ("passed" not in outcomes or "warnings" in outcomes)
        assert told == ("about 268 test rows would decide" in done.stdout.str())


def test_another_suite_or_other_rows_are_not_compared(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_it=SUITE)
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    for before, now, told in (
        ("eps=0.05", "eps=0.06", "NOT COMPARABLE"),
        ("X, Y", "X[:100], Y[:100]", "NOT COMPARABLE"),
        ('"quick"', "WEAKER", "ATTACK NOT VALID"),
    ):
        suite.makepyfile(test_it=SUITE.replace(before, now))
        assert told in failed(suite)


def test_two_checks_never_share_a_baseline_unnoticed(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_it="""
        from robustness_rows import *
        import pytest

        pytestmark = pytest.mark.robustness(suite="quick", eps=0.05)

        def test_twice(robustness):
            robustness.check(net(), X, Y)
            robustness.check(net(), X, Y)

        @pytest.mark.parametrize("number", [1, 2])
        def test_one_name(robustness, number):
            robustness.check(net(), X, Y, name="shared")
        """
    )
    done = suite.runpytest_inprocess(UPDATE)
    done.assert_outcomes(passed=1, failed=2)
    assert "the test has made a check without a name before" in done.stdout.str()
    told = "shared.zip belongs to the test test_it.py::test_one_name[1]"
    assert told in " ".join(done.stdout.str().split())


SHARED = """
from robustness_rows import *

def test_{}(robustness):
    robustness.check(net(), X, Y, suite="quick", eps=0.05, name="shared")
"""


@pytest.mark.nightly
def test_of_two_tests_with_one_name_the_second_is_refused_in_another_process_too(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(test_a=SHARED.format("a"), test_b=SHARED.format("b"))
    done = suite.runpytest_subprocess(UPDATE, "-n", "2")
    done.assert_outcomes(passed=1, failed=1)
    assert "shared.zip belongs to the test test_" in " ".join(done.stdout.str().split())
    (file,) = suite.path.glob("robustness-baselines/*")
    with read_baseline(file) as known:
        first = known.about.test
    other = {"test_a.py::test_a": "test_b.py", "test_b.py::test_b": "test_a.py"}[first]
    before = file.read_bytes()
    for arguments in ((other, UPDATE), (other,)):
        shown = failed(suite, *arguments)
        assert f"--robustness-moved-from {first}" in " ".join(shown.split())
    assert file.read_bytes() == before


@pytest.mark.nightly
@pytest.mark.parametrize("named", [True, False])
def test_a_test_that_was_moved_takes_its_baseline_over(suite: pytest.Pytester, named: bool) -> None:
    code = SHARED.format("it") if named else SHARED.format("it").replace(', name="shared"', "")
    suite.makepyfile(test_old=code)
    suite.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    (suite.path / "test_old.py").rename(suite.path / "test_new.py")
    told = "add --robustness-moved-from" if named else "--robustness-moved-from and its old id"
    assert told in " ".join(failed(suite).split())
    for arguments in (("--robustness-moved-from=test_old.py",), ()):
        suite.runpytest_inprocess(*arguments).assert_outcomes(passed=1)
        (file,) = suite.path.glob("robustness-baselines/*")
        with read_baseline(file) as known:
            assert known.about.test == "test_new.py::test_it"
    (suite.path / "test_new.py").write_text(code.replace("test_it", "test_renamed"))
    moved = "--robustness-moved-from=test_new.py::test_it"
    suite.runpytest_inprocess(moved, UPDATE).assert_outcomes(passed=1)
    suite.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_command_that_makes_a_baseline_works_from_where_pytest_was_called(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite.mkdir("deep")
    (suite.path / "deep/test_it.py").write_text(SUITE, encoding="utf-8")
    monkeypatch.chdir(suite.path / "deep")
    place = ("--robustness-baseline=../kept",)
    shown = " ".join(failed(suite, *place).split())
    command = re.search(r"make it with pytest (.*?), and commit it", shown)
    assert command is not None
    words = shlex.split(command[1])
    assert words == ["test_it.py::test_net", UPDATE, "--robustness-baseline", "../kept"]
    suite.runpytest_inprocess(*words).assert_outcomes(passed=1)
    suite.runpytest_inprocess(*place).assert_outcomes(passed=1)


def test_a_place_that_cannot_be_written_is_told_without_options_of_others(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(test_it=SUITE)
    (suite.path / "robustness-baselines").write_text("a file")
    shown = " ".join(failed(suite, UPDATE).split())
    assert "cannot write" in shown
    assert "--robustness-baseline FOLDER names another place" in shown
    assert "--out" not in shown


def test_the_folder_of_baselines_is_an_option(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_it=SUITE)
    suite.runpytest_inprocess(UPDATE, "--robustness-baseline=kept/here").assert_outcomes(passed=1)
    assert len(list((suite.path / "kept/here").iterdir())) == 1
    suite.runpytest_inprocess("--robustness-baseline=kept/here").assert_outcomes(passed=1)


@pytest.mark.nightly
def test_workers_of_xdist_write_and_read_the_same_baselines(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_it="""
        from robustness_rows import *
        import pytest

        @pytest.mark.xdist_group("one")
        @pytest.mark.parametrize("seed", [0, 1])
        def test_net(robustness, seed):
            robustness.check(net(seed), X, Y, suite="quick", eps=0.05)
        """
    )
    parallel = ("-n", "2", "--dist", "loadgroup", "--robustness-baseline=kept")
    suite.runpytest_subprocess(UPDATE, *parallel).assert_outcomes(passed=2)
    assert len(list((suite.path / "kept").iterdir())) == 2
    done = suite.runpytest_inprocess("--robustness-baseline=kept", "--junit-xml=j.xml")
    done.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("torch.nn.Linear(5, 2)", "cannot predict 160 rows of 2 features"),
        ("torch.nn.Unflatten(1, (2, 1))", "gives an array of shape (160, 2, 1) for 160 rows"),
        ("torch.nn.Linear(2, 5)", "name the labels in the order of the scores"),
        ("lambda x: np.full((160, 2), np.nan)", "are not finite (NaN or infinite) for 160"),
        ("lambda x: np.array(['?'] * 160)", "predicts '?', which is not one of the labels"),
        ("type(forest())()", "is not fitted yet"),
        ("type(forest())", "is not a model"),
        ("forest()", "y has the labels [0, 1], which the model does not have"),
    ],
)
def test_what_is_no_model_of_these_rows_is_told_in_a_sentence(
    suite: pytest.Pytester, model: str, told: str
) -> None:
    if "Linear(2, 5)" in model:
        suite.makepyfile(test_it=SUITE.replace("net(), X, Y", f"{model}, X, NAMED"))
    else:
        suite.makepyfile(test_it=SUITE.replace("net()", model))
    shown = failed(suite, UPDATE)
    assert told in " ".join(shown.split())
    assert "Traceback" not in shown


def test_nothing_heavy_is_imported_until_a_check_is_made(suite: pytest.Pytester) -> None:
    code = (
        "import json, sys, pytest\n"
        "code = pytest.main(['-q', '-p', 'no:hypothesispytest', 'test_it.py'])\n"
        "top = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "print(json.dumps([int(code), top]), file=sys.stderr)"
    )
    suite.makepyfile(test_it="def test_it(robustness): pass")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    status, modules = json.loads(done.stderr.splitlines()[-1])
    assert (status, set(modules) & HEAVY) == (0, set())
    assert "genlabel_robust" in modules


def test_different_checks_have_different_files_on_every_system() -> None:
    names = [
        "a/b.py::t",
        "a_b.py::t",
        "a/b.py::T",
        "t[x-y]",
        "t[x/y]",
        "T",
        "t",
        "ü",
        "ö",
        "..",
        "a" * 100 + "1",
        "a" * 100 + "2",
    ]
    files = [file_name(name).lower() for name in names]
    assert len(set(files)) == len(files)
    assert all(len(file) < 100 and not set(file) & set('/\\:*?"<>|') for file in files)
    assert file_name("credit-forest") == "credit-forest"
    devices = [file_name(name).lower() for name in ("aux", "NUL", "com1", "lpt9.x", "con.y.z")]
    assert all(file.startswith("_") for file in devices)
    assert len(set(devices)) == len(devices)
    assert file_name("auxiliary") == "auxiliary"

"""The tests that an ordinary run leaves out, and the time that nightly ones may take."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

RULES = Path(__file__).parent.parent / "conftest.py"
FILE = """
import pytest

def test_quick(): pass

@pytest.mark.nightly
def test_long(): pass

@pytest.mark.nightly(but=["2"])
@pytest.mark.parametrize("count", [2, 200])
def test_many(count): pass
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Two files like ``FILE``, under the rules of this project."""
    # it imports all of hypothesis at the end of every inner run
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:cacheprovider")
    pytester.makeini("[pytest]\naddopts = --strict-markers\nmarkers = nightly: takes long")
    pytester.makeconftest(RULES.read_text(encoding="utf-8"))
    pytester.makepyfile(test_a=FILE, test_b=FILE)
    return pytester


def ran(suite: pytest.Pytester, *arguments: str) -> list[str]:
    """Return the tests that ran, in their order."""
    done = suite.runpytest_inprocess("-v", *arguments)
    lines = (line.split() for line in done.outlines)
    return [words[0] for words in lines if words[1:2] == ["PASSED"]]


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "worker"])
def test_an_ordinary_run_leaves_nightly_tests_out_and_says_so(
    suite: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    done = suite.runpytest_inprocess(*workers)
    done.assert_outcomes(passed=4, deselected=0 if workers else 4)
    done.stdout.fnmatch_lines(["4 nightly tests were left out: -m nightly runs them"])


def test_every_second_case_of_a_nightly_test_may_stay(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_c="""
        import pytest

        @pytest.mark.nightly(every=2)
        @pytest.mark.parametrize("count", range(5))
        def test_cases(count): pass
        """
    )
    assert ran(suite, "test_c.py") == [f"test_c.py::test_cases[{count}]" for count in (0, 2, 4)]
    nightly = ran(suite, "test_c.py", "-m", "nightly")
    assert nightly == [f"test_c.py::test_cases[{count}]" for count in (1, 3)]


def test_a_few_cases_of_a_nightly_test_may_stay(suite: pytest.Pytester) -> None:
    assert ran(suite, "test_a.py") == ["test_a.py::test_quick", "test_a.py::test_many[2]"]
    assert ran(suite, "test_a.py", "-m", "nightly") == [
        "test_a.py::test_long",
        "test_a.py::test_many[200]",
    ]


def test_a_case_that_is_to_stay_must_be_there(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_a=FILE.replace('but=["2"]', 'but=["3"]'))
    done = suite.runpytest_inprocess()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert "test_a.py::test_many: nightly but for ['3']: no such case" in done.stderr.str()


def test_a_test_that_is_named_runs(suite: pytest.Pytester) -> None:
    assert ran(suite, "test_a.py::test_long") == ["test_a.py::test_long"]


def test_another_file_comes_first_each_day(suite: pytest.Pytester) -> None:
    for first, file in ((0, "test_a.py"), (1, "test_b.py"), (330, "test_a.py")):
        names = ran(suite, "-m", "nightly", "--nightly-first", str(first))
        assert len(names) == 4
        assert names[0].startswith(file)


def test_what_is_marked_to_be_first_is_so_on_all_days(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_b=FILE.replace("nightly\n", "nightly(first=True)\n"))
    for first in ("0", "1"):
        names = ran(suite, "-m", "nightly", "--nightly-first", first)
        assert [name.partition("::")[0] for name in names] == [
            *2 * ["test_b.py"],
            *2 * ["test_a.py"],
        ]


def test_what_does_not_begin_in_time_is_left_out_and_named(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    late = f"def test_long():\n    import time\n    time.time = lambda: {now + 60}"
    suite.makepyfile(test_a=FILE.replace("def test_long(): pass", late))
    done = suite.runpytest_inprocess("-m", "nightly", "--nightly-until", str(now + 30))
    done.assert_outcomes(passed=1, skipped=3, deselected=4)
    assert named(done) == {"ran": ["1 test_a.py"], "left out": ["1 test_a.py", "2 test_b.py"]}


def test_workers_leave_out_what_is_too_late(suite: pytest.Pytester) -> None:
    done = suite.runpytest_inprocess("-m", "nightly", "--nightly-until", "0", "-n", "1")
    done.assert_outcomes(skipped=4)
    assert named(done) == {"ran": [], "left out": ["2 test_a.py", "2 test_b.py"]}


def named(done: pytest.RunResult) -> dict[str, list[str]]:
    """Return the counts and the files below each of the two headings."""
    _, ran, left_out = re.split(r"=+ nightly tests that .* =+\n", done.stdout.str())
    return {
        name: [" ".join(line.split()) for line in text.splitlines() if line.endswith(".py")]
        for name, text in (("ran", ran), ("left out", left_out))
    }

"""The output formats for people and CI: JUnit, Markdown, GitHub's formats and text."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_robust.gates.outputs import github
from genlabel_robust.gates.outputs.github import workflow_commands, write_error, write_github
from genlabel_robust.gates.outputs.junit import junit_xml
from genlabel_robust.gates.outputs.markdown import markdown
from genlabel_robust.gates.outputs.write import text, write_result
from genlabel_robust.gates.verdicts.figures import ComparedRates
from genlabel_robust.gates.verdicts.verdict import (
    POLICIES,
    Description,
    GateResult,
    Policy,
    Status,
    Verdict,
)
from genlabel_robust.statistics.estimate import Estimate

STATUSES: tuple[Status, ...] = (
    "pass",
    "fail",
    "inconclusive",
    "not comparable",
    "attack not valid",
    "not evaluated",
)
HOSTILE = (
    "<script>alert(1)</script> | x | `code` [a](https://evil.example) ![i](http://e.example/i.png)"
    " *b* _c_ # h ~~d~~ $m$ www.evil.example @someone &lt; \\\n# heading\r\n::error::injected"
    "\x1b[31m\x00\u2028"
)


FIGURES = ComparedRates(
    "checkpoint",
    "robust",
    0.1,
    baseline=Estimate(0.8, 0.7, 0.9, 0.95, "wilson", 100),
    candidate=Estimate(0.75, 0.65, 0.85, 0.95, "wilson", 100),
    difference=Estimate(-0.05, -0.06, -0.04, 0.9, "tango", 100),
    max_drop=0.02,
    gained=1,
    lost=6,
    n_examples=100,
    n_seeds=(1, 1),
    p_not_worse=0.9,
    p_worse=0.1,
    mcnemar_midp=0.07,
    needed=None,
    exact=True,
)


def verdict(status: Status = "pass", name: str = "robust@0.1:a/b/c") -> Verdict:
    return Verdict(name, status, f"{name}: what there is to say", FIGURES)


def result(*statuses: Status, policy: Policy = "fail") -> GateResult:
    return GateResult([verdict(s) for s in statuses], policy)


def hostile() -> GateResult:
    return GateResult(
        [verdict("fail", HOSTILE)],
        "fail",
        described=[Description(HOSTILE, HOSTILE)],
        notes=[HOSTILE],
        command=f"python -m genlabel_robust gate '{HOSTILE}'",
    )


class TestJUnit:
    @pytest.mark.parametrize("policy", POLICIES)
    def test_cases_are_counted_as_ci_systems_count_them(self, policy: Policy) -> None:
        made = GateResult(
            [verdict(s) for s in STATUSES], policy, described=[Description("a/b/c linf 1", "x")]
        )
        suites = ElementTree.fromstring(junit_xml(made).encode())  # noqa: S314
        (suite,) = suites
        undecided = {"fail": ("failure", 2, 1), "warn": ("skipped", 1, 2), "pass": (None, 1, 1)}
        tag, failures, skipped = undecided[policy]
        counts = {"tests": "7", "failures": str(failures), "errors": "3", "skipped": str(skipped)}
        for element in (suites, suite):
            assert {k: element.get(k) for k in counts} == counts
        cases = suite.findall("testcase")
        assert len(cases) == 7
        assert all(case.get("name") and case.get("classname") for case in cases)
        tags = [
            next((t for t in ("failure", "error", "skipped") if case.find(t) is not None), None)
            for case in cases
        ]
        assert tags == [None, "failure", tag, "error", "error", "error", "skipped"]
        for found, status in (
            (cases[1].find("failure"), "fail"),
            (cases[3].find("error"), STATUSES[3]),
        ):
            assert found is not None
            assert found.get("type") == status
            assert "what there is to say" in str(found.get("message"))
        assert "what there is to say" in str(cases[0].findtext("system-out"))
        properties = {p.get("name"): p.get("value") for p in cases[0].iter("property")}
        assert properties == {
            "mode": "checkpoint",
            "measure": "robust",
            "eps": "0.1",
            "max_drop": "0.02",
            "gained": "1",
            "lost": "6",
            "n_examples": "100",
            "p_not_worse": "0.9",
            "p_worse": "0.1",
            "mcnemar_midp": "0.07",
            "exact": "True",
        }

    @given(st.text(st.characters()))
    def test_any_name_makes_readable_xml(self, name: str) -> None:
        made = GateResult([verdict("fail", name)], "fail", described=[Description(name, name)])
        suites = ElementTree.fromstring(junit_xml(made).encode())  # noqa: S314
        assert len(list(suites.iter("testcase"))) == 2


class TestMarkdown:
    def test_a_verdict_is_a_row_and_a_sentence(self) -> None:
        lines = markdown(result("pass", "fail")).splitlines()
        assert lines[0] == "## Robustness gate: ❌ FAIL"
        rows = [line for line in lines if line.startswith("| robust@0.1")]
        assert (
            rows[0]
            == "| robust@0.1:a/b/c | ✅ PASS | 80.0 % | 75.0 % | -5.0 (-6.0 to -4.0) | -2.0 |"
        )
        assert "- FAIL robust@0.1:a/b/c: what there is to say" in lines

    def test_hostile_names_are_no_markup(self) -> None:
        made = markdown(hostile())
        prose, _, command = made.partition("```")
        assert "<script" not in prose
        tags = set(re.findall(r"<[^>]*>", prose))
        assert tags == {"<details>", "<summary>", "</summary>", "</details>", "<!-- -->"}
        for sign in "`*_[]#!~$":
            outside = prose.replace("## Robustness", "", 1).replace("<!-- -->", "")
            assert not re.search(rf"(?<!\\)\{sign}", outside), sign
        assert not re.search(r"https?:|www\.|(?<!\w)@\w", prose)
        # one line each: neither a heading nor a command begins one
        assert not [line for line in made.splitlines() if line.startswith(("# ", "::"))]
        assert command.count("```") == 1
        (row,) = [line for line in prose.splitlines() if line.startswith("| &lt;")]
        assert len(re.findall(r"(?<!\\)\|", row)) == 7

    def test_a_command_with_fences_stays_in_its_own(self) -> None:
        made = markdown(GateResult([verdict()], "fail", command="gate '````' x"))
        assert "`````sh\ngate '````' x\n`````\n" in made


class TestGitHub:
    @pytest.mark.parametrize("policy", POLICIES)
    def test_what_did_not_pass_is_an_annotation(self, policy: Policy) -> None:
        lines = list(workflow_commands(result(*STATUSES, policy=policy)))
        levels = [line.split(" ")[0] for line in lines]
        assert (
            levels == ["::error", "::error" if policy == "fail" else "::warning"] + ["::error"] * 3
        )
        assert lines[0] == (
            "::error title=robustness%3A fail::FAIL robust@0.1:a/b/c: what there is to say"
        )

    def test_signs_of_the_format_are_escaped(self) -> None:
        made = GateResult([Verdict("x", "fail", "50 % of a, b: c\r\n::error::d")], "fail")
        assert list(workflow_commands(made)) == [
            "::error title=robustness%3A fail::FAIL 50 %25 of a, b: c%0D%0A::error::d"
        ]
        assert github._property("a:b,c%\r\n") == "a%3Ab%2Cc%25%0D%0A"

    def test_summary_and_outputs_are_added_where_github_says(self, tmp_path: Path) -> None:
        names = {f"GITHUB_{name}": str(tmp_path / name) for name in ("STEP_SUMMARY", "OUTPUT")}
        (tmp_path / "OUTPUT").write_text("before=1\n", encoding="utf-8")
        write_github(result("inconclusive"), names)
        assert (tmp_path / "OUTPUT").read_text(encoding="utf-8") == (
            "before=1\nstatus=inconclusive\nexit-code=5\n"
        )
        summary = (tmp_path / "STEP_SUMMARY").read_text(encoding="utf-8")
        assert summary == markdown(result("inconclusive"))
        write_github(result("pass"), {})

    def test_a_long_summary_is_cut_between_characters_below_the_limit(self, tmp_path: Path) -> None:
        for shift in range(4):
            path = tmp_path / f"summary-{shift}"
            path.write_text("before\n" * 10, encoding="utf-8")
            long = GateResult([verdict()], "fail", notes=["x" * shift + "ε→😀" * 200_000])
            write_github(long, {"GITHUB_STEP_SUMMARY": str(path)})
            content = path.read_bytes()
            assert 1024 * 1024 - 300 < len(content) <= 1024 * 1024
            assert content.decode().endswith("in the run's folder.\n")

    def test_an_error_has_outputs_and_an_annotation(self, tmp_path: Path) -> None:
        line = write_error("no\nfile", 2, {"GITHUB_OUTPUT": str(tmp_path / "out")})
        assert line == "::error title=robustness%3A error::no%0Afile"
        assert (tmp_path / "out").read_text() == "status=error\nexit-code=2\n"
        assert write_error("x", 2, {}).startswith("::error")


class TestText:
    def test_the_last_line_is_the_verdict(self) -> None:
        assert text(result("fail")).splitlines()[-1] == "gate: fail"
        assert text(result("inconclusive", policy="warn")).endswith("gate: inconclusive (warn)\n")
        assert text(result("inconclusive")).endswith("gate: inconclusive\n")

    def test_a_name_begins_no_line_and_moves_no_cursor(self) -> None:
        """In a job's log a line of its own could be a workflow command."""
        lines = text(hostile()).split("\n")
        assert len(lines) == 6
        assert not [line for line in lines if line.startswith("::")]
        assert "\x1b" not in "".join(lines)
        assert all(line.isprintable() for line in lines)


def test_everything_is_written_to_the_report(tmp_path: Path) -> None:
    write_result(hostile(), tmp_path / "a" / "b")
    names = sorted(p.name for p in (tmp_path / "a" / "b").iterdir())
    assert names == ["gate.json", "gate.md", "junit.xml"]

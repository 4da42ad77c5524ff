from __future__ import annotations

import re
from collections.abc import Callable

from genlabel_robust.reports import SECTIONS
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.reports.page.sections.mixing import mixing
from genlabel_robust.reports.tables.mixing import COLUMNS, EXPLANATION, mixing_table
from genlabel_robust.reports.text.markdown import markdown_report
from genlabel_robust.runs.folder.stored_run import StoredRun

MakeRun = Callable[..., StoredRun]
Words = Callable[[str], str]
HOSTILE = "<script>x</script>"


def test_every_strategy_that_mixes_has_its_shares(make_run: MakeRun, words: Words) -> None:
    run = make_run(datasets=(HOSTILE, "two"), strategies=("vanilla", "mixup", "genlabel-gm"))
    of = run.results["datasets"]
    of["two"]["diagnostics"] = {
        # sorted, as a file has them; the report has the order of the run
        "genlabel-gm": {
            "n_points": 90,
            "intrusion_rate": 0.125,
            "foreign_label_rate": 0.25,
            "kl_divergence": 0.12345,
            "infinite_kl_rate": 0.0,
        },
        "mixup": {
            "n_points": 90,
            "intrusion_rate": 0.125,
            "foreign_label_rate": None,
            "kl_divergence": None,
            "infinite_kl_rate": None,
        },
        "vanilla": None,
    }
    said = words(mixing(run) or "")
    assert " ".join(COLUMNS) in said
    assert EXPLANATION in said
    assert "two mixup 12.5 n/a n/a n/a two genlabel-gm 12.5 25.0 0.123 0.0" in said
    assert said.count("vanilla") == 1
    why = "Not in the table: vanilla. It is about strategies that mix two rows by one λ ~ Beta"
    assert why in said
    assert why in markdown_report(run.results)
    every = make_run(datasets=("two",), strategies=("mixup",))
    assert "Not in the table" not in words(mixing(every) or "")
    first = of[HOSTILE]["diagnostics"]["mixup"]
    assert f"{HOSTILE} mixup {100 * first['intrusion_rate']:.1f}" in said


def test_a_run_without_mixing_has_no_such_section(make_run: MakeRun, words: Words) -> None:
    run = make_run(strategies=("vanilla",))
    # results of earlier versions say nothing of it
    for about in ({"diagnostics": {"vanilla": None}}, {}):
        run.results["datasets"]["two"].pop("diagnostics", None)
        run.results["datasets"]["two"].update(about)
        assert mixing(run) is None
        assert not mixing_table(run.results).rows
        page = html_report(run)
        assert re.findall(r'<section id="(\w+)"', page) == [
            s for s in SECTIONS if s not in ("mixing", "subgroups", "features", "strategies")
        ]
        assert '"#mixing"' not in page
    assert "nothing for this section" in words(html_report(run, ("mixing",)))

"""The first sentences about an audited model; attacks are not mentioned if no row is open."""

from __future__ import annotations

from typing import Any

import pytest

from genlabel_robust.reports.page.sections.verdict import _of_one
from genlabel_robust.reports.tables.results import one_model_table
from genlabel_robust.reports.words.audited_model import about_model, about_model_first
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import unable
from tests.unit.reports.words.answer.test_verdict import MODEL, of_counts

NOTE = "Loading the model file executed code."


def audited(results: dict[str, Any], opened: int | None) -> Results:
    """Return a run of a model without gradients, in which all rows are decided if none is open."""
    found = of_counts(results, 16, 4, opened)
    found["rows"][0] |= {
        "attacks": {"fgsm": None, "pgd": found["rows"][0]["robust_accuracy"]},
        "outcomes": {"fgsm": {"not_applicable": 20}},
        "not_applicable": {"fgsm": unable("gradients")},
    }
    return Results(found | {"model": MODEL | {"probabilities": True, "notes": [NOTE]}})


@pytest.mark.parametrize(("opened", "told"), [(0, 1), (3, 3), (None, 3)])
def test_what_limits_attacks_is_said_first_only_where_they_decide(
    opened: int | None, told: int, results: dict[str, Any]
) -> None:
    found = audited(results, opened)
    first = [*about_model_first(found)]
    assert (len(first), first[-1]) == (told, NOTE)
    assert len([*about_model(found)]) == 3
    # the page folds the others
    page = "".join(map(str, _of_one(found)))
    assert page.index(NOTE) < page.index("<details") if told == 1 else "<details" not in page
    assert "White-box attacks (fgsm) did not run" in page


@pytest.mark.parametrize(("opened", "there"), [(0, False), (3, True)])
def test_an_attack_that_could_not_work_has_no_line_where_every_answer_is_decided(
    opened: int, there: bool, results: dict[str, Any]
) -> None:
    found = audited(results, opened)
    titles = [column.title for column in one_model_table(found, found.rows[0]).columns]
    assert ("fgsm" in titles) == there
    assert "pgd" in titles

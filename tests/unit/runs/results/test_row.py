"""The types of results and their JSON Schema agree."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.files.json_values import json_value
from genlabel_robust.runs.cells.canary_record import AttackOnCanary, CanaryRecord
from genlabel_robust.runs.results.certification import Certification
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.runs.results.dataset import Dataset, Feature
from genlabel_robust.runs.results.differences import Difference
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import ClassRow, Row, unable
from genlabel_robust.runs.results.schema import results_schema
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup
from genlabel_robust.statistics.estimate import Estimate
from genlabel_robust.strategies.diagnostics import Diagnostics
from genlabel_robust.threat.threat_model import ThreatModel

PUBLISHED = Path(__file__).parents[4] / "reports" / "default-run" / "results.json"
DEFINED = results_schema()["$defs"]
ROW = DEFINED["row"]["properties"]
CANARY = DEFINED["canary"]["properties"]["attacks"]
#: Fields that are called otherwise in the file, or that are not in it.
ELSEWHERE = {
    (ClassRow, "name"): "class",
    (Subgroup, "name"): "group",
    (Estimate, "n"): None,
}


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (Row, DEFINED["row"]),
        (Estimate, DEFINED["estimate"]),
        (Margin, DEFINED["margin"]),
        (CheckResult, DEFINED["check"]),
        (Difference, DEFINED["difference"]),
        (Certification, ROW["certification"]),
        (ClassRow, ROW["per_class"]["items"]),
        (Subgroup, DEFINED["subgroup"]),
        (Dataset, DEFINED["dataset"]),
        (Feature, DEFINED["dataset"]["properties"]["features"]["items"]),
        (Diagnostics, DEFINED["diagnostics"]),
        (CanaryRecord, DEFINED["canary"]),
        (AttackOnCanary, CANARY["additionalProperties"]),
        (ThreatModel, results_schema()["properties"]["threat"]),
    ],
)
def test_a_type_has_the_fields_of_its_schema(kind: type, schema: dict[str, Any]) -> None:
    names = {one.name: ELSEWHERE.get((kind, one.name), one.name) for one in fields(kind)}
    assert {name for name in names.values() if name} == set(schema["properties"])
    needed = {names[one.name] for one in fields(kind) if _always(one)}
    assert {name for name in needed if name} <= set(schema["required"])


def _always(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def test_what_an_attack_needs_is_read_out_of_its_own_sentence_and_of_no_other() -> None:
    reasons = {"pgd": unable("gradients"), "square": unable("scores"), "own": "scores are off"}
    row = Row("d", "s", "a", 0.1, "linf", "range", 4, 1, {}, (), not_applicable=reasons)
    assert row.lacking == {"pgd": "gradients", "square": "scores", "own": None}
    assert row.as_dict()["not_applicable"]["pgd"] == (
        "it needs gradients, which the model does not give"
    )


def test_published_results_are_written_as_they_were_read() -> None:
    document = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    results = Results(document)
    assert [row.as_dict() for row in results.rows] == document["rows"]
    assert [one.as_dict() for one in results.differences] == document["differences"]
    for part in (results.threat, results.canaries, results.datasets):
        assert json_value(part) in document.values()

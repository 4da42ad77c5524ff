"""The attacker, in the terms of NIST AI 100-2 and in the features' own units."""

from collections.abc import Mapping
from typing import Any

from genlabel_robust.attacks.declared import uses_scores
from genlabel_robust.core import plural
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import (
    bullets,
    details,
    facts,
    paragraph,
    table,
    whole_table,
)
from genlabel_robust.reports.page.view import datasets
from genlabel_robust.reports.tables.features import features_table
from genlabel_robust.reports.words.audited_model import range_rows
from genlabel_robust.reports.words.relations import about_relations, related
from genlabel_robust.reports.words.threat import whole_threat
from genlabel_robust.reports.words.wording import headed
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.results import Results
from genlabel_robust.threat import ThreatModel
from genlabel_robust.threat.constraints.constraints import KINDS

#: The maximum number of features of a data set to list.
_MOST_FEATURES = 100

_NEEDS = {"gradients": "gradients", "scores": "scores", "decisions": "labels"}
_KNOWLEDGE = {
    "gradients": "white-box: sees the model and its gradients",
    "scores": "black-box, score-based: sees the scores of every class",
    "decisions": "black-box, decision-based: sees the predicted class only",
    "either": "black-box: sees the predicted class, and scores where the model gives any",
}


def threat(run: StoredRun) -> Markup:
    """Return the threat model: goal, capability, knowledge, budget, and ε for each feature."""
    results = run.results
    blocks: list[tuple[Content, Markup]] = [
        (name(dataset), _features(f"threat-{index}", dataset, about, results.threat))
        for index, (dataset, about) in enumerate(datasets(results).items())
    ]
    return joined(
        [
            paragraph("In the terms of NIST AI 100-2 E2025, for predictive AI:"),
            facts(
                [
                    (
                        "Attack",
                        "evasion, at deployment time: the model is fixed, its input is changed",
                    ),
                    ("Objective", "integrity violation, untargeted: any wrong class counts"),
                    (
                        "Capability",
                        "testing data control: the features of each input, within a ball and a "
                        "box; query access",
                    ),
                    (
                        "Ball",
                        whole_threat(results),
                    ),
                    ("Box", _box(run)),
                    ("Knowledge", f"{_boxes(run)}, as listed for each attack"),
                ]
            ),
            _attacks(run),
            *_constraints(results.threat),
            *_relations(results),
            element("h3", "ε in the features’ own units"),
            paragraph(
                _reach_words(results.threat)
                + " Whole numbers move by whole steps: 6.5 allows 6, and 0.7 allows none."
                * _any_whole(results)
            ),
            joined(details(heading, body, open_=len(blocks) == 1) for heading, body in blocks),
        ]
    )


def _reach_words(threat: ThreatModel) -> str:
    """Return a sentence on the content of the table of features."""
    if threat.norm == "l0":
        return (
            "How far a change can move each feature: from one end of its box to the other, or as "
            "far as the threat allows."
        )
    said = "The attacker may change each feature by this much, up or down"
    return said + ("." if threat.norm == "linf" else ", if it changes no other.")


def _any_whole(results: Results) -> bool:
    return any(
        feature.moves == "whole"
        for about in results.datasets.values()
        for feature in about.features
    )


def _box(run: StoredRun) -> str:
    """Return a sentence on the box, which limits attacks at any ε."""
    rows = range_rows(run.results)
    said = f"the range of the {rows} rows"
    if rows != "test":
        said += ", widened to hold the row itself"
    bounded = len(run.results.threat.constraints.bounds)
    if bounded:
        said += f"; for {plural(bounded, 'feature')} the bounds stated in the threat, as listed"
    return said


def _needs(run: StoredRun) -> dict[str, str]:
    """Return attack -> the knowledge that it needs, for the applicable attacks."""
    return {
        attack: need
        for panel in run.panels.values()
        for index, (attack, need) in enumerate(zip(panel.attacks, panel.needs, strict=True))
        if panel.applicable(index)
    }


def _boxes(run: StoredRun) -> str:
    needs = set(_needs(run).values())
    kinds = ["white-box"] if "gradients" in needs else []
    kinds += ["black-box"] if needs - {"gradients"} else []
    return " and ".join(kinds) or "none could be used"


def _attacks(run: StoredRun) -> Markup:
    needs, kept = _needs(run), run.results.not_chosen
    rows = []
    for attack in run.manifest["suite"]["attacks"]:
        settings = ", ".join(
            f"{key} {value}" for key, value in attack.items() if key not in ("name", "when")
        )
        need = needs.get(attack["name"], "")
        known = _KNOWLEDGE.get(
            "either" if need == "decisions" and uses_scores(attack["name"]) else need,
            f"did not run: {kept[attack['name']]}"
            if attack["name"] in kept
            else _did_not_run(run, attack["name"]),
        )
        rows.append([name(attack["name"]), known, settings])
    return table(
        "threat-attacks", "Attacks, and what each knows", ["attack", "knowledge", "settings"], rows
    )


def _did_not_run(run: StoredRun, attack: str) -> str:
    needs = {
        need: None
        for panel in run.panels.values()
        for one, need in zip(panel.attacks, panel.needs, strict=True)
        if one == attack
    }
    words = " and ".join(_NEEDS.get(need, need) for need in needs) or "more"
    several = run.results.model is None
    none = "no model of the run returns" if several else "the model does not return"
    return f"did not run: it needs {words}, which {none}"


def _constraints(threat: ThreatModel) -> list[Markup]:
    kinds = [(kind, of) for kind, of in threat.constraints.by_kind() if KINDS[kind].of_features]
    if not kinds:
        return []
    return [
        element("h3", "Limits on single features"),
        bullets(
            joined([f"{headed(kind)}: ", _listed(of, KINDS[kind].in_numbers)]) for kind, of in kinds
        ),
    ]


def _relations(results: Results) -> list[Markup]:
    if not related(results):
        return []
    return [
        element("h3", "Relations between features"),
        bullets(name(relation) for relation in related(results)),
        paragraph(about_relations(results)),
    ]


def _listed(names: Any, number: str = "") -> Markup:
    """Format names, groups of names, or names with values; ``number``: the format of values."""
    parts: list[Content] = []
    for index, one in enumerate(names):
        parts.append(", " if index else None)
        if isinstance(one, str):
            parts.append(name(one))
            if isinstance(names, Mapping):
                parts.append(_own(names[one], number))
        else:
            parts += ["(", _listed(one), ")"]
    return joined(parts)


def _own(value: Any, number: str) -> str:
    """Format a feature's own value: a number such as a weight, a unit, or bounds."""
    if isinstance(value, str):
        return f" in {value}"
    if isinstance(value, Mapping):
        return "".join(f" {edge} {number:g}" for edge, number in sorted(value.items()))
    return f" {number.format(value)}"


def _features(identifier: str, dataset: str, about: Dataset, threat: ThreatModel) -> Markup:
    features, stated = about.features, threat.constraints.bounds
    bounds = {
        feature.name: _between(stated[feature.name])
        for feature in features
        if feature.mutable and feature.name in stated
    }
    left = len(features[_MOST_FEATURES:])
    more = paragraph(f"{left} more features are in results.json.") if left else None
    encoded = _encoded(about)
    said = ", in its own unit" if not bounds else " and its bounds, in its own unit"
    what = "How far each feature reaches of " if threat.norm == "l0" else "ε of each feature of "
    caption = joined([what, name(dataset), said])
    listed = features_table(features[:_MOST_FEATURES], threat, bounds)
    return joined([whole_table(identifier, caption, listed), more, encoded])


def _encoded(about: Dataset) -> Markup | None:
    """Return a paragraph on why there are more features than columns, or None if not."""
    features = len(about.features)
    if about.columns == features:
        return None
    return paragraph(
        f"The table has {plural(about.columns, 'column')}, which are {plural(features, 'feature')} "
        "to an attacker: whether a value is missing is a feature of its own, and a category that "
        "may change has one for each of its levels.",
        class_="note",
    )


def _between(edges: Mapping[str, float]) -> str:
    """Format the bounds that the threat states; a missing one is that of the range."""
    if len(edges) == 2:
        return f"{edges['low']:.5g} to {edges['high']:.5g}"
    ((edge, value),) = edges.items()
    return f"at {'least' if edge == 'low' else 'most'} {value:.5g}"

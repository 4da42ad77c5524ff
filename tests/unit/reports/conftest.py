"""Results as ``results.json`` holds them, small enough to check every word of a report."""

from __future__ import annotations

from typing import Any

import pytest


def estimate(value: float, low: float, high: float) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "level": 0.95, "method": "wilson"}


def _row(strategy: str, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "dataset": "two",
        "strategy": strategy,
        "architecture": "mlp",
        "eps": 0.1,
        "norm": "linf",
        "unit": "range",
        "n_examples": 4,
        "n_seeds": 2,
        "clean_accuracy": estimate(0.951, 0.892, 0.98),
        "robust_accuracy": estimate(0.5, 0.25, 0.75),
        "exact_robust_accuracy": None,
        "certified_accuracy": None,
        "balanced_clean_accuracy": None,
        "balanced_robust_accuracy": None,
        "attacks": {"fgsm": estimate(0.75, 0.5, 0.9), "pgd": estimate(0.5, 0.25, 0.75)},
        "outcomes": {},
        "margin": {
            "norm": "linf",
            "kind": "attack",
            "median": 0.12345,
            "q05": 0.0,
            "q25": 0.1,
            "q75": None,
            "censored": 0.25,
            "median_interval": {"low": 0.05, "high": None, "level": 0.95, "method": "order"},
        },
        "checks": [{"name": "fine", "status": "pass", "sentence": "All is well.", "value": 0.0}],
        "logit_margin": None,
        "per_class": [],
        "hyper_parameters": [{}],
        "reason": None,
    }
    return row | changes


@pytest.fixture
def results() -> dict[str, Any]:
    """Two strategies with results, one of them with a skipped attack and a warning; one without."""
    warned = {"name": "starts", "status": "warn", "sentence": "One start is missing.", "value": 1}
    rows = [
        _row("vanilla"),
        _row(
            "mixup",
            attacks={"fgsm": None, "pgd": estimate(0.25, 0.1, 0.5)},
            robust_accuracy=estimate(0.25, 0.1, 0.5),
            checks=[warned],
        ),
        _row(
            "adamixup",
            clean_accuracy=None,
            robust_accuracy=None,
            margin=None,
            checks=[],
            attacks={"fgsm": None, "pgd": None},
            reason="it needs gradients",
        ),
    ]
    about = {
        "dataset": "two",
        "architecture": "mlp",
        "norm": "linf",
        "strategy": "mixup",
        "reference": "vanilla",
    }
    return {
        "suite": "quick-1",
        "checks": "quick",
        "attacks": ["fgsm", "pgd"],
        "threat": {"norm": "linf", "eps": [0.1], "unit": "range"},
        "canaries": None,
        "datasets": {
            "two": {
                "content_hash": "c" * 64,
                "fingerprint": {},
                "n_train": 40,
                "n_columns": 1,
                "n_test": 4,
                "classes": ["no", "yes"],
                "scaling": "range",
                "notices": ["Dropped 1 column."],
                "diagnostics": {},
                "features": [{"name": "a", "mutable": True, "raw_eps": [0.1]}],
            }
        },
        "rows": rows,
        "differences": [
            about
            | {
                "measure": "clean_accuracy",
                "eps": None,
                "difference": estimate(0.012, -0.003, 0.027),
            },
            about
            | {"measure": "robust_accuracy", "eps": 0.1, "difference": estimate(-0.25, -0.5, 0.0)},
        ],
    }

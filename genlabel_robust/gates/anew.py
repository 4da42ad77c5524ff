"""The baseline's evaluation made anew: on the same settings, or on a model that is given."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.files import sha256
from genlabel_robust.evaluation.config import RunConfig
from genlabel_robust.evaluation.given import only_cell, read_given
from genlabel_robust.evaluation.plan import make_plan
from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.evaluation.run import Run, evaluate_model
from genlabel_robust.evaluation.settings import stored_config
from genlabel_robust.gates.baseline import Baseline
from genlabel_robust.gates.endpoint import chosen_endpoints


def baseline_config(run: StoredRun) -> RunConfig:
    """Return the configuration of a stored run, its suite held to the version it had."""
    label = run.manifest["suite"]["label"]
    suite = label.removeprefix("custom (from ").removesuffix(")")
    config = stored_config(run.manifest)
    # a suite of one's own is found by its path only
    return config if config.suite.endswith(".toml") else stored_config(run.manifest, suite=suite)


def attack_given(
    baseline: Baseline, endpoints: Iterable[str], config: RunConfig, path: Path
) -> Run:
    """Attack the model in ``path`` as ``config`` says, in the place of an endpoint's model.

    Raises ``ConfigurationError`` if the endpoints are of more than one model, or the file
    does not hold one like it.
    """
    chosen = chosen_endpoints(endpoints, baseline.run) if endpoints else baseline.endpoints
    groups = list(dict.fromkeys(endpoint.group for endpoint in chosen))
    if len(groups) > 1:
        names = ", ".join(dict.fromkeys(endpoint.subject for endpoint in chosen))
        raise ConfigurationError(
            f"one model cannot take the place of {len(groups)} ({names}); choose with --endpoint"
        )
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}")
    digest = sha256(path.read_bytes())
    plan = only_cell(make_plan(config), *groups[0], digest, config.out or "")
    return evaluate_model(read_given(path, plan), plan)

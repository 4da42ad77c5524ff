"""The configuration that makes a stored run again, whatever has been released since."""

from __future__ import annotations

from genlabel_robust.evaluation.config import RunConfig
from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.evaluation.settings import stored_config


def pinned_config(run: StoredRun) -> RunConfig:
    """Return the configuration of a stored run, its suite held to the version it had."""
    label = run.manifest["suite"]["label"]
    suite = label.removeprefix("custom (from ").removesuffix(")")
    config = stored_config(run.manifest)
    # a suite of one's own is found by its path only
    return config if config.suite.endswith(".toml") else stored_config(run.manifest, suite=suite)

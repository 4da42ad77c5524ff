"""The configuration of a stored run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genlabel_robust.core.errors import OutputError
from genlabel_robust.evaluation.config import SETTINGS, RunConfig


def stored_config(manifest: Mapping[str, Any], **changes: Any) -> RunConfig:
    """Return the configuration that ``manifest`` holds, with ``changes``.

    Raises ``OutputError`` if it holds none, ``ConfigurationError`` for changes that
    cannot be.
    """
    try:
        values = {name: entry["value"] for name, entry in manifest["config"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise OutputError(f"the run's manifest holds no configuration: {error}") from error
    known = {name: value for name, value in values.items() if name in SETTINGS}
    return RunConfig(**{**known, **changes})

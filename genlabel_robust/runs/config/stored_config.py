"""The configuration of a stored run."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from genlabel_robust.core import OutputError
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import SETTINGS
from genlabel_robust.runs.config.settings import NOT_OF_AUDITS

Config = TypeVar("Config", bound=AttackConfig)

_FROM = re.compile(r"^custom \(from (.*)\)$")


def stored_config(manifest: Mapping[str, Any], kind: type[Config]) -> Config:
    """Return the configuration of ``kind`` in ``manifest``.

    Settings that ``kind`` does not have, as in older audits, are ignored. Raises ``OutputError``
    if there is no configuration, ``ConfigurationError`` if it is invalid.
    """
    try:
        values = {name: entry["value"] for name, entry in manifest["config"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise OutputError(f"the run's manifest holds no configuration: {error}") from error
    settings = kind.declared()
    known = {n: s.before for n, s in settings.items() if s.before is not None}
    known |= {name: value for name, value in values.items() if name in settings}
    return kind(**known)


def stored_identity(stored: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the identity ``stored``, expressed in the settings that such a run has ``now``.

    Older audits also listed the settings of training, each at a value without meaning; these are
    dropped. Settings that are newer than the run, and always part of an identity, are added at the
    value that such runs used.
    """
    beside = () if now.keys() & {*NOT_OF_AUDITS} else NOT_OF_AUDITS
    unset = {name: setting.default for name, setting in AttackConfig.declared().items()}
    younger = {
        name: setting.before
        for name, setting in SETTINGS.items()
        if setting.identity == "always" and setting.before is not None and name in now
    }
    return younger | {
        name: value
        for name, value in stored.items()
        if name in now or (name not in beside and (name not in unset or value != unset[name]))
    }


def pinned_config(manifest: Mapping[str, Any], kind: type[Config]) -> Config:
    """Return the configuration to repeat a run, with its suite pinned to the same version."""
    config = stored_config(manifest, kind)
    if config.suite.endswith(".toml"):  # a user's own suite is found by its path only
        return config
    return replace(config, suite=suite_file(manifest))


def suite_file(manifest: Mapping[str, Any]) -> str:
    """Return the name, with its version, of the suite from which a run took its attacks."""
    suite = manifest["suite"]
    # older runs record it only in their suite's label
    return str(suite.get("file") or _FROM.sub(r"\1", suite["label"]))

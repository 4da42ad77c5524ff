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
    """Return the configuration of ``kind`` that ``manifest`` holds.

    Of a manifest that holds more, such as that of an older audit, what ``kind`` has. Raises
    ``OutputError`` if it holds none, ``ConfigurationError`` if it cannot be.
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
    """Return the identity that is ``stored``, in the settings that its kind of run has ``now``.

    Older audits named those of training, too, each at one value that meant nothing. What runs
    from before there was a setting did is added, where every run names its value today.
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
    """Return the configuration that makes a run again, its suite held to the version it had."""
    config = stored_config(manifest, kind)
    if config.suite.endswith(".toml"):  # one's own is found by its path only
        return config
    return replace(config, suite=suite_file(manifest))


def suite_file(manifest: Mapping[str, Any]) -> str:
    """Return the name, with its version, of the suite that a run took its attacks from."""
    suite = manifest["suite"]
    # older runs say it in their suite's label only
    return str(suite.get("file") or _FROM.sub(r"\1", suite["label"]))

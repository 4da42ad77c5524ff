"""The settings of a run, selected by their declarations."""

from collections.abc import Mapping

from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import SETTINGS
from genlabel_robust.runs.config.setting import Place, Setting
from genlabel_robust.runs.config.tables import TABLES

#: Everything that a layer may set; each table has its own name.
KNOWN: Mapping[str, Setting] = {
    name: setting
    for name, setting in (*SETTINGS.items(), *TABLES.items())
    if setting.kind != "all tables"
}

#: Settings that only affect how a run is executed.
EXECUTION = tuple(name for name, setting in SETTINGS.items() if setting.identity == "never")

#: Settings of training and its data, which an audit does not have.
NOT_OF_AUDITS = tuple(name for name in SETTINGS if name not in AttackConfig.declared())


def settings_of(place: Place) -> dict[str, Setting]:
    """Return the settings that can be set in ``place``."""
    return {name: setting for name, setting in SETTINGS.items() if place in setting.places}


def option_of(name: str) -> str:
    """Return the option that sets the setting ``name``."""
    return f"--{SETTINGS[name].option or name.replace('_', '-')}"

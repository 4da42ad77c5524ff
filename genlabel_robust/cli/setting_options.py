"""The command-line options of settings, generated from the settings' declarations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from genlabel_robust.cli.option_groups import write_options

if TYPE_CHECKING:
    from genlabel_robust.runs.config.setting import Place, Setting

#: Kind of a setting -> click's type. Text, and options with several values, are checked by the
#: setting itself.
_TYPES: dict[str, Any] = {"whole number": int, "number": float, "seconds": float}

_METAVARS = {"names": "NAME", "budgets": "NUMBER"}

ASSIGNMENTS = click.Option(
    ["--set", "assignments"],
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting by name, such as train.epochs=50, attack.pgd.steps=100, "
    "strategy.mixup.alpha=0.2, architecture.mlp.widths=[64,64], "
    "constraints.immutable=['age']. Repeatable.",
)
#: Options that set several settings at once.
SOURCES: list[click.Parameter] = [
    click.Option(
        ["--config", "config_file"],
        metavar="FILE.toml",
        help=(
            "A file of settings. It wins over the project's own settings; variables "
            "GENLABEL_ROBUST_<SETTING> and options win over it."
        ),
    ),
    click.Option(
        ["--threat", "threat_file"],
        metavar="FILE.toml",
        help=(
            "A threat file: ε, and how each feature may change. It wins over --config. `threat "
            "init` writes a draft."
        ),
    ),
    ASSIGNMENTS,
]


class WithSettings(click.Command):
    """A command whose parameters are created only when they are needed.

    Settings are slow to import, and the list of all commands needs no parameters. ``made``:
    returns the parameters that come before those of the command's decorators.
    """

    def __init__(
        self, *named: Any, made: Callable[[], Sequence[click.Parameter]], **attributes: Any
    ) -> None:
        self._make = made
        self._all: list[click.Parameter] | None = None
        super().__init__(*named, **attributes)

    @property
    def params(self) -> list[click.Parameter]:
        """All parameters, in the order of the help text."""
        if self._all is None:
            self._all = [*self._make(), *self._own]
        return self._all

    @params.setter
    def params(self, own: list[click.Parameter]) -> None:
        self._own = own

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options under headings: there are too many for one list."""
        write_options(self.get_params(ctx), ctx, formatter)


def setting_options(place: Place) -> list[click.Parameter]:
    """Return the options of the settings that ``place`` has; settings that are tables have none."""
    from genlabel_robust.runs.config.kinds import DEPTHS
    from genlabel_robust.runs.config.settings import EXECUTION, settings_of

    return [
        # a gate takes its defaults from the baseline
        _option(name, setting, with_default=place != "gate" or name in EXECUTION)
        for name, setting in settings_of(place).items()
        if setting.kind not in (*DEPTHS, "all tables")
    ]


def _option(name: str, setting: Setting, *, with_default: bool) -> click.Option:
    from genlabel_robust.runs.config.kinds import SEVERAL
    from genlabel_robust.runs.config.settings import option_of

    several = setting.kind in SEVERAL
    words = [setting.help]
    if several:
        words.append("Repeatable.")
    if setting.default_in_words and with_default:
        words.append(f"[default: {setting.default_in_words}]")
    flag = setting.kind == "true or false"
    return click.Option(
        [option_of(name), name],
        type=click.Choice(setting.choices) if setting.choices else _TYPES.get(setting.kind),
        multiple=several,
        is_flag=flag,
        # None for a flag that is left out, so that it sets nothing
        default=None,
        metavar=setting.metavar or _METAVARS.get(setting.kind),
        help=" ".join(words),
    )

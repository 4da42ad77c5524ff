"""Parts of other packages that are named on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from genlabel_robust.runs.config.attack_config import AttackConfig

Config = TypeVar("Config", bound="AttackConfig")

_ABOUT: dict[str, Any] = {
    "multiple": True,
    "metavar": "PART",
    "help": "Use a part from outside: module:Name, the name of an entry point or of a distribution "
    "that `list` shows, or KIND.NAME=module:Name. Parts that you do not name are not imported. "
    "Repeatable.",
}
#: The option ``--part``, for commands that build their own parameters, and as a decorator.
PARTS = click.Option(["--part", "parts"], **_ABOUT)
PART = click.option("--part", "parts", **_ABOUT)

#: The settings whose values may name parts.
_NAMING = ("strategies", "architectures", "attacks")


def admit(specs: Iterable[Any]) -> None:
    """Import the parts that ``specs`` name, and register them for this command."""
    if specs := tuple(specs):
        # imported only here: it takes longer than `list` does without it
        from genlabel_robust.runs.config.named_parts import named_parts

        _admit(named_parts({}, specs)[1])


def with_parts(config: Config, sources: Mapping[str, str]) -> Config:
    """Admit the parts that the user names in ``config``, and replace their specs by names.

    ``sources``: setting -> where its value comes from. Only options and environment variables can
    name new parts, as a name in a file never causes an import. A file may repeat the name of a
    part that is already admitted.
    """
    from genlabel_robust.core.admitted import admitted
    from genlabel_robust.runs.config.named_parts import named_parts, of_admitted

    config = of_admitted(config)
    by_user = [
        name
        for name in _NAMING
        if sources.get(name, "").startswith(("option", "variable")) and hasattr(config, name)
    ]
    if not by_user:
        return config
    values = {name: getattr(config, name) for name in (*by_user, "settings")}
    plain, named = named_parts(values, admitted())
    _admit(named)
    return replace(config, **plain)


def named_architecture(spec: str | None) -> str | None:
    """Return the name of the architecture in ``spec``; admit it if it is a part."""
    from genlabel_robust.runs.config.named_parts import named_parts

    if spec is None:
        return None
    plain, named = named_parts({"architectures": (spec,)})
    _admit(named)
    name: str = plain["architectures"][0]
    return name


def _admit(parts: Iterable[Any]) -> None:
    from genlabel_robust.core.admitted import admitting

    click.get_current_context().with_resource(admitting(parts))

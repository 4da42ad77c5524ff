"""``config``: what a run would be set to, and by whom."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import click

from genlabel_robust.cli.printing import say, say_json
from genlabel_robust.cli.setting_options import SOURCES, WithSettings, setting_options


@click.group()
def config() -> None:
    """Look at the settings of a run before you start it."""


@config.command(cls=WithSettings, made=lambda: [*setting_options("evaluate"), *SOURCES])
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json")),
    default="table",
    show_default=True,
    help="Format of the output.",
)
def show(form: str, **options: Any) -> None:
    """Print every setting, its value, and where that came from.

    Takes the options of `evaluate`. The first of these that sets a value wins: the options,
    variables GENLABEL_ROBUST_<SETTING>, --threat, --config, genlabel-robust.toml, and
    [tool.genlabel_robust] in pyproject.toml. Tables are merged key by key.
    """
    import json

    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.runs.config.resolve import sourced_values

    settings = sourced_values(options)
    if form == "json":
        document = {s.name: {"value": _plain(s.value), "source": s.source} for s in settings}
        say_json(json_text(document))
        return
    rows = [("setting", "source", "value")]
    for setting in settings:
        value = json.dumps(_plain(setting.value), ensure_ascii=False)
        rows.append((setting.name, setting.source, "-" if setting.value is None else value))
    # the values last: a list of eight strategies is long
    name_width, source_width = (max(len(row[i]) for row in rows) for i in (0, 1))
    for name, source, value in rows:
        say(f"{name:<{name_width}}  {source:<{source_width}}  {value}")


def _plain(value: Any) -> Any:
    """Return ``value`` for JSON; what JSON has no word for, such as a date or NaN, as text."""
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if value is None or isinstance(value, str | int):
        return value
    return value if isinstance(value, float) and isfinite(value) else str(value)

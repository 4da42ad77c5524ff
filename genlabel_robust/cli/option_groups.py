"""The headings under which ``--help`` lists options."""

from __future__ import annotations

from collections.abc import Iterable

import click

#: Heading -> names of its parameters, in the order of the help text.
GROUPS: dict[str, tuple[str, ...]] = {
    "What is judged": (
        *("baseline", "model", "endpoints", "mode", "max_drop", "min_robust", "inconclusive"),
        "bridge",
    ),
    "Data": (
        *("datasets", "data", "target", "reference", "test_file", "test_share", "split"),
        *("split_seed", "group", "keep", "drop", "category", "scaling", "max_examples", "by"),
    ),
    "Models": (
        *("strategies", "architectures", "seeds", "seed", "tune", "search", "device", "parts"),
    ),
    "Your model": (
        *("classes", "output", "random_model", "column_order", "architecture", "types", "trust"),
    ),
    "Attacker": ("eps", "norm", "unit", "whole_numbers", "threat_file"),
    "Attacks, proofs and checks": (
        *("suite", "attacks", "early_stop", "max_seconds", "transfer"),
        *("certify", "proofs", "certify_seconds", "checks"),
    ),
    "The paper": ("trials", "choose_by", "alpha", "sigma", "norms"),
    "Settings and running": (
        *("config_file", "assignments", "dry_run", "jobs", "cluster", "shard", "out"),
    ),
    "Output": ("title", "purpose", "report", "form", "open_", "quiet", "verbose"),
}

#: The heading of ``--help`` itself.
_OTHER = "Help"
_HEADING = {name: heading for heading, names in GROUPS.items() for name in names}


def write_options(
    parameters: Iterable[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write the options among ``parameters`` under their headings."""
    records: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (*GROUPS, _OTHER)}
    for parameter in parameters:
        record = parameter.get_help_record(ctx)
        if record is not None and isinstance(parameter, click.Option):
            records[_HEADING.get(parameter.name or "", _OTHER)].append(record)
    for heading, listed in records.items():
        if listed:
            with formatter.section(heading):
                formatter.write_dl(listed)

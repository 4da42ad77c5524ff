"""``list``: what can be named on the command line."""

from collections.abc import Iterator

import click

from genlabel_robust.cli.naming_parts import PART, admit
from genlabel_robust.cli.printing import say

KINDS = (
    *("datasets", "strategies", "densities", "models", "attacks", "suites", "checks", "formats"),
    *("structures", "certifiers", "sections"),
)


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@PART
def list_names(kind: str, parts: tuple[str, ...]) -> None:
    """List the names that the other commands know, with a line about each.

    A part from outside that you name with --part is listed, too, with its origin.
    """
    admit(parts)
    entries = list(_entries(kind))
    width = max(len(name) for name, _ in entries)
    for name, text in entries:
        say(f"{name:<{width}}  {text}")


def _entries(kind: str) -> Iterator[tuple[str, str]]:
    if kind == "suites":
        from genlabel_robust.attacks.suite import shipped_suites

        for suite in shipped_suites():
            attacks = ", ".join(
                f"({name})" if name in suite.when else name for name, *_ in suite.attacks
            )
            yield suite.label, f"{suite.description} [{attacks}]"
        return
    from genlabel_robust.core.parts.kinds import registry_of
    from genlabel_robust.data import DATASETS

    one = {"models": "architectures"}.get(kind, kind)
    registry = DATASETS if kind == "datasets" else registry_of(one)
    for name in registry:
        part = registry.outside(name)
        origin = "" if part is None or not part.about else f" (from {part.origin})"
        yield name, f"{registry.describe(name)}{origin}"
    if registry.group is not None:
        from genlabel_robust.core.parts.offers import offers

        for offer in offers(registry).values():
            if offer.name not in registry:
                yield offer.name, f"from {offer.origin}: {offer.where}"
    if kind == "datasets":
        yield "openml:ID", "a data set of OpenML, by its number"
        yield "FILE#TARGET", "a CSV or Parquet file, and the name of its target column"
    if kind == "models":
        yield (
            "sklearn:NAME",
            "any scikit-learn classifier that takes sample weights, such as sklearn:random-forest",
        )

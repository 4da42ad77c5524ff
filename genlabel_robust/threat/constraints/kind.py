"""What is declared of a kind of constraint, once; what reads and writes them derives from it."""

from dataclasses import dataclass, field
from typing import Any

from genlabel_robust.threat.constraints.values import Values


@dataclass(frozen=True)
class ConstraintKind:
    """All that is known of a kind of constraint but its name, which is that of its field.

    ``help``: what it is, in a sentence. ``keys``: what a threat file calls it in a feature's
    table, and ``when``: the value of the key that says so, None where the key holds what the
    constraint does. ``draft``: an example for a draft of a threat file, and what it means.
    ``excludes``: kinds that the same feature cannot have, too. ``of_category``: what a category
    cannot be held to, in a threat file's words, None where it can. ``keeps_whole``: whether whole
    numbers stay whole under it. ``asks_for_change``: whether a feature with it is meant to
    change. ``in_words``: what a report says of a feature with it; ``in_numbers``: how it
    says the number that a feature has; ``noun``: what it calls one that is counted, None
    where "2 immutable" says it. ``of_features``: whether what it holds are features by name,
    and not sentences about them.
    """

    values: Values
    help: str
    keys: tuple[str, ...] = ()
    when: bool | str | None = None
    draft: tuple[str, str] | None = None
    excludes: tuple[str, ...] = ()
    of_category: str | None = None
    keeps_whole: bool = False
    asks_for_change: bool = True
    in_words: str | None = None
    of_features: bool = True
    in_numbers: str = "× {:g}"
    noun: str | None = None

    def field(self) -> Any:
        """Return the field of a dataclass that this declares."""
        about = {"kind": self}
        if self.by_feature:
            return field(default_factory=dict, hash=False, metadata=about)
        return field(default=self.values.empty, metadata=about)

    @property
    def by_feature(self) -> bool:
        """Whether it is a table with a value for each feature."""
        return isinstance(self.values.empty, dict)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the kind in ``results.json``."""
        return {"description": self.help, **self.values.schema}

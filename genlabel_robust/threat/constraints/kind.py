"""Declaration of a kind of constraint, from which its readers and writers are derived."""

from dataclasses import dataclass, field
from typing import Any

from genlabel_robust.threat.constraints.values import Values


@dataclass(frozen=True)
class ConstraintKind:
    """The declaration of a kind of constraint; its name is the name of its field.

    ``help``: a sentence that describes it. ``keys``: its keys in a feature's table of a threat
    file, and ``when``: the value of the key that selects it, None if the key contains the kind's
    own value. ``draft``: an example for a draft of a threat file, and what the example means.
    ``excludes``: kinds that cannot be combined with it for one feature. ``of_category``: the words
    of a threat file for it, if it cannot apply to a category; otherwise None. ``keeps_whole``:
    whether integers stay integers under it. ``asks_for_change``: whether it means that the feature
    may change. ``in_words``: what a report says about a feature with it; ``in_numbers``: the format
    of a feature's number; ``noun``: the noun for counted features, None where "2 immutable" is
    enough. ``of_features``: whether its values are names of features, not sentences about them.
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
        """Return the dataclass field that this declares."""
        about = {"kind": self}
        if self.by_feature:
            return field(default_factory=dict, hash=False, metadata=about)
        return field(default=self.values.empty, metadata=about)

    @property
    def by_feature(self) -> bool:
        """Whether it maps each feature to a value."""
        return isinstance(self.values.empty, dict)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the kind in ``results.json``."""
        return {"description": self.help, **self.values.schema}

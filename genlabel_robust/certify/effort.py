"""How much work goes into proving examples that no attack broke."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

#: "off": none; "bounds": one pass of bounds; "auto": exact where that is cheap, as for affine
#: models and trees, and a small budget for nets; "exact": a large budget for all models. "short":
#: as "auto", but searches of nets give up early, see ``nets.short``.
Effort: TypeAlias = Literal["off", "auto", "bounds", "exact", "short"]

#: The efforts that a user can choose; "short" is "auto" with the setting ``proofs = "short"``.
EFFORTS: tuple[Effort, ...] = ("off", "auto", "bounds", "exact")

#: "short" gives up early on examples far from a proof, "full" spends the whole budget.
Proofs: TypeAlias = Literal["short", "full"]
PROOFS: tuple[Proofs, ...] = ("short", "full")

#: Everything that determines the result of a short search, as JSON; part of a cell's key.
#: "work": bound steps and branches per row and ε, twice those of "auto", because most rows need
#: few of them; "split": the cost of a split: two children of each of four ReLUs, and the ascent of
#: the best two.
SHORT: Mapping[str, int] = MappingProxyType({"work": 1000, "split": 34})

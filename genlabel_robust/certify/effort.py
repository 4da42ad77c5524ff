"""How much is tried to prove what no attack broke."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

#: "off": nothing; "bounds": what one pass of bounds proves; "auto": exact where that is cheap, as
#: it is for affine models and trees, and a small budget for nets; "exact": a large budget for all.
#: "short" is "auto" with short searches: of nets, see ``nets.short``.
Effort: TypeAlias = Literal["off", "auto", "bounds", "exact", "short"]

#: What can be asked for; "short" is "auto" under the setting ``proofs``.
EFFORTS: tuple[Effort, ...] = ("off", "auto", "bounds", "exact")

#: How searches for proofs go: "short" gives up early what is far from proved, "full" spends all.
Proofs: TypeAlias = Literal["short", "full"]
PROOFS: tuple[Proofs, ...] = ("short", "full")

#: All that determines what a short search decides, as JSON has it; a part of a cell's key.
#: "work": bound steps and branches a row and ε, twice those of "auto", as most rows take few of
#: them; "split": what a split takes: two children of four ReLUs, and the ascent of the best two.
SHORT: Mapping[str, int] = MappingProxyType({"work": 1000, "split": 34})

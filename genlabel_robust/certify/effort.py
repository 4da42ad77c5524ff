"""How much is tried to prove what no attack broke."""

from typing import Literal, TypeAlias, get_args

#: "off": nothing; "bounds": what one pass of bounds proves; "auto": exact where that is cheap, as
#: it is for affine models and trees, and a small budget for nets; "exact": a large budget for all.
Effort: TypeAlias = Literal["off", "auto", "bounds", "exact"]

EFFORTS: tuple[Effort, ...] = get_args(Effort)

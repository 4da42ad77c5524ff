"""The parts from outside that can affect the result of a cell."""

from collections.abc import Sequence

from genlabel_robust.core.admitted import Part, admitted

#: Kinds of parts that affect any model once named; checks and sections only summarise cells.
_EVERYWHERE = ("densities", "formats", "structures", "certifiers")


def used_parts(strategy: str, architecture: str, attacks: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts from outside that a cell with these names uses, in a fixed order."""
    named = {
        ("strategies", strategy),
        ("architectures", architecture),
        *(("attacks", name) for name in attacks),
    }
    used = [p for p in admitted() if p.kind in _EVERYWHERE or (p.kind, p.name) in named]
    return tuple(sorted(used, key=lambda part: (part.kind, part.name)))

"""Which parts from outside have a say in what a cell comes out as."""

from collections.abc import Sequence

from genlabel_robust.core.admitted import Part, admitted

#: What works on any model, once it is named; checks and sections sum up what cells hold.
_EVERYWHERE = ("densities", "formats", "structures", "certifiers")


def used_parts(strategy: str, architecture: str, attacks: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts from outside that a cell of these names uses, in one order."""
    named = {
        ("strategies", strategy),
        ("architectures", architecture),
        *(("attacks", name) for name in attacks),
    }
    used = [p for p in admitted() if p.kind in _EVERYWHERE or (p.kind, p.name) in named]
    return tuple(sorted(used, key=lambda part: (part.kind, part.name)))

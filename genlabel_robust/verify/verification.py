"""The result of verifying a run."""

from collections.abc import Callable
from dataclasses import dataclass

from genlabel_robust.runs.folder.bundle import BundleNote
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.proofs.confirm import Confirmed

#: Progress callback: (steps done, total number of steps, name of the next step).
Step = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Verification:
    """The result of verifying a run.

    ``findings``: all differences. ``digest``, ``results``, ``model``: the SHA-256 of
    ``SHA256SUMS``, of ``results.json`` and of an audited model file. ``cells``, ``rows``,
    ``examples``: how many were checked. ``robust``: the number of robust rows, ``attacked`` of
    which were attacked again. ``missed``: for each cell with broken rows, the probability that
    none of them was attacked again if a tenth had been rewritten as robust. ``by_chance``: rows
    that the attacks break only with a new seed, which is not a difference. ``confirmed``: for
    each other method, how many proofs it tried and confirmed. ``loosely``: sentences about what
    was compared only by its numbers or rates. ``unread``: files that were not computed again,
    only compared with their checksums. ``foreign``: files that no run writes, not checked at all.
    ``read``: sentences about the data files that were read. ``odd``: a sentence on which part
    contradicts the others. ``agreeing``: names of what was confirmed. ``bundle``: for a partial
    bundle, what was left out; ``digest`` is then that of the bundle.
    """

    findings: tuple[Finding, ...]
    digest: str | None
    cells: int = 0
    rows: int = 0
    examples: int = 0
    attacked: int = 0
    robust: int = 0
    missed: tuple[float, ...] = ()
    by_chance: tuple[str, ...] = ()
    confirmed: tuple[Confirmed, ...] = ()
    model: str | None = None
    results: str | None = None
    loosely: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    odd: str | None = None
    agreeing: tuple[str, ...] = ()
    bundle: BundleNote | None = None

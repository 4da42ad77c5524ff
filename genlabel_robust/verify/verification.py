"""What verifying a run looked at, and what it found."""

from collections.abc import Callable
from dataclasses import dataclass

from genlabel_robust.runs.folder.bundle import BundleNote
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.proofs.confirm import Confirmed

#: Done, of so many, and the name of what comes next.
Step = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Verification:
    """What verifying looked at and found; ``digest``: of the folder's ``SHA256SUMS``.

    ``results``: of its ``results.json``; ``model``: of a model file that was audited.

    ``missed``: for each cell with broken rows the chance that what was attacked again would
    have held none of them, had a tenth been rewritten as robust. ``by_chance``: rows that
    fall to the run's attacks under a new seed only; that is no difference. ``confirmed``: how
    many proofs another method was asked about, by its name, and confirmed. ``loosely``:
    sentences about what was compared by its numbers only, or by its rates. ``unread``:
    files that were not computed again, of which only the checksums were compared; ``foreign``:
    files that no run writes, at which nothing looks. ``read``: sentences about the files of data
    that all was computed from. ``odd``: of what differs, which part contradicts the others;
    ``held``: names of what holds. ``bundle``: what was left out of it, if it was no whole run; the
    digest is then that of the bundle.
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
    held: tuple[str, ...] = ()
    bundle: BundleNote | None = None

"""Which part of a run contradicts the others, and which parts are confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass

from genlabel_robust.verify.pages import Pages
from genlabel_robust.verify.results_again import RESULTS

#: The maximum number of names in a sentence.
_LISTED = 6


@dataclass(frozen=True)
class Fit:
    """Which parts of a run are consistent.

    ``cells``: whether all cells agree with model and data. ``results``: whether ``results.json``
    agrees with the cells. ``pages``: the pages compared with the results that the cells give, or
    with the stored results if the cells are wrong.
    """

    cells: bool
    results: bool
    pages: Pages

    @property
    def agreeing(self) -> tuple[str, ...]:
        """The names of the confirmed files; none if the cells are wrong."""
        wrong = {finding.where for finding in self.pages.findings}
        pages = [name for name in self.pages.fit if name not in wrong]
        if not self.cells:
            return ()
        return (*([RESULTS] if self.results else []), *pages)


def odd_one_out(fit: Fit) -> str | None:
    """Return a sentence that says which part of a run contradicts the others, or None."""
    pages = fit.pages
    wrong = list(dict.fromkeys(finding.where for finding in pages.findings))
    if fit.cells and not fit.results:
        odd = [RESULTS, *pages.odd]
        why = "the cells agree with model and data"
        if pages.against:
            why += f", and {_listed(pages.against)} show{_s(pages.against)} what these give"
        return f"{_are(odd)}: {why}."
    if fit.cells:
        return (
            f"{_are(wrong)}: the cells and {RESULTS} agree with model and data." if wrong else None
        )
    if fit.results:
        return f"{RESULTS} fits the cells, and is as wrong as these are."
    fitting = [name for name in pages.fit if name not in wrong]
    if not fitting:
        return None
    return (
        f"The odd ones out are the cells: {RESULTS} and {_listed(fitting)} fit each other, and "
        "not the cells."
    )


def _are(names: Sequence[str]) -> str:
    return f"The odd one{_s(names, '', 's')} out {_s(names, 'is', 'are')} {_listed(names)}"


def _s(names: Sequence[str], one: str = "s", more: str = "") -> str:
    return one if len(names) == 1 else more


def _listed(names: Sequence[str]) -> str:
    if len(names) > _LISTED:
        return f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last

"""An endpoint, which a gate judges: one measure of one recipe on one data set."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

from genlabel_robust.core import ConfigurationError, UnfinishedRunError, plural, unknown_name
from genlabel_robust.data.subgroups.grouping import LEAST_ROWS
from genlabel_robust.runs.cells.model_record import ARCHITECTURE, STRATEGY
from genlabel_robust.runs.folder.stored_run import Group, StoredRun

Measure: TypeAlias = Literal["robust", "clean", "margin"]
MEASURES: tuple[str, ...] = get_args(Measure)

_FORM = (
    "MEASURE, MEASURE@EPS or MEASURE@EPS:DATASET/STRATEGY/ARCHITECTURE, of some rows followed by "
    "' where COLUMN=GROUP'"
)
_WHERE = " where "
#: Baselines of earlier versions name an audit's placeholder strategy and architecture too.
_AUDITED = f"/{STRATEGY}/{ARCHITECTURE}"


@dataclass(frozen=True)
class Endpoint:
    """A measure of a group: "robust" or "clean" accuracy, or the median "margin".

    ``eps``: the budget of "robust", None for the other measures. ``part``: the label, such as
    "sex=Female", of a group of test rows that ``--by`` created; None for all rows.
    """

    measure: Measure
    dataset: str
    strategy: str
    architecture: str
    eps: float | None
    part: str | None = None

    @property
    def group(self) -> Group:
        """The key of the endpoint's panel."""
        return self.dataset, self.architecture, self.strategy

    @property
    def name(self) -> str:
        """The endpoint in the form that ``parse_endpoint`` reads."""
        at = "" if self.eps is None else f"@{written(self.eps)}"
        return f"{self.measure}{at}:{self.subject}"

    @property
    def subject(self) -> str:
        """The name of what is measured: "credit/genlabel-gm/mlp", or for an audit "credit".

        If only some rows count, it ends in their label: "credit where sex=Female".
        """
        named = _named(self.dataset, self.strategy, self.architecture)
        return named if self.part is None else f"{named}{_WHERE}{self.part}"


def _named(dataset: str, strategy: str, architecture: str) -> str:
    audited = (strategy, architecture) == (STRATEGY, ARCHITECTURE)
    return dataset if audited else f"{dataset}/{strategy}/{architecture}"


def written(number: float) -> str:
    """Return the shortest text that parses as ``number``: "0.1", "1", "0.0422222222222222"."""
    short = f"{number:g}"
    return short if float(short) == number else repr(float(number))


def parse_endpoint(text: str, run: StoredRun) -> Endpoint:
    """Return the endpoint that ``text`` names in ``run``.

    ``text``: "robust", "robust@0.1" or "robust@0.1:wine/mixup/mlp", each optionally followed by
    " where sex=Female". The budget and the recipe may be left out if the run has only one. Raises
    ``ConfigurationError`` or ``UnknownNameError``, which list the valid names, and
    ``UnfinishedRunError`` if the run has no results.
    """
    whole, part = _split(text, run)
    head, _, subject = whole.partition(":")
    measure, at, budget = head.partition("@")
    if measure not in MEASURES:
        raise unknown_name("measure", measure, MEASURES, of="the gate", where=f"({_FORM})")
    dataset, strategy, architecture = _subject(subject, run)
    eps = None
    if measure == "robust":
        eps = _budget(budget if at else None, run.results.threat.eps, text)
    elif at:
        raise ConfigurationError(f"endpoint {text!r}: {measure} has no ε; leave out @{budget}")
    if part is not None:
        _check_part(part, dataset, run)
    return Endpoint(cast("Measure", measure), dataset, strategy, architecture, eps, part)


def _split(text: str, run: StoredRun) -> tuple[str, str | None]:
    """Split ``text`` at " where ", which the name of a data set may also contain."""
    names = {_named(dataset, strategy, arch) for dataset, arch, strategy in run.panels}
    ends = [len(text), *(found.start() for found in re.finditer(_WHERE, text))]
    parts = [(text[:end], text[end + len(_WHERE) :] if end < len(text) else None) for end in ends]
    for whole, part in parts:
        head, colon, subject = whole.partition(":")
        known = subject.removesuffix(_AUDITED) in names if colon else not subject
        if head.partition("@")[0] in MEASURES and known:
            return whole, part
    return parts[min(1, len(parts) - 1)]


def _check_part(part: str, dataset: str, run: StoredRun) -> None:
    """Raise if ``run`` has no such group of rows, or if the group is too small."""
    groups = run.subgroup_rows(dataset)
    if not groups:
        raise ConfigurationError(
            f"the endpoint is about the rows with {part}, but {run.path} was made without --by and "
            "has no groups; run it again with --by COLUMN"
        )
    if part not in groups:
        raise unknown_name("group of test rows", part, list(groups), of="the run")
    n = int(groups[part].sum())
    if n < LEAST_ROWS:
        raise ConfigurationError(
            f"group {part!r} has {plural(n, 'test row')}, and a gate needs {LEAST_ROWS}; name a "
            "larger group, or test on more rows"
        )


def chosen_endpoints(texts: Iterable[str], run: StoredRun) -> tuple[Endpoint, ...]:
    """Parse ``texts`` without repetitions; none stands for the run's only robust accuracy."""
    return tuple(dict.fromkeys(parse_endpoint(text, run) for text in tuple(texts) or ("robust",)))


def _subject(text: str, run: StoredRun) -> tuple[str, str, str]:
    if not run.panels:
        raise UnfinishedRunError(f"{run.path}: the run has no results; nothing was evaluated")
    known = [(dataset, strategy, arch) for dataset, arch, strategy in run.panels]
    names = [_named(*group) for group in known]
    if text:
        text = text.removesuffix(_AUDITED)
        if text not in names:
            raise unknown_name("data set/strategy/architecture", text, names, of="the run")
        return known[names.index(text)]
    if len(known) == 1:
        return known[0]
    raise ConfigurationError(
        f"the run has {len(known)} recipes, and a gate must know beforehand which of them it "
        f"judges; name one or more with --endpoint robust@EPS:NAME, where NAME is one of: "
        f"{', '.join(names)}"
    )


def _budget(text: str | None, budgets: Sequence[float], endpoint: str) -> float:
    listed = ", ".join(map(written, budgets))
    if text is None:
        if len(budgets) == 1:
            return budgets[0]
        raise ConfigurationError(
            f"the run has the budgets {listed}; name one of them, such as "
            f"robust@{written(budgets[0])}"
        )
    try:
        wanted = float(text)
    except ValueError as error:
        raise ConfigurationError(
            f"endpoint {endpoint!r}: {text!r} is not a number; known budgets: {listed}"
        ) from error
    for eps in budgets:
        if abs(eps - wanted) <= 1e-9 * eps:
            return eps
    raise ConfigurationError(f"endpoint {endpoint!r}: the run has no ε {text}; it has {listed}")

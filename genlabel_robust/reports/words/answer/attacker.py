"""The attacker's abilities in the user's own units, with which every verdict begins."""

from collections.abc import Sequence

from genlabel_robust.core import plural
from genlabel_robust.reports.words.wording import NORM_SIGNS
from genlabel_robust.runs.results.dataset import Feature
from genlabel_robust.runs.results.few_features import FewFeaturesRow
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.threat import ThreatModel

#: The maximum number of features to name; of more, the first ``_NAMED`` are named.
_ALL, _NAMED = 4, 3
#: The maximum length of a feature's name; longer ones are cut.
_LONGEST = 40
#: The words for an attacker without any possible change.
NOTHING = "change nothing"


def attacker(results: Results, row: Row) -> str:
    """Return what the attacker may do at the ε of ``row``, as a verb phrase after "who may".

    Features are in the order of their table: those that break most alone come first.
    """
    threat = results.threat
    budget = threat.eps.index(row.eps)
    changes = _changes(results.datasets[row.dataset].features, threat, budget, row.few_features)
    if not changes:
        return NOTHING
    return f"{_allowed(threat, row.eps, changes)}{_kept(threat)}"


def any_attacker(results: Results, eps: float) -> str:
    """Return the same for several tables with different features, without naming features."""
    threat = results.threat
    if threat.constraints.costs:
        return f"spend up to {eps:g} on changes of a row"
    if threat.norm == "l0":
        return f"change any {plural(int(eps), 'feature')} of a row"
    if threat.norm == "linf":
        return f"change each feature by up to {_size(threat, eps)}"
    return f"change a row by {_distance(threat, eps)}"


def amount(value: float) -> str:
    """Format a size in a feature's own unit: "0.04955", "2", "4,212"."""
    return f"{value:,.0f}" if 1000 <= value < 1e9 else f"{value:.4g}"


def short(name: str) -> str:
    """Return a feature's name for a sentence, cut to ``_LONGEST``, and never empty."""
    if not name.strip():
        return "(no name)"
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _changes(
    features: Sequence[Feature], threat: ThreatModel, budget: int, few: FewFeaturesRow | None
) -> list[str]:
    """Return a phrase on each mutable feature and its reach; those that break most come first."""
    sizes = {one.name: _reach(one, budget) for one in features if one.mutable}
    names = list(sizes)
    if few is not None:
        # columns of the table, as a category is one column but several features
        names = [one.name for one in few.ranked]
    limits = threat.constraints
    words = []
    for name in names:
        size = sizes.get(name)
        if size == 0:
            continue
        said = short(name)
        if size is None:
            said += " to another category"
        elif name in limits.shares:
            said += f" by up to {_share(threat, name, budget, size)}"
        elif threat.norm != "l0":
            said += f" by up to {amount(size)}"
        if name in limits.increasing or name in limits.decreasing:
            said += f" ({'up' if name in limits.increasing else 'down'} only)"
        words.append(said)
    return words


def _share(threat: ThreatModel, name: str, budget: int, size: float) -> str:
    """Return a phrase on the reach of a feature limited by a fraction of the row's own value.

    ``size``: the reach within the budget, which is included unless it is the whole range.
    """
    limits = threat.constraints
    share = f"{100 * limits.shares[name]:.4g} % of its own value"
    whole = limits.weights.get(name, 1.0) * threat.eps[budget] >= 1
    if threat.norm == "l0" or (limits.units.get(name, threat.unit) == "range" and whole):
        return share
    return f"{share} ({amount(size)} at most)"


def _reach(feature: Feature, budget: int) -> float | None:
    """Return the reach of a feature with a budget; None for a category that can change."""
    if feature.moves == "category":
        return None if feature.reach is None or feature.reach[budget] else 0
    return feature.raw_eps[budget] if feature.reach is None else feature.reach[budget]


def _allowed(threat: ThreatModel, eps: float, changes: Sequence[str]) -> str:
    count, listed = plural(len(changes), "feature"), _listed(changes)
    if threat.constraints.costs:
        each = "each feature" if threat.norm == "l0" else "each change"
        return f"spend up to {eps:g} on changes of {count}, {each} at its price ({listed})"
    if threat.norm == "l0":
        return f"change any {int(eps)} of {count} of a row ({listed})"
    if len(changes) == 1:
        return f"change {listed}"
    if threat.norm != "linf":
        return f"change {count} by {_distance(threat, eps)} (alone {listed})"
    if len(changes) <= _ALL:
        return f"change {listed}"
    return f"change each of {count} by up to {_size(threat, eps)} ({listed})"


def _size(threat: ThreatModel, eps: float) -> str:
    """Return a phrase on how far each feature can move within ε."""
    if threat.own_budgets:
        return "its own budget"
    return {
        "range": f"{100 * eps:.4g} % of its range",
        "global-range": f"{100 * eps:.4g} % of the one range over all scaled features",
        "std": f"{eps:g} of its standard deviations",
        "raw": f"{eps:g} in its own unit",
    }[threat.unit]


def _distance(threat: ThreatModel, eps: float) -> str:
    """Return a phrase on how far a row can move in total within ε."""
    unit = {
        "range": f"{100 * eps:.4g} % of the ranges",
        "global-range": f"{100 * eps:.4g} % of the one range over all scaled features",
        "std": f"{eps:g} standard deviations",
        "raw": f"{eps:g} in raw units",
    }[threat.unit]
    return f"an {NORM_SIGNS[threat.norm]} distance of up to {unit}"


def _listed(changes: Sequence[str]) -> str:
    """Return "a by up to 2, b by up to 3 and 4 more"."""
    chosen = list(changes) if len(changes) <= _ALL else [*changes[:_NAMED]]
    left = len(changes) - len(chosen)
    last = [f"{left} more"] if left else [chosen.pop()] if len(chosen) > 1 else []
    return " and ".join([", ".join(chosen), *last])


def _kept(threat: ThreatModel) -> str:
    count = len(threat.constraints.relations)
    return f" and who keeps to {plural(count, 'relation')} between features" if count else ""

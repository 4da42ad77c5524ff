"""The decision about one example at one ε: proved, broken, or open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.by_search import Nearest
from genlabel_robust.certify.nets.bounds.backward import Relaxed, adaptive, backward
from genlabel_robust.certify.nets.bounds.leads import Leads
from genlabel_robust.certify.nets.bounds.local import Localised, localise
from genlabel_robust.certify.nets.bounds.nodes import Nodes
from genlabel_robust.certify.nets.bounds.region import Ball
from genlabel_robust.certify.nets.box_search import BoxSearch
from genlabel_robust.certify.nets.discrete import choices, chosen_among
from genlabel_robust.certify.nets.search import Search
from genlabel_robust.certify.nets.witness import Hunt
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.core.machine.float64 import multiplies_in_float64
from genlabel_robust.models import Model
from genlabel_robust.models.on_device import device_of
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm

#: With at most this many free features, boxes are halved instead of fixing ReLUs.
_FEW = 6
#: The rounding error of a whole step.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class _Part:
    """The rows of one choice: ``local`` is the net there, as a function of ``free`` (f,) features.

    ``step`` (f,): the length of their whole steps, 0 for continuous features.
    """

    hunt: Hunt
    local: Localised
    free: IntArray
    step: FloatArray


@dataclass(eq=False)
class Row:
    """The state of the search for one example ``raw`` (d,) of label ``y`` under ``net``.

    ``flags``: the missing-value flags that the attacker may change. ``short``: whether to give up
    on what is far from a proof. ``descended``: returns whether the first descent breaks the example
    at an ε, None to run that descent here. ``rounding``: the largest correction for the model's
    rounding that the first bounds subtracted from a lead.
    """

    net: ReluNet
    space: AttackSpace
    raw: FloatArray
    y: int
    norm: Norm
    hunt: Hunt
    flags: IntArray
    stop: Callable[[], bool]
    short: bool = False
    descended: Callable[[float], bool] | None = None
    used: int = 0
    rounding: float = np.nan

    def decide(self, eps: float, work: int) -> str:
        """Return "proved", "broken" or "open" for the ball of radius ``eps``.

        "proved" covers every row that the run accepts as within ``eps``, up to twice its
        tolerance.
        """
        slack = self._slack()
        radius = eps * (1 + 2 * TOLERANCE) * (1 + 1e-9) + float((slack / self.space.scale).sum())
        found = choices(self.space, self.raw, self.flags, self.norm, radius)
        if found is None:
            return "broken" if self.hunt.begin(eps) else "open"
        chosen = chosen_among(self.space, self.flags)
        hunts = [self.hunt.among(choice, chosen) for choice in found]
        # most breakable rows are broken by one descent, which costs less than the bounds
        if self.short and self._broken_at_once(hunts, eps):
            self.used += len(hunts)
            return "broken"
        parts = [self._part(hunt, radius, slack) for hunt in hunts]
        self.used += len(parts)
        parts = [part for part in parts if not self._proved_at_once(part)]
        if not parts:
            return "proved"
        budget = self.used + work
        begin = Hunt.draw if self.short else Hunt.begin
        if any(begin(part.hunt, eps) for part in parts):
            return "broken"
        if not work:
            return "open"
        outcomes = set()
        for part in parts:
            outcomes.add(self._searched(part, eps, budget))
            if self.short and "open" in outcomes:
                break
        if "broken" in outcomes:
            return "broken"
        return "open" if "open" in outcomes else "proved"

    def _broken_at_once(self, hunts: Sequence[Hunt], eps: float) -> bool:
        if self.descended is not None:
            return self.descended(eps)
        return any(hunt.descend(eps) for hunt in hunts)

    @property
    def nearest(self) -> Nearest:
        """The nearest row found so far that the model mislabels."""
        return self.hunt.nearest

    def _slack(self) -> FloatArray:
        """Return the tolerance (d,), in raw units, with which ``violations`` checks the box."""
        edges = np.maximum(np.abs(self.hunt.low), np.abs(self.hunt.high)) * self.space.scale
        return 8 * np.spacing(np.abs(self.raw) + edges + np.abs(self.space.offset))

    def _part(self, hunt: Hunt, radius: float, slack: FloatArray) -> _Part:
        """Return the subproblem for the choice of ``hunt`` in a ball of ``radius``."""
        radius = hunt.choice.at_most_left(radius, self.norm)
        low, high = np.maximum(hunt.low, -radius), np.minimum(hunt.high, radius)
        step = np.zeros(len(low))
        whole = hunt.whole
        step[whole] = 1 / self.space.scale[whole]
        for edge, sign in ((low, -1.0), (high, 1.0)):
            edge[whole] = sign * np.floor(sign * edge[whole] / step[whole] + _SLACK) * step[whole]
        free = np.flatnonzero(high > low)
        local = localise(
            hunt.net,
            hunt.choice.row,
            slack,
            self.space.scale,
            free,
            low[free],
            high[free],
            Ball(self.norm, radius),
            _bounds_device(hunt.model),
        )
        return _Part(hunt, local, free, step[free])

    def _leads(self, local: Localised) -> Leads:
        """Return the leads over each other class, and how large they must be."""
        weight, bias = self.net.weights[-1][:, local.last], self.net.biases[-1]
        rivals = np.flatnonzero(np.arange(len(bias)) != self.y)
        return Leads(
            weight[self.y] - weight[rivals],
            bias[self.y] - bias[rivals],
            local.blur[self.y] + local.blur[rivals],
        )

    def _proved_at_once(self, part: _Part) -> bool:
        """Say whether one backward pass over the whole region proves all leads."""
        local = part.local
        leads = self._leads(local)
        rest = (
            leads.coefficients[None],
            leads.constant[None],
            [Relaxed.of(*pair) for pair in local.bounds],
            [adaptive(*pair) for pair in local.bounds],
            local.low[None],
            local.high[None],
        )
        passed = backward(local.net, *rest)
        exact = backward(local.net.without_rounding(), *rest)
        taken = exact.value[0] - passed.value[0] + leads.needed
        self.rounding = float(np.fmax(self.rounding, taken.max(initial=0.0)))
        return bool((passed.value[0] > leads.needed).all())

    def _searched(self, part: _Part, eps: float, budget: int) -> str:
        local, free, step = part.local, part.free, part.step
        leads = self._leads(local)

        def tries(points: FloatArray) -> bool:
            delta = np.zeros((len(points), len(self.raw)))
            delta[:, free] = points
            return part.hunt.look(delta, eps)

        if len(free) <= _FEW:
            boxes = BoxSearch(local, leads, tries, budget - self.used, step, self.stop)
            outcome = boxes.run()
            self.used += boxes.used
            return outcome
        outcomes = set()
        root = Nodes.root(local.low, local.high, local.bounds)
        for lead in leads.each():
            rest = budget - self.used
            search = Search(local.net, lead, tries, rest, step, self.stop, self.short)
            outcomes.add(search.run(root))
            self.used += search.used
            if "broken" in outcomes:
                return "broken"
            if self.short and "open" in outcomes:
                break
        return "open" if "open" in outcomes else "proved"


def _bounds_device(model: Model) -> str | None:
    """Return the device of ``model`` if it can compute the bounds, None for numpy."""
    device = device_of(model)
    return device if multiplies_in_float64(device) else None

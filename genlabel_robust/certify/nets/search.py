"""Branch and bound over subproblems of one example and one rival class."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.effort import SHORT
from genlabel_robust.certify.nets.bounds.ascent import Bounded, ascend
from genlabel_robust.certify.nets.bounds.backward import LocalNet
from genlabel_robust.certify.nets.bounds.leads import Lead
from genlabel_robust.certify.nets.bounds.nodes import Nodes
from genlabel_robust.certify.nets.branching import fix_relus, halve, relu_scores, widest_whole
from genlabel_robust.certify.nets.leaf import solve_leaf
from genlabel_robust.certify.nets.short import least_splits
from genlabel_robust.core import FloatArray

#: The number of subproblems that are bounded at once.
_BATCH = 128
#: The number of ReLUs whose children are bounded before one of them is chosen.
_TRIED = 4
#: Ascent steps for a subproblem, and for the whole region.
_STEPS, _FIRST = 12, 24


@dataclass(eq=False)
class Search:
    """The search for a proof that ``lead`` is above the needed value, or for a point that is not.

    ``tries``: takes minimisers (q, f) of bounds and returns whether one of them is a witness;
    ``work``: the bound steps and branches that may be used; ``step`` (f,): of whole-number
    features, 0 for others; ``stop``: called between steps; ``short``: whether to give up on what
    is far from a proof, see ``short``. ``used``: the work so far.
    """

    net: LocalNet
    lead: Lead
    tries: Callable[[FloatArray], bool]
    work: int
    step: FloatArray
    stop: Callable[[], bool] = lambda: False
    short: bool = False
    used: int = 0
    _open: int = 0

    def run(self, root: Nodes) -> str:
        """Return "proved", "broken" or "open"."""
        stack, steps = [root], _FIRST if self.work > 0 else 0
        while stack:
            if self.used and (self.used >= self.work or self.stop()):
                return "open"
            nodes = stack.pop()
            bounded = ascend(self.net, self.lead, nodes, steps)
            self.used += len(nodes) * (steps + 1)
            steps = _STEPS
            left = np.flatnonzero(bounded.nodes.value <= self.lead.needed)
            if not len(left):
                continue
            if self.tries(bounded.point[left]):
                return "broken"
            bounded = bounded.take(left)
            if self.used >= self.work or (self.short and self._far(bounded)):
                return "open"
            children = self._branch(bounded)
            if children is None:
                return "broken"
            children = children.take(np.flatnonzero(children.possible))
            order = np.argsort(-children.value, kind="stable")
            stack += [
                children.take(order[begin : begin + _BATCH])
                for begin in range(0, len(order), _BATCH)
            ]
        return "open" if self._open else "proved"

    def _far(self, bounded: Bounded) -> bool:
        """Say whether the subproblems need more work than is left, by a rough lower estimate."""
        splits = int(least_splits(bounded, self.lead.needed).sum())
        return SHORT["split"] * splits > self.work - self.used

    def _branch(self, bounded: Bounded) -> Nodes | None:
        """Return the children of all subproblems, None if a witness was found."""
        nodes, scores = bounded.nodes, relu_scores(bounded)
        leaf = np.isinf(scores.max(axis=1))
        children = [] if leaf.all() else [self._fixed(nodes.take(~leaf), scores[~leaf])]
        for number in np.flatnonzero(leaf):
            proved, point = solve_leaf(self.net, self.lead, nodes.take([number]))
            self.used += 1
            if proved:
                continue
            if point is not None and self.tries(point[None]):
                return None
            cut = widest_whole(nodes.take([number]), self.step)
            if cut is None:
                self._open += 1
            else:
                children.append(halve(self.net, nodes.take([number]), cut))
        return Nodes.join(children) if children else nodes.take(~leaf)

    def _fixed(self, nodes: Nodes, scores: FloatArray) -> Nodes:
        """Return two children of each subproblem, split at the best of its most promising ReLUs."""
        q = len(nodes)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :_TRIED]
        tried = []
        least = np.full((q, order.shape[1]), np.inf)
        # with few subproblems all ReLUs fit into one pass, which costs as much as one for each
        at_once = order.shape[1] if q * order.shape[1] <= _BATCH else 1
        for first in range(0, order.shape[1], at_once):
            chosen = order[:, first : first + at_once]
            every = nodes.take(np.tile(np.arange(q), at_once)) if at_once > 1 else nodes
            both = fix_relus(self.net, every, chosen.T.ravel())
            both = ascend(self.net, self.lead, both, 0).nodes
            self.used += len(both)
            for number in range(at_once):
                rows = number * q + np.arange(q)
                children = both.take(np.concatenate([rows, at_once * q + rows]))
                value = np.where(children.possible, children.value, np.inf)
                value = np.minimum(value, self.lead.needed)
                closed = np.isinf(scores[np.arange(q), order[:, first + number]])
                least[:, first + number] = np.where(closed, np.inf, -value[:q] - value[q:])
                tried.append(children)
        best = least.argmin(axis=1)
        parts = []
        for number, children in enumerate(tried):
            rows = np.flatnonzero(best == number)
            parts.append(children.take(np.concatenate([rows, q + rows])))
        return Nodes.join(parts)

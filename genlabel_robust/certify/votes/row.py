"""The decision about one example of a vote at one ε: proved, broken, or open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from genlabel_robust.certify.by_search import Nearest
from genlabel_robust.certify.nets.discrete import Choice, choices, chosen_among
from genlabel_robust.certify.trees.boxes import LeafBoxes
from genlabel_robust.certify.votes.bounds import Bounder, Boxes
from genlabel_robust.certify.votes.hunt import Hunt
from genlabel_robust.certify.votes.region import radius_of, region_of
from genlabel_robust.certify.votes.search import Search
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import Vote
from genlabel_robust.threat import AttackSpace, Norm


@dataclass(eq=False)
class Row:
    """The state of the search for one example ``raw`` (d,) of label ``y`` under ``vote``.

    ``boxes``: of the vote's trees. ``flags``: the missing-value flags that the attacker may change.
    ``used``: the boxes that were bounded; ``nearest``: the nearest row found so far that the model
    mislabels.
    """

    vote: Vote
    boxes: Sequence[LeafBoxes]
    model: Model
    space: AttackSpace
    raw: FloatArray
    y: int
    norm: Norm
    flags: IntArray
    stop: Callable[[], bool]
    used: int = 0
    nearest: Nearest = field(default_factory=Nearest)

    def decide(self, eps: float, work: int) -> str:
        """Return "proved", "broken" or "open" for the ball of radius ``eps``.

        "proved" covers every row that the run accepts as within ``eps``, up to twice its
        tolerance.
        """
        radius = radius_of(self.space, self.raw, eps)
        found = choices(self.space, self.raw, self.flags, self.norm, radius)
        if found is None:
            return "open"
        parts = [self._part(choice, eps) for choice in found]
        self.used += len(parts)
        left = [part for part in parts if part[2].value[0] <= 0]
        if not left:
            return "proved"
        for bounder, hunt, root in left:
            cuts = dict(zip(bounder.leaves.axes.tolist(), bounder.leaves.cuts, strict=True))
            if hunt.descend(eps, cuts) or hunt.ask(root.low, eps) or hunt.ask(root.high, eps):
                return "broken"
        budget = self.used + work
        outcomes = set()
        for bounder, hunt, root in left if work else ():
            search = Search(bounder, hunt, eps, budget - self.used, self.stop)
            outcomes.add(search.run(root))
            self.used += search.used
            if "broken" in outcomes:
                return "broken"
        return "open" if "open" in outcomes or not work else "proved"

    def _part(self, choice: Choice, eps: float) -> tuple[Bounder, Hunt, Boxes]:
        """Return the bounds, the witness search and the root box of a choice."""
        chosen = chosen_among(self.space, self.flags)
        region = region_of(self.space, self.raw, choice, chosen, self.norm, eps)
        bounder = Bounder.of(self.vote, self.boxes, region, self.y)
        hunt = Hunt(self.vote, self.model, region, self.raw, self.y, self.nearest)
        return bounder, hunt, bounder.root()

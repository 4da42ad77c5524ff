"""Models that answer attacks' queries from their structure, much faster than from the library."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, GenlabelRobustError, IntArray
from genlabel_robust.core.files.large_arrays import in_parts
from genlabel_robust.models.model import Model, TorchModel
from genlabel_robust.models.structures.links import Link, allowed, link_of
from genlabel_robust.models.structures.structure_of import hull_of
from genlabel_robust.models.wrapped import Wrapped
from genlabel_robust.structure import Affine, NoStructure, Structure, TreeEnsemble
from genlabel_robust.structure.quick_trees import quick_trees
from genlabel_robust.threat import AttackSpace

#: How far rounding can move a row beyond the box, as a share of its values; structures hold there.
_BEYOND = 1e-12


@dataclass(frozen=True, eq=False)
class QuickModel(Wrapped):
    """``model``, with answers to attacks' queries computed from ``structure``.

    ``asked``: a function of rows (n, d) that returns the structure's scores (n, k); ``link``: the
    function from these to the library's scores, None if it is unknown. The library itself is
    queried if two scores are closer than the structure's rounding, and for rows outside of ``low``,
    ``high`` (d,), where the structure is not known to hold: so ``decide`` always returns the
    library's answer. ``predict``, which judges the results of attacks, always queries the library.
    """

    structure: TreeEnsemble | Affine
    asked: Link
    link: Link | None
    low: FloatArray
    high: FloatArray

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the library's label of each row, mostly without a query to it: (n, d) -> (n,)."""
        scores = self.asked(raw)
        ranked = np.sort(scores, axis=1)
        lead = ranked[:, -1] - ranked[:, -2]
        labels = scores.argmax(axis=1)
        # inside the box, no error is larger; the other rows are checked one by one
        clear = lead > 2 * self._most_off
        narrow = np.flatnonzero(~clear)
        off = allowed(self.structure, scores[narrow], raw[narrow])
        clear[narrow] = lead[narrow] > 2 * off
        unclear = np.flatnonzero(~(clear & self._inside(raw)))
        if len(unclear):
            labels[unclear] = self.model.decide(raw[unclear])
        return np.asarray(labels)

    def never(self, raw: FloatArray, labels: IntArray) -> BoolArray:
        """Mark the rows (n, d) that cannot get their label in ``labels`` (n,) in any batch.

        Another score exceeds the label's by more than the error bounds of both.
        """
        scores, rows = self.asked(raw), np.arange(len(raw))
        if isinstance(self.structure, Affine):
            off = self.structure.error(raw, raw)
        else:
            off = np.broadcast_to(allowed(self.structure, scores, raw)[:, None], scores.shape)
        ahead = scores - scores[rows, labels][:, None] > off + off[rows, labels][:, None]
        return np.asarray(ahead.any(axis=1) & self._inside(raw))

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the library's scores, up to rounding: (n, d) -> (n, k)."""
        if self.link is None:
            return self.model.scores(raw)
        scores = self.link(self.asked(raw))
        outside = np.flatnonzero(~self._inside(raw))
        if len(outside):
            scores[outside] = self.model.scores(raw[outside])
        return scores

    @cached_property
    def _most_off(self) -> float:
        """A bound on the error of all scores between ``low`` and ``high``."""
        if isinstance(self.structure, Affine):
            return float(self.structure.error(self.low[None], self.high[None]).max())
        return self.structure.rounding

    def _inside(self, raw: FloatArray) -> BoolArray:
        return np.asarray(((raw >= self.low) & (raw <= self.high)).all(axis=1))


def quick_model(
    model: Model, structure: Structure | NoStructure | None, raw: FloatArray, space: AttackSpace
) -> Model:
    """Return ``model`` as attacks should query it: through ``structure``, if that is faster.

    ``structure``: compared with the model on rows ``raw`` (n, d), one or more, and in the box of
    ``space``; None if it was not determined. Nets, and trees too large for tables, are queried
    directly.
    """
    if isinstance(model, TorchModel):
        return model
    if isinstance(structure, TreeEnsemble):
        tables = quick_trees(structure)
        if tables is None:
            return model
        scores_of: Link = tables.scores
    elif isinstance(structure, Affine):
        scores_of = structure.scores
    else:
        return model
    box = space.offset + space.scale * np.stack([space.low, space.high])
    link = None
    if model.knowledge != "decisions":
        try:
            scores = in_parts(model.scores, raw)
        except (GenlabelRobustError, ValueError, TypeError):
            return model
        computed = in_parts(scores_of, raw)
        off = in_parts(lambda rows: allowed(structure, scores_of(rows), rows), raw)
        link = link_of(scores, computed, off)
    low, high = hull_of(raw, box)
    beyond = _BEYOND * np.maximum(np.abs(low), np.abs(high))
    return QuickModel(model, structure, scores_of, link, low - beyond, high + beyond)

"""A beam search over sets of features, which grow one feature at a time."""

from collections.abc import Iterator

import numpy as np

from genlabel_robust.attacks.search.feature_moves import FeatureMoves
from genlabel_robust.attacks.search.fewest_found import FewestFound
from genlabel_robust.core import FloatArray, IntArray, generator
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.visited import lowest_margin

#: The values of each feature that are combined with others: the best single moves.
_KEPT = 6
#: The features that are combined with others: those with the best single moves.
_FEATURES = 40


class FeatureBeam:
    """The search for the examples ``rows`` (r,); ``found`` records adversarial points."""

    def __init__(
        self, target: AttackTarget, moves: FeatureMoves, found: FewestFound, rows: IntArray
    ) -> None:
        self._target, self._moves, self._found, self._rows = target, moves, found, rows
        self._rank = lowest_margin(target) if target.offers("scores") else None
        self._alone = np.zeros((len(rows), moves.count))

    def single(self) -> None:
        """Query every move of a single feature."""
        everything = np.broadcast_to(np.arange(self._moves.count), self._alone.shape)
        points = self._moves.points(self._rows, everything)
        self._alone = self._ask(points, np.arange(len(self._rows)))

    def grow(self, width: int, most: int) -> None:
        """Add features to the ``width`` best sets until they suffice, at most ``most`` of them."""
        kept = self._best_values()
        line = np.arange(len(self._rows))
        beam = np.zeros((len(line), 1, self._target.n_features))
        # sets start from the best single features; examples that one feature breaks are done
        beam = self._chosen(line, beam, kept, np.take_along_axis(self._alone, kept, axis=1), width)
        cheapest = float(self._moves.price.min(initial=np.inf))
        for _ in range(1, most):
            price = self._target.space.length(beam, "l0").min(axis=1)
            open_ = price + cheapest < self._found.price[self._rows[line]]
            line, beam = line[open_], beam[open_]
            if not len(line):
                return
            points = self._extended(line, beam, kept[line])
            margin = self._ask(points, line)
            beam = self._chosen(line, beam, kept[line], margin, width)

    def starts(self) -> Iterator[FloatArray]:
        """Yield a point (r, m) of each example that combines all helpful single moves."""
        if self._rank is None:
            return
        here = self._ask(np.zeros((len(self._rows), 1, self._target.n_features)), None)
        best = self._first_of_each(self._alone)
        gains = np.take_along_axis(self._alone, best, axis=1) < here
        points = self._moves.points(self._rows, best)
        yield np.asarray(np.where(gains[..., None], points, 0.0).sum(axis=1))

    def _best_values(self) -> IntArray:
        """Return the moves (r, c) to combine: the best single moves of the best features.

        A feature with fewer values repeats its best ones.
        """
        found = []
        for number in range(len(self._moves.parts)):
            own = np.flatnonzero(self._moves.feature == number)
            order = np.argsort(self._alone[:, own], axis=1, kind="stable")
            found.append(own[order[:, np.arange(_KEPT) % len(own)]])
        every = np.stack(found, axis=1)
        lead = np.take_along_axis(self._alone, every[:, :, 0], axis=1)
        best = np.argsort(lead, axis=1, kind="stable")[:, :_FEATURES]
        kept = np.take_along_axis(every, best[:, :, None], axis=1)
        return np.asarray(kept.reshape(len(every), -1))

    def _first_of_each(self, margin: FloatArray) -> IntArray:
        """Return the best move (r, g) of each feature."""
        found = []
        for number in range(len(self._moves.parts)):
            own = np.flatnonzero(self._moves.feature == number)
            found.append(own[margin[:, own].argmin(axis=1)])
        return np.stack(found, axis=1)

    def _extended(self, line: IntArray, beam: FloatArray, kept: IntArray) -> FloatArray:
        """Apply each of ``kept`` (q, c) to each of ``beam`` (q, w, m): (q, w * c, m)."""
        moved = self._moves.points(self._rows[line], kept)
        columns = self._moves.columns(kept)
        points = np.where(columns[:, None], moved[:, None], beam[:, :, None])
        return np.asarray(points.reshape(len(line), -1, beam.shape[2]))

    def _chosen(
        self, line: IntArray, beam: FloatArray, kept: IntArray, margin: FloatArray, width: int
    ) -> FloatArray:
        """Return the best sets (q, width, m) of different features, by ``margin`` (q, w * c)."""
        points = self._extended(line, beam, kept)
        touched = self._target.space.movable.touched(points != 0)
        # equal sets of features have equal sums
        names = generator(0, "sets of features").random(touched.shape[-1])
        sums = touched @ names
        left, every = margin.copy(), np.arange(len(line))
        best = []
        for _ in range(width):
            at = left.argmin(axis=1)
            best.append(points[every, at])
            left[np.isclose(sums, sums[every, at][:, None], rtol=0, atol=1e-12)] = np.inf
        return np.stack(best, axis=1)

    def _ask(self, points: FloatArray, line: IntArray | None) -> FloatArray:
        """Return the margins (q, c) of ``points`` (q, c, m), negative where mislabelled."""
        rows = self._rows if line is None else self._rows[line]
        count, each, m = points.shape
        flat, owners = points.reshape(-1, m), np.repeat(rows, each)
        if self._rank is None:
            margin = np.where(
                self._target.predict(flat, owners) != self._target.y[owners], -1.0, 0.0
            )
        else:
            margin = self._rank(flat, owners, self._target.scores(flat, owners))
        margin = margin.reshape(count, each)
        price = self._target.distance(flat, owners, "l0").reshape(count, each)
        price = np.where(margin < 0, price, np.inf)
        cheapest = price.min(axis=1, initial=np.inf)
        # among equal prices the largest lead, which does not depend on the last bits
        at = np.where(price == cheapest[:, None], margin, np.inf).argmin(axis=1)
        every = np.arange(count)
        self._found.keep(points[every, at], rows, margin[every, at] < 0)
        return margin

"""Attack space: the coordinates in which the threat is a plain ε-ball in a box."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.lattice import ROUNDING, Lattice
from genlabel_robust.threat.norms import Ball, Norm
from genlabel_robust.threat.relations.bound import Relations
from genlabel_robust.threat.relations.moves import Moves
from genlabel_robust.threat.relations.repair import Repair
from genlabel_robust.threat.threat_model import distance


@dataclass(frozen=True)
class AttackSpace:
    """The map ``u = (raw - offset) / scale`` and the box that bounds every attack.

    ``offset``, ``scale``, ``low``, ``high``: (d,) floats, the box in attack space; ``mutable`` (d,)
    marks the features that the attacker may change; ``rules``: how they may change, and
    ``relations``: conditions between them. ``features``: which columns form one feature under L0,
    None if each column is one, except in one-hot groups; ``own_eps`` (d,): the largest change of
    each feature, whatever ε is, None for the size of its box; ``shares`` (d,): the same as a share
    of a row's own raw value. ``encoded``: whether each one-hot group contains all levels of a
    category, so that models have a weight for each level.
    """

    offset: FloatArray
    scale: FloatArray
    low: FloatArray
    high: FloatArray
    mutable: BoolArray
    rules: Rules = field(default_factory=Rules)
    features: Features | None = None
    own_eps: FloatArray | None = None
    shares: FloatArray | None = None
    encoded: bool = False
    relations: Relations = field(default_factory=Relations)

    @cached_property
    def touchable(self) -> Features:
        """The features that L0 counts, over all d columns."""
        if self.features is not None:
            return self.features
        owner = np.arange(len(self.scale))
        for group in self.rules.one_hot:
            owner[list(group)] = group[0]
        return Features(owner, np.ones(len(owner)))

    @cached_property
    def movable(self) -> Features:
        """The features that L0 counts, over the m columns that may change."""
        return self.touchable.among(self.axes)

    @property
    def discrete(self) -> bool:
        """Whether any mutable feature is an integer or a category."""
        rules = self.rules
        return bool(self.mutable[[*rules.integer, *chain(*rules.one_hot)]].any())

    @cached_property
    def axes(self) -> IntArray:
        """The numbers (m,) of the mutable features."""
        return np.flatnonzero(self.mutable)

    @cached_property
    def lattice(self) -> Lattice | None:
        """The lattice of integers and categories among the m features, None if there are none."""
        if not self.discrete:
            return None
        place = {int(axis): i for i, axis in enumerate(self.axes)}

        def places(columns: tuple[int, ...]) -> IntArray:
            return np.array([place[c] for c in columns if c in place], dtype=np.int64)

        groups = [places(group) for group in self.rules.one_hot]
        return Lattice(
            step=1 / self.scale[self.axes],
            integer=places(self.rules.integer),
            groups=[group for group in groups if len(group)],
        )

    @cached_property
    def repair(self) -> Repair | None:
        """The repair of points that violate the relations, None without relations."""
        if not self.relations:
            return None
        scale = self.scale[self.axes]
        return Repair(
            Moves(self.relations, self.axes, scale, self.lattice, self.length, self.moved)
        )

    def moved(self, raw: FloatArray, points: FloatArray) -> FloatArray:
        """Return the raw rows (q, d) that valid ``points`` (q, m) make of ``raw`` (q, d).

        A feature that was not moved keeps its value to the last bit; integers and categories are
        exact.
        """
        change = self.scale[self.axes] * points
        if self.lattice is not None:
            whole = self.lattice.features
            change[:, whole] = np.rint(change[:, whole])
        return self.shifted(raw, change)

    def shifted(self, raw: FloatArray, change: FloatArray) -> FloatArray:
        """Return ``raw`` (q, d) with its mutable features moved by ``change`` raw units (q, m)."""
        if self.mutable.all():
            return np.asarray(raw + change)
        found = raw.copy()
        found[:, self.axes] += change
        return found

    @property
    def plain(self) -> bool:
        """Whether every point of a box is valid: there are no integers, categories or relations."""
        return self.lattice is None and self.repair is None

    def existing(
        self,
        raw: FloatArray,
        points: FloatArray,
        low: FloatArray,
        high: FloatArray,
        ball: Ball | None,
    ) -> FloatArray:
        """Return valid neighbours (q, m) of ``points`` (q, m), which are changes of ``raw`` (q, d).

        They lie in the box ``low``, ``high`` (q, m) around the rows, and in ``ball`` if the points
        do: see ``Lattice`` and ``Repair``. A valid point is its own neighbour.
        """
        if self.plain:
            return points
        found = np.clip(points, low, high)
        if self.lattice is not None:
            found = self.lattice.nearest(found, raw[:, self.axes] == 1, ball)
        return found if self.repair is None else self.repair.repaired(raw, found, low, high, ball)

    def enter(self, raw: FloatArray) -> FloatArray:
        """Map raw features (n, d) to attack space (n, d)."""
        return np.asarray((raw - self.offset) / self.scale)

    def box(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return each example's own box (n, d), (n, d), which always contains the example.

        Test rows can lie outside the training range. The box of an immutable feature is the point
        itself; that of an increasing feature begins there, that of a decreasing one ends there, and
        that of an integer ends at whole raw units from there.
        """
        low = np.where(self.mutable, np.minimum(self.low, u), u)
        high = np.where(self.mutable, np.maximum(self.high, u), u)
        if self.own_eps is not None:
            low, high = np.maximum(low, u - self.own_eps), np.minimum(high, u + self.own_eps)
        if self.shares is not None:
            own = np.isfinite(self.shares)
            room = self.shares[own] * np.abs((self.offset / self.scale + u)[:, own])
            low[:, own] = np.maximum(low[:, own], u[:, own] - room)
            high[:, own] = np.minimum(high[:, own], u[:, own] + room)
        # edges are rounded, too: an edge at the value of the example leaves no room
        rounding = 4 * np.spacing(np.abs(u) + np.abs(self.offset / self.scale))
        low, high = np.where(u - low <= rounding, u, low), np.where(high - u <= rounding, u, high)
        for edge, pinned in ((low, self.rules.increasing), (high, self.rules.decreasing)):
            edge[:, pinned] = u[:, pinned]
        whole = list(self.rules.integer)
        here, scale = u[:, whole], self.scale[whole]
        low[:, whole] = here - np.floor((here - low[:, whole]) * scale + ROUNDING) / scale
        high[:, whole] = here + np.floor((high[:, whole] - here) * scale + ROUNDING) / scale
        return low, high

    def distance(self, raw: FloatArray, raw_adv: FloatArray, norm: Norm) -> FloatArray:
        """Return the length (n,) of each perturbation, in attack space."""
        if norm == "l0":
            return self.touchable.length(raw_adv != raw)
        return distance((raw_adv - raw) / self.scale, norm)

    def length(self, delta: FloatArray, norm: Norm) -> FloatArray:
        """Return the length (...) of perturbations in attack space, (..., d) or (..., m).

        The last axis contains all columns, or only those that may change.
        """
        if norm != "l0":
            return distance(delta, norm)
        every = delta.shape[-1] == len(self.scale)
        return (self.touchable if every else self.movable).length(delta != 0)

    def project(
        self,
        u: FloatArray,
        center: FloatArray,
        low: FloatArray,
        high: FloatArray,
        eps: float,
        norm: Norm,
    ) -> FloatArray:
        """Project the m mutable columns as the function ``project`` does; under L0, too.

        Under L0, the features that move farthest in their box are kept, as many as ε buys.
        """
        if norm != "l0":
            return project(u, center, low, high, eps, norm)
        delta = np.clip(u, low, high) - center
        size = np.abs(delta) / np.maximum(high - low, 1e-300)
        return np.asarray(center + self.movable.project(delta, size, eps))


def project(
    u: FloatArray, center: FloatArray, low: FloatArray, high: FloatArray, eps: float, norm: Norm
) -> FloatArray:
    """Move ``u`` (n, d) into the box and the ``eps``-ball around ``center`` (n, d).

    For L2 and L1 the point is clipped to the box and then shrunk toward the center, which the box
    contains: the result lies in both, but is not always the nearest such point.
    """
    if norm == "linf":
        return np.clip(u, np.maximum(low, center - eps), np.minimum(high, center + eps))
    delta = np.clip(u, low, high) - center
    length = distance(delta, norm)[..., None]
    return np.asarray(center + delta * np.minimum(1.0, eps / np.maximum(length, 1e-300)))

"""Models built as in an audit, and a comparison of a structure with its library."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.data.rows import Rows, rows_of
from genlabel_robust.models.adapters.library_scores import library_scores
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat.space import AttackSpace

#: A model of the package, its attack space and its rows.
Made = tuple[Model, AttackSpace, Rows]
Make = Callable[..., Made]
Agrees = Callable[..., TreeEnsemble]


@pytest.fixture
def made() -> Make:
    """Return a function that makes a model, its space and rows, as an audit does."""

    def make(
        model: Any,
        x: Any,
        reference: Any,
        y: Any,
        free: Collection[str] = (),
        whole: Collection[str] = (),
    ) -> Made:
        rows = rows_of(x, reference, free=free, whole=whole)
        asked = as_model(model, rows, sorted(set(np.asarray(y).tolist())))
        return asked, box_of(rows.reference if rows.reference is not None else rows.x), rows

    return make


def box_of(raw: FloatArray) -> AttackSpace:
    """Return the space with each feature's range in ``raw`` as its unit and its box."""
    low, high = raw.min(axis=0), raw.max(axis=0)
    scale = np.where(high > low, high - low, 1.0)
    d = len(low)
    return AttackSpace(low, scale, np.zeros(d), (high - low) / scale, np.ones(d, dtype=bool))


@pytest.fixture
def agrees() -> Agrees:
    """Return a function that reads a structure, and compares it with its model.

    The rows are near thresholds, with random categories and missing values.
    """

    def compare(model: Model, space: AttackSpace, rows: Rows, seed: int = 0) -> TreeEnsemble:
        found = checked_structure(model, space, rows.x)
        assert isinstance(found, TreeEnsemble), found
        near = _near_thresholds(found, space, rows, np.random.default_rng(seed))
        told, margins = library_scores(model, near)
        own = found.scores(near)
        known = ~np.isnan(told).all(axis=0)
        apart = np.abs(told - own)[:, known].max()
        if not margins:  # of an ONNX graph, which may end in a softmax
            share = np.exp(own - own.max(axis=1, keepdims=True))
            softmax = share / share.sum(axis=1, keepdims=True)
            apart = min(apart, np.abs(told - softmax).max() - 1e-6)
        assert apart <= found.rounding
        ranked = np.sort(own, axis=1)
        clear = ranked[:, -1] - ranked[:, -2] > found.rounding
        assert (own.argmax(axis=1) == model.predict(near))[clear].all()
        return found

    return compare


def _near_thresholds(
    found: TreeEnsemble, space: AttackSpace, rows: Rows, rng: np.random.Generator, n: int = 400
) -> FloatArray:
    made = rows.x[rng.integers(len(rows.x), size=n)].copy()
    start = 0
    for part in rows.encoding.parts:
        end = start + len(part.names)
        if isinstance(part, Number):
            low = space.offset[start] + space.scale[start] * space.low[start]
            high = space.offset[start] + space.scale[start] * space.high[start]
            own = found.threshold[found.feature == start]
            own = own[(low <= own) & (own <= high)]
            values = rng.uniform(low, high, n)
            if len(own):
                at = rng.choice(own, n)
                beside = np.nextafter(at, rng.choice([-np.inf, np.inf], n))
                values = np.where(
                    rng.random(n) < 0.8, np.where(rng.random(n) < 0.6, beside, at), values
                )
            made[:, start] = np.where(rng.random(n) < 0.7, values, made[:, start])
            if part.fill is not None:
                made[:, start + 1] = rng.random(n) < 0.3
                made[made[:, start + 1] == 1, start] = part.fill
        else:
            codes = rng.integers(len(part.level_names), size=n)
            made[:, start:end] = np.eye(end - start)[codes] if part.free else codes[:, None]
        start = end
    return made

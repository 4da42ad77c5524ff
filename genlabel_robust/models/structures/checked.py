"""Structures that agree with their model wherever they were compared."""

from collections.abc import Iterator, Sequence

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, GenlabelRobustError
from genlabel_robust.core.files.large_arrays import let_go
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.models.adapters.estimator import EstimatorAdapter
from genlabel_robust.models.adapters.library import LibraryAdapter
from genlabel_robust.models.adapters.library_scores import library_scores
from genlabel_robust.models.inside import unwrapped
from genlabel_robust.models.model import Model, SklearnModel, TorchModel
from genlabel_robust.models.structures.links import (
    OF_PROBABILITIES,
    Link,
    allowed,
    identity,
    link_of,
)
from genlabel_robust.models.structures.probes import made_rows, threshold_rows
from genlabel_robust.models.structures.scaled import parts_of
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import NoStructure, Structure, TreeEnsemble, Vote
from genlabel_robust.threat import AttackSpace

_ROWS = 4096


def checked_structure(model: Model, space: AttackSpace, raw: FloatArray) -> Structure | NoStructure:
    """Return the structure of ``model`` if its scores equal the library's, up to rounding.

    They are compared on all rows ``raw`` (n, d) and on generated ones: each threshold in the box
    and its two neighbouring floats, missing values, every category, and 1,000 points of the box. If
    they differ, the result is no structure, and its reason names the first such row and both
    scores.
    """
    found = structure_of(model, space, raw)
    if isinstance(found, NoStructure):
        return found
    parts = _parts(model, raw.shape[1])
    whole = _whole(model, space, parts)
    rows = [raw, made_rows(raw, space, parts, whole)]
    whole = whole | _flags(found, raw.shape[1])
    rows += [threshold_rows(trees, raw, space, parts, whole) for trees in _trees_in(found)]
    try:
        wrong = _difference(model, found, rows, len(raw))
    except (GenlabelRobustError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        return NoStructure(f"the model does not answer for rows made of its box: {reason[:300]}")
    return found if wrong is None else NoStructure(wrong)


def _trees_in(found: Structure) -> tuple[TreeEnsemble, ...]:
    if isinstance(found, Vote):
        return found.trees
    return (found,) if isinstance(found, TreeEnsemble) else ()


def _flags(found: Structure, d: int) -> BoolArray:
    """Mark the features (d,) that are 0/1 marks of missing values for a sum or a net."""
    marks = np.zeros(d, dtype=bool)
    for part in found.smooth if isinstance(found, Vote) else ():
        if part.flags is not None:
            marks[part.flags[part.flags >= 0]] = True
    return marks


def _parts_of(rows: Sequence[FloatArray]) -> Iterator[FloatArray]:
    """Yield all ``rows``, each (n, d), in blocks."""
    ends = np.cumsum([0, *map(len, rows)])
    for start in range(0, ends[-1], _ROWS):
        stop = min(start + _ROWS, ends[-1])
        part = [
            some[max(start - first, 0) : stop - first]
            for some, first, last in zip(rows, ends[:-1], ends[1:], strict=True)
            if first < stop and start < last
        ]
        yield np.concatenate(part)
        let_go(*rows)


def _difference(model: Model, found: Structure, rows: Sequence[FloatArray], n: int) -> str | None:
    """Return a text about the first row at which the two differ, None if they agree."""
    link: Link | None = None
    for part in _parts_of(rows):
        scores, margins = library_scores(model, part)
        own = found.scores(part)
        if link is None:
            link = (
                identity
                if margins
                else link_of(scores[:n], own[:n], allowed(found, own, part)[:n]) or identity
            )
        linked = link(own)
        slack = 0.0 if link is identity else OF_PROBABILITIES
        known = ~np.isnan(scores).all(axis=0)
        apart = np.abs(scores - linked)[:, known].max(axis=1, initial=0.0)
        wrong = ~(apart <= allowed(found, own, part) + slack)
        other = _other_label(model.predict(part), own, allowed(found, own, part))
        if other.any() and not wrong.any():
            row = _text(part[other.argmax()])
            return f"the model does not predict the class of its largest score for the row {row}"
        if wrong.any():
            at = int(wrong.argmax())
            return (
                f"what was read of the model gives the scores {_text(linked[at])} for the row "
                f"{_text(part[at])}, and the model itself {_text(scores[at])}"
            )
    return None


def _other_label(labels: np.ndarray, own: FloatArray, allowed: FloatArray) -> BoolArray:
    """Mark the rows with different labels although their scores are clearly apart."""
    best = own.argmax(axis=1)
    ranked = np.sort(own, axis=1)
    return np.asarray((labels != best) & (ranked[:, -1] - ranked[:, -2] > 2 * allowed))


def _parts(model: Model, d: int) -> tuple[Number | Category, ...]:
    model = unwrapped(model)
    if isinstance(model, EstimatorAdapter | LibraryAdapter):
        return model.view.encoding.parts
    if isinstance(model, SklearnModel | TorchModel):
        return parts_of(model.scaling)
    return tuple(Number(f"feature {i}") for i in range(d))


def _whole(model: Model, space: AttackSpace, parts: Sequence[Number | Category]) -> BoolArray:
    """Mark the raw features (d,) that have only integer values."""
    names = [name for part in parts for name in part.names]
    taken = model.whole if isinstance(model, LibraryAdapter) else ()
    found = np.isin(names, taken)
    found[list(space.rules.integer)] = True
    return np.asarray(found)


def _text(values: FloatArray) -> str:
    return f"[{', '.join(f'{value:.9g}' for value in values[:12])}{', …' * (len(values) > 12)}]"

"""The structure of a model: selection of the reader for its core."""

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.core.files.large_arrays import let_go
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.models.adapters.affine_gradients import AffineGradients
from genlabel_robust.models.adapters.estimator import EstimatorAdapter
from genlabel_robust.models.adapters.function import FunctionAdapter
from genlabel_robust.models.adapters.library import LibraryAdapter
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities
from genlabel_robust.models.adapters.one_output import OneOutput
from genlabel_robust.models.inputs.view import View
from genlabel_robust.models.model import Model, SklearnModel, TorchModel
from genlabel_robust.models.structures.inside import read_inside
from genlabel_robust.models.structures.of_classes import of_classes, of_one_output
from genlabel_robust.models.structures.scaled import scaled_front
from genlabel_robust.structure import Front, NoStructure, Structure, UnreadError
from genlabel_robust.structure.columns import Column, raw_front
from genlabel_robust.threat import AttackSpace

#: Errors of a reader if another version of a library has other attributes.
_UNLIKE = (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RuntimeError)


def structure_of(model: Model, space: AttackSpace, raw: FloatArray) -> Structure | NoStructure:
    """Return the inside of ``model`` on raw features, or the reason why it is not known.

    ``raw`` (n, d): valid rows, one or more. The structure holds for rows in their hull and in the
    box of ``space``, and slightly beyond. It has not been compared with the model: see
    ``checked_structure``. Executes only code that the model itself executes when it predicts.
    """
    box = space.offset + space.scale * np.stack([space.low, space.high])
    low, high = hull_of(raw, box)
    try:
        return _structure(model, raw, low, high)
    except UnreadError as error:
        return NoStructure(str(error))
    except _UNLIKE as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return NoStructure(f"the model is not made as its readers know such models: {reason[:300]}")


def hull_of(*rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the minimum and the maximum (d,) of each feature of ``rows``, each (n, d)."""
    low = np.min([part.min(axis=0) for part in rows], axis=0)
    high = np.max([part.max(axis=0) for part in rows], axis=0)
    let_go(*rows)
    return low, high


def _structure(
    model: Model, raw: FloatArray, low: FloatArray, high: FloatArray
) -> Structure | NoStructure:
    if isinstance(model, LogProbabilities | AffineGradients):
        return _structure(model.model, raw, low, high)
    if isinstance(model, OneOutput):
        return of_one_output(_structure(model.model, raw, low, high), model.output)
    if isinstance(model, SklearnModel):
        front = scaled_front(model.scaling, raw, low, high)
        columns = np.asarray(model.estimator.classes_, dtype=np.int64)
        return of_classes(read_inside(model.estimator, front), columns, model.n_classes)
    if isinstance(model, EstimatorAdapter):
        front = _view_front(model.view, raw, low, high)
        found = read_inside(model.estimator, front)
        return of_classes(found, _columns(model), model.n_classes)
    if isinstance(model, LibraryAdapter):
        return read_inside(model.library_model, _view_front(model.view, raw, low, high))
    if isinstance(model, FunctionAdapter):
        raise UnreadError("the model is a function, whose inside cannot be seen")
    if isinstance(model, TorchModel) and model.scaling.fills:
        return read_inside(model, scaled_front(model.scaling, raw, low, high))
    return read_inside(model, raw_front(raw, low, high))


def _columns(model: EstimatorAdapter) -> IntArray:
    """Return the class of the model for each score of its estimator."""
    if not hasattr(model.estimator, "classes_"):
        raise UnreadError(f"{type(model.estimator).__name__} does not say what its classes are")
    return model.columns


def _view_front(view: View, raw: FloatArray, low: FloatArray, high: FloatArray) -> Front:
    parts = view.encoding.parts
    columns = tuple(
        Column(i) if isinstance(parts[i], Number) else Column(i, 0, (), None, None, same=False)
        for i in view.order
    )
    identity = view.order == tuple(range(len(parts)))
    # to a core, a frame of float64 is the same as its array
    return Front(parts, columns, view, low, high, raw[0], view.encoding.trivial and identity)

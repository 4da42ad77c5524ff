"""Transformers of scikit-learn that change single columns, and those that make several of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.utils import check_array

from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.models.structures.sklearn.encoders import (
    categories_as,
    last_below,
    parts_of_one_hot,
)
from genlabel_robust.structure import Front, UnreadError
from genlabel_robust.structure.columns import Column

#: A function of a fitted transformer, the front before it and its input columns that returns its
#: output columns.
Follow: TypeAlias = Callable[[Any, Front, Sequence[Column]], list[Column]]

#: Increasing functions of one number; those of the second kind may not be, in the last bits.
_GROWING = {
    "log": False,
    "log2": False,
    "log10": False,
    "log1p": False,
    "exp": False,
    "exp2": False,
    "expm1": False,
    "cbrt": False,
    "arcsinh": False,
    "sinh": False,
    "tanh": False,
    "arctan": False,
    "sqrt": True,
    "rint": True,
    "floor": True,
    "ceil": True,
    "trunc": True,
    "sign": True,
    "positive": True,
    "negative": True,
}


def behind(front: Front, transformer: Any) -> Front:
    """Return ``front`` followed by the fitted ``transformer``.

    Values come from its own ``transform``; its class determines on which column of the table each
    output column depends, and how. Raises ``UnreadError`` for unknown classes.
    """
    columns = tuple(_followed(transformer, front, front.columns))
    return replace(
        front,
        columns=columns,
        show=lambda raw: transformer.transform(front.show(raw)),
        plain=False,
    )


def _followed(transformer: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    if transformer is None or (isinstance(transformer, str) and transformer == "passthrough"):
        return list(columns)
    kind = type(transformer)
    follow = _KNOWN.get(kind.__name__)
    if follow is None or kind.__module__.partition(".")[0] != "sklearn":
        raise UnreadError(
            f"the pipeline's {kind.__name__} is none of the transformers whose columns are followed"
        )
    return follow(transformer, front, columns)


def _pipeline(pipeline: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    found = list(columns)
    for _, step in pipeline.steps:
        found = _followed(step, front, found)
    return found


def _column_transformer(whole: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    found: list[Column] = []
    for name, part, _ in whole.transformers_:
        if isinstance(part, str) and part == "drop":
            continue
        try:
            taken = [columns[i] for i in whole._transformer_to_input_indices[name]]
        except (AttributeError, KeyError, IndexError) as error:
            raise UnreadError(f"which columns the pipeline's {name!r} takes is not told") from error
        if taken:
            found += _followed(part, front, taken)
    return found


def _union(union: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    return [
        column
        for _, part in union.transformer_list
        if not (isinstance(part, str) and part == "drop")
        for column in _followed(part, front, columns)
    ]


def _affine(scale: Callable[[Any], Any], offset: Callable[[Any], Any]) -> Follow:
    """Return a rule for columns ``(x - offset) * scale``, with a positive scale."""

    def follow(scaler: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
        n = len(columns)
        factors = np.broadcast_to(1.0 if (s := scale(scaler)) is None else s, n).tolist()
        starts = np.broadcast_to(0.0 if (o := offset(scaler)) is None else o, n).tolist()
        if not all(factor > 0 for factor in factors):
            raise UnreadError(f"a scale of the pipeline's {type(scaler).__name__} is not above 0")
        return [
            _scaled(column, factor, start)
            for column, factor, start in zip(columns, factors, starts, strict=True)
        ]

    return follow


def _scaled(column: Column, factor: float, start: float) -> Column:
    if column.slope is None or column.intercept is None:
        return replace(column, same=False)
    return replace(
        column,
        slope=column.slope * factor,
        intercept=(column.intercept - start) * factor,
        same=False,
    )


def _growing(*, exact: bool) -> Follow:
    """Return a rule for columns that increase with their input."""

    def follow(_: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
        return [
            replace(c, slope=None, intercept=None, exact=c.exact and exact, same=False)
            for c in columns
        ]

    return follow


def _clipped(scaler: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    found = _affine(lambda s: s.scale_, lambda s: -s.min_ / s.scale_)(scaler, front, columns)
    return [replace(c, slope=None, intercept=None) for c in found] if scaler.clip else found


def _function(transformer: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    function = transformer.func
    if function is None or getattr(function, "func", None) is check_array:
        return list(columns)
    name = getattr(function, "__name__", type(function).__name__)
    if function is not getattr(np, name, None) or name not in _GROWING or transformer.kw_args:
        raise UnreadError(f"the pipeline's function {name} is none that is known to be monotone")
    found = _growing(exact=_GROWING[name])(transformer, front, columns)
    if name == "negative":
        return [
            replace(c, order=-c.order, slope=_negated(o.slope), intercept=_negated(o.intercept))
            for c, o in zip(found, columns, strict=True)
        ]
    return found


def _negated(value: float | None) -> float | None:
    return None if value is None else -value


def _imputer(imputer: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    _refuse_sentinel(imputer)
    statistics = np.asarray(imputer.statistics_, dtype=object)
    empty = [s is None or bool(pd.isna(s)) for s in statistics.tolist()]
    kept = [
        c for c, lost in zip(columns, empty, strict=True) if not lost or imputer.keep_empty_features
    ]
    if imputer.indicator_ is not None:
        return kept + _indicator(imputer.indicator_, front, columns)
    return kept


def _indicator(indicator: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    """Return the columns that mark missing values, which are constant for present numbers."""
    _refuse_sentinel(indicator)
    return [
        Column(columns[i].part, 0, (), None, None, same=False) for i in indicator.features_.tolist()
    ]


def _refuse_sentinel(imputer: Any) -> None:
    if not pd.isna(imputer.missing_values):
        raise UnreadError(
            f"the pipeline's {type(imputer).__name__} takes {imputer.missing_values!r} for missing"
        )


def _selector(selector: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    return [columns[i] for i in np.flatnonzero(selector.get_support()).tolist()]


def _one_hot(encoder: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    found = []
    for column, breaks, width in parts_of_one_hot(encoder, front, columns):
        found += [Column(column.part, 0, breaks, None, None, same=False)] * width
    return found


def _coded(encoder: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    found = []
    for column, categories in zip(columns, encoder.categories_, strict=True):
        breaks = categories_as(type(encoder).__name__, categories, front, column)
        width = 1
        if type(encoder).__name__ == "TargetEncoder" and encoder.target_type_ == "multiclass":
            width = len(encoder.classes_)
        found += [Column(column.part, 0, breaks, None, None, same=False)] * width
    return found


def _bins(binned: Any, front: Front, columns: Sequence[Column]) -> list[Column]:
    if binned.encode == "ordinal":
        return _growing(exact=True)(binned, front, columns)
    found = []
    for column, edges in zip(columns, binned.bin_edges_, strict=True):
        breaks: tuple[float, ...] = ()
        part = front.parts[column.part]
        if isinstance(part, Number):
            if not column.same:
                raise UnreadError(
                    "the pipeline makes 0/1 columns of bins of what it changed before"
                )
            # a value at an edge belongs to the bin that starts there
            breaks = tuple(last_below(np.asarray(edges, dtype=np.float64)[1:-1], part).tolist())
        found += [Column(column.part, 0, breaks, None, None, same=False)] * (len(edges) - 1)
    return found


_KNOWN: Mapping[str, Follow] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _union,
    "StandardScaler": _affine(
        lambda s: None if s.scale_ is None else 1 / s.scale_,
        lambda s: s.mean_ if s.with_mean else None,
    ),
    "RobustScaler": _affine(
        lambda s: None if s.scale_ is None else 1 / s.scale_,
        lambda s: s.center_ if s.with_centering else None,
    ),
    "MaxAbsScaler": _affine(lambda s: 1 / s.scale_, lambda s: None),
    "MinMaxScaler": _clipped,
    "QuantileTransformer": _growing(exact=False),
    "PowerTransformer": _growing(exact=False),
    "Binarizer": _growing(exact=True),
    "KBinsDiscretizer": _bins,
    "FunctionTransformer": _function,
    "SimpleImputer": _imputer,
    "MissingIndicator": _indicator,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _coded,
    "TargetEncoder": _coded,
    "VarianceThreshold": _selector,
    "SelectKBest": _selector,
    "SelectPercentile": _selector,
    "SelectFdr": _selector,
    "SelectFpr": _selector,
    "SelectFwe": _selector,
    "GenericUnivariateSelect": _selector,
    "SelectFromModel": _selector,
    "RFE": _selector,
    "RFECV": _selector,
    "SequentialFeatureSelector": _selector,
}

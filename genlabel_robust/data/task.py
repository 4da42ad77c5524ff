"""A task: a table that is checked, split and ready for training and evaluation."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.core import BoolArray, Float32Array, FloatArray, IntArray
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.concern import Concern
from genlabel_robust.data.subgroups.column import GroupColumn

#: The rows that define ranges, box and starting points: the training rows, or in an audit the
#: reference rows or the test rows themselves.
Ranges: TypeAlias = Literal["training", "reference", "test"]
#: What a threat's limits refer to: the features, or the table's columns that they encode.
Limited: TypeAlias = Literal["features", "columns"]


@dataclass(frozen=True)
class Scaling:
    """The per-feature affine map from raw features to what models see.

    ``offset``, ``scale``: (d,); ``scale`` > 0 (1 where the feature is constant). ``fills``: the
    features whose values can be missing, each with the value that a model sees instead. The feature
    after each of them is 1 where the value is missing, and 0 elsewhere.
    """

    name: str
    offset: FloatArray
    scale: FloatArray
    fills: tuple[tuple[int, float], ...] = ()

    def apply(self, raw: FloatArray) -> Float32Array:
        """Scale raw features (n, d) in float64 and return float32."""
        return np.asarray(((self.filled(raw) - self.offset) / self.scale).astype(np.float32))

    def filled(self, raw: FloatArray) -> FloatArray:
        """Return ``raw`` (n, d) with missing values filled and their marks rounded to 0 or 1.

        So a value is either missing or not, even if its mark lies between 0 and 1.
        """
        if not self.fills:
            return raw
        filled = raw.copy()
        for (feature, fill), gone in zip(self.fills, self.gone(raw).T, strict=True):
            filled[gone, feature] = fill
            filled[:, feature + 1] = gone
        return filled

    def gone(self, raw: FloatArray) -> BoolArray:
        """Mark which values of the f features in ``fills`` are missing: (n, d) -> (n, f)."""
        return np.asarray(raw[:, [feature + 1 for feature, _ in self.fills]] >= 0.5)


@dataclass(frozen=True, eq=False)
class Task:
    """One data set, split: raw features in float64, labels as 0..k-1.

    ``x_train`` (n, d), ``y_train`` (n,), ``x_test`` (m, d), ``y_test`` (m,); ``test_ids`` (m,): the
    row number of each test row in its source. ``classes``: the labels as the source writes them.
    ``notices``: changes to the table and other things that a reader must know, in sentences.
    ``encoding``: how the features encode the source's columns, None if they are the columns.
    ``whole``: the features that an attacker changes by whole numbers only, whatever else the threat
    allows. ``column_order``: as in ``Rows``. ``ranges``: which rows ``x_train`` contains.
    ``concerns``: observations that may give the results another meaning, the most serious first.
    ``by``: columns of the test rows that only group them. ``limited``: whether limits refer to the
    features, or to the table's columns as in ``encoding``. ``left_out``: columns of the table that
    look like features but are not.
    """

    name: str
    x_train: FloatArray
    y_train: IntArray
    x_test: FloatArray
    y_test: IntArray
    test_ids: IntArray
    feature_names: tuple[str, ...]
    classes: tuple[str, ...]
    scaling: Scaling
    notices: tuple[str, ...] = ()
    encoding: Encoding | None = None
    whole: tuple[str, ...] = ()
    column_order: str | None = None
    ranges: Ranges = "training"
    concerns: tuple[Concern, ...] = ()
    by: tuple[GroupColumn, ...] = ()
    limited: Limited = "features"
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # groups of other rows would result if rows were selected but not their groups
        for column in self.by:
            if len(column) != len(self.y_test):
                raise ValueError(
                    f"column {column.name!r} has {len(column)} values for {len(self.y_test)} rows"
                )

    @property
    def n_features(self) -> int:
        """The number of features d."""
        return int(self.x_train.shape[1])

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return len(self.classes)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of everything that results can depend on."""
        digest = hashlib.sha256()
        for text in (self.feature_names, self.classes, self.scaling.name):
            digest.update(repr(text).encode())
        arrays = (
            self.x_train,
            self.y_train,
            self.x_test,
            self.y_test,
            self.test_ids,
            self.scaling.offset,
            self.scaling.scale,
        )
        for array in arrays:
            digest.update(repr((array.shape, str(array.dtype))).encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).data)
        if self.encoding is not None:
            digest.update(json.dumps(self.encoding.as_dict(), sort_keys=True).encode())
        if self.limited == "columns":
            digest.update(b"limits name columns")
        if self.whole:
            digest.update(repr(("whole", self.whole)).encode())
        return digest.hexdigest()

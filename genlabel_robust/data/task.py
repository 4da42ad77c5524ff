"""A task: a table that is split, checked and ready to train and evaluate on."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.core import Float32Array, FloatArray, IntArray
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.concern import Concern
from genlabel_robust.data.subgroups.column import GroupColumn

#: The rows that give ranges, box and starting points: of an audit those beside the test rows, or
#: the test rows themselves.
Ranges: TypeAlias = Literal["training", "reference", "test"]


@dataclass(frozen=True)
class Scaling:
    """The per-feature affine map from raw features to what models see.

    ``offset``, ``scale``: (d,); ``scale`` > 0 (1 where the feature is constant).
    """

    name: str
    offset: FloatArray
    scale: FloatArray

    def apply(self, raw: FloatArray) -> Float32Array:
        """Scale raw features (n, d) in float64 and return float32."""
        return np.asarray(((raw - self.offset) / self.scale).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Task:
    """One data set, split: raw features in float64, labels as 0..k-1.

    ``x_train`` (n, d), ``y_train`` (n,), ``x_test`` (m, d), ``y_test`` (m,);
    ``test_ids`` (m,): row number of each test row in its source. ``classes``: the
    labels as the source writes them. ``notices``: what was done to the table and
    what a reader must know, in whole sentences. ``encoding``: what the features stand for,
    where they are not the source's own columns. ``whole``: the features that an attacker
    changes by whole numbers only, whatever else the threat says of them.
    ``column_order``: as of ``Rows``. ``ranges``: which rows ``x_train`` is of.
    ``concerns``: what may make the figures mean something else, the most serious first.
    ``by``: columns, of the test rows, that only tell groups of them apart.
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

    def __post_init__(self) -> None:
        # rows that were taken, and their groups that were not, would make groups of other rows
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
        """SHA-256 of everything that a result can depend on."""
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
            digest.update(np.ascontiguousarray(array).tobytes())
        if self.encoding is not None:
            digest.update(json.dumps(self.encoding.as_dict(), sort_keys=True).encode())
        if self.whole:
            digest.update(repr(("whole", self.whole)).encode())
        return digest.hexdigest()

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genlabel_robust.certify.affine.certify import certify_affine
from genlabel_robust.data.rows import rows_of
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import Affine
from genlabel_robust.threat.space import AttackSpace


def certified(inside: Any, x: np.ndarray, k: int) -> Any:
    model = as_model(inside, rows_of(x), tuple(range(k)))
    low, d = x.min(axis=0), x.shape[1]
    space = AttackSpace(low, x.max(axis=0) - low, np.zeros(d), np.ones(d), np.ones(d, dtype=bool))
    found = checked_structure(model, space, x)
    assert isinstance(found, Affine), found
    return certify_affine(found, model, space, x[:20], model.predict(x[:20]), "l2", (0.1,))


@pytest.mark.parametrize(
    ("core", "k"),
    [
        (LogisticRegression(), 2),
        (LogisticRegression(), 3),
        # of three classes each sum has a sigmoid of its own, which is not followed
        (SGDClassifier(loss="log_loss", random_state=0), 2),
    ],
)
def test_a_linear_classifier_and_its_export_are_certified_alike(core: Any, k: int) -> None:
    x, y = make_classification(200, 5, n_informative=4, n_redundant=0, n_classes=k, random_state=0)
    x = x.astype(np.float32).astype(np.float64)
    fitted = make_pipeline(StandardScaler(), core).fit(x, y)
    graph = to_onnx(fitted, x[:1].astype(np.float32), options={"zipmap": False}, target_opset=17)
    twin = read(Path("linear.onnx"), graph.SerializeToString(), Permission()).model
    own, other = certified(fitted, x, k), certified(twin, x, k)
    assert np.isfinite(own.upper).sum() > 15
    np.testing.assert_allclose(own.upper, other.upper, rtol=1e-3)
    np.testing.assert_allclose(own.lower, other.lower, rtol=1e-3)

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import skops.io

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.skops.trusted_types import foreign_types
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.runs.folder.weights import read_model, weights_file
from genlabel_robust.trainers.sklearn_estimator import sklearn_estimator

ABOUT = SimpleNamespace(architecture="sklearn:any", settings={})
NAMES = (
    "ada-boost",
    "bagging",
    "calibrated-classifier-cv",
    "decision-tree",
    "extra-trees",
    "gaussian-process",
    "gradient-boosting",
    "hist-gradient-boosting",
    "k-neighbors",
    "logistic-regression",
    "mlp",
    "random-forest",
    "svc",
)


@pytest.mark.nightly(
    but=[name for name in NAMES if name not in ("gradient-boosting", "extra-trees", "ada-boost")]
)
@pytest.mark.parametrize("name", NAMES)
def test_a_classifier_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.random((60, 4)).astype(np.float32)
    slow = {"max_iter": 5} if "hist" in name else {"n_estimators": 3} if "forest" in name else {}
    if name == "mlp":
        slow = {"tol": 10.0, "n_iter_no_change": 1}
    estimator = sklearn_estimator(name, slow).fit(x, np.arange(60) % 3)
    model = SklearnModel(estimator, Scaling("range", np.zeros(4), np.ones(4)), 3)
    suffix, content = weights_file(model, {})
    path = tmp_path / f"model{suffix}"
    path.write_bytes(content)
    assert (read_model(path, ABOUT, 4, 3).predict(x) == model.predict(x)).all()


def calling(module: str, function: str, *arguments: object) -> bytes:
    """Return a file of weights that calls ``module.function`` when it is read."""
    whole = skops.io.dumps({"estimator": 0, "offset": np.zeros(1), "scale": np.ones(1)})
    archive = zipfile.ZipFile(io.BytesIO(whole))
    given = zipfile.ZipFile(io.BytesIO(skops.io.dumps(arguments)))
    schema = json.loads(archive.read("schema.json"))
    schema["content"]["estimator"] = {
        "__class__": function,
        "__module__": module,
        "__loader__": "ConstructorFromReduceNode",
        "content": json.loads(given.read("schema.json")),
    }
    planted = io.BytesIO()
    with zipfile.ZipFile(planted, "w") as out:
        for name in archive.namelist():
            content = json.dumps(schema) if name == "schema.json" else archive.read(name)
            out.writestr(name, content)
    return planted.getvalue()


def test_a_function_of_numpy_that_executes_text_is_not_called(tmp_path: Path) -> None:
    mark, path = tmp_path / "executed", tmp_path / "model.skops"
    code = f"import pathlib; pathlib.Path({str(mark)!r}).touch()"
    content = calling("numpy.testing._private.utils", "runstring", code, {})
    # it would be called, were it trusted
    skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    assert mark.exists()
    mark.unlink()
    path.write_bytes(content)
    with pytest.raises(GenlabelRobustError, match=r"not trusted.*runstring"):
        read_model(path, ABOUT, 1, 2)
    assert not mark.exists()


def test_no_name_is_trusted_for_its_package() -> None:
    names = ["numpy.x", "sklearn.y", "scipy.z", "sklearn.tree._tree.Tree", "os.system"]
    assert foreign_types(names) == ["numpy.x", "os.system", "scipy.z", "sklearn.y"]

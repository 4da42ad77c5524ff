from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.catboost.layout import layout
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.reading import Permission, read_model_file

catboost = pytest.importorskip("catboost")
QUIET = {"iterations": 6, "depth": 3, "verbose": 0, "allow_writing_files": False, "thread_count": 1}


def by_hand(document: Mapping[str, Any], row: np.ndarray) -> np.ndarray:
    """Return the sum of the trees for a row, by the format's own description.

    A symmetric tree compares with one border per level; the first comparison is the lowest bit of
    the leaf's number. The sum is scaled, and the bias is added.
    """
    columns = [one["flat_feature_index"] for one in document["features_info"]["float_features"]]
    scale, bias = document["scale_and_bias"]
    total = np.zeros(len(bias))
    for tree in document["oblivious_trees"]:
        leaf = 0
        for bit, split in enumerate(tree["splits"] or ()):
            value = np.float32(row[columns[split["float_feature_index"]]])
            leaf |= int(value > np.float32(split["border"])) << bit
        outputs = len(bias)
        total += tree["leaf_values"][leaf * outputs : (leaf + 1) * outputs]
    return scale * total + np.asarray(bias)


@pytest.fixture(scope="module", params=[2, 3])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A classifier of two or three classes, its rows, and the folder with its two files."""
    x, y = load_iris(return_X_y=True)
    keep = y < request.param
    x, labels = x[keep], np.array(["setosa", "versicolor", "virginica"])[y[keep]]
    model = catboost.CatBoostClassifier(**QUIET).fit(x, labels)
    folder = tmp_path_factory.mktemp("catboost")
    for ending in ("cbm", "json"):
        model.save_model(str(folder / f"model.{ending}"), format=ending)
    return model, x, folder


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("ending", ["cbm", "json"])
def test_scores_are_the_sums_of_the_trees(trained: Any, ending: str) -> None:
    model, x, folder = trained
    path = folder / f"model.{ending}"
    reading = read_model_file(path, path.read_bytes(), Permission())
    found = reading.model
    assert reading.format == "CatBoost"
    assert found.classes == tuple(model.classes_.tolist())
    assert found.columns is None
    document = json.loads((folder / "model.json").read_bytes())
    sums = np.array([by_hand(document, row) for row in x])
    if sums.shape[1] == 1:
        sums = np.column_stack([np.zeros(len(x)), sums])
    np.testing.assert_allclose(found.scores(x), sums, rtol=1e-12, atol=1e-12)
    named = np.array(found.classes)[found.codes(x)]
    assert (named == np.ravel(model.predict(x))).all()
    assert (found.codes(x) == sums.argmax(axis=1)).all()


def test_names_of_columns_are_those_of_the_frame(tmp_path: Path) -> None:
    frame, y = load_iris(return_X_y=True, as_frame=True)
    path = tmp_path / "m.cbm"
    catboost.CatBoostClassifier(**QUIET).fit(frame, y).save_model(str(path))
    found = read_model_file(path, path.read_bytes(), Permission()).model
    assert found.columns == tuple(frame.columns)
    assert found.classes == (0, 1, 2)
    assert found.width == 4


def test_a_stored_threshold_decides(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    x, y = x[50:], y[50:] == 2
    model = catboost.CatBoostClassifier(**QUIET).fit(x, y.astype(int))
    model.set_probability_threshold(0.2)
    path = tmp_path / "m.cbm"
    model.save_model(str(path))
    found = read_model_file(path, path.read_bytes(), Permission()).model
    assert (found.codes(x) == model.predict(x)).all()
    assert (found.scores(x).argmax(axis=1) == found.codes(x)).all()


def test_trees_that_are_not_symmetric_are_read(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    model = catboost.CatBoostClassifier(grow_policy="Lossguide", **QUIET).fit(x, y)
    path = tmp_path / "m.json"
    model.save_model(str(path), format="json")
    found = read_model_file(path, path.read_bytes(), Permission()).model
    raw = model.predict(x, prediction_type="RawFormulaVal")
    np.testing.assert_allclose(found.scores(x), raw, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("ending", ["cbm", "json"])
def test_categorical_splits_are_one_clear_sentence(ending: str, tmp_path: Path) -> None:
    import pandas as pd

    x = pd.DataFrame({"a": np.arange(60.0) % 7, "c": ["u", "v"] * 30})
    y = ((x["a"] > 3) ^ (x["c"] == "u")).astype(int)
    path = tmp_path / f"m.{ending}"
    model = catboost.CatBoostClassifier(cat_features=["c"], **QUIET).fit(x, y)
    model.save_model(str(path), format=ending)
    with pytest.raises(ConfigurationError) as raised:
        read_model_file(path, path.read_bytes(), Permission())
    assert str(raised.value) == (
        f"{path} is not a CatBoost classifier that can be evaluated: it splits by categorical "
        "features, which only CatBoost's own pools can contain; encode them as numbers, such as "
        "one-hot columns, and train on those"
    )


def test_a_regressor_is_refused(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    path = tmp_path / "m.cbm"
    catboost.CatBoostRegressor(**QUIET).fit(x, y).save_model(str(path))
    with pytest.raises(ConfigurationError, match="with the loss RMSE, so it is not a classifier"):
        read_model_file(path, path.read_bytes(), Permission())


@pytest.mark.nightly(every=4)
@pytest.mark.parametrize(
    ("cut", "words"), [(slice(0, 200), "cannot be loaded by catboost"), (slice(0, 4), "catboost")]
)
def test_a_damaged_binary_is_refused(trained: Any, cut: slice, words: str) -> None:
    _, _, folder = trained
    path = folder / "model.cbm"
    with pytest.raises(ConfigurationError, match=words):
        read_model_file(path, path.read_bytes()[cut], Permission())


SPLIT = ("oblivious_trees", 0, "splits", 0)


def _document() -> dict[str, Any]:
    column = {"flat_feature_index": 0, "feature_index": 0, "borders": [0.5]}
    split = {"split_type": "FloatFeature", "float_feature_index": 0, "border": 0.5}
    return {
        "features_info": {"float_features": [column]},
        "scale_and_bias": [1, [0]],
        "oblivious_trees": [{"splits": [split], "leaf_values": [1.0, -1.0]}],
    }


def test_a_whole_document_is_let_through() -> None:
    found = layout(_document())
    assert (found.width, found.outputs) == (1, 1)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (
            ("oblivious_trees", 0, "splits", 0, "float_feature_index"),
            7,
            "tree 0: its column is '7'",
        ),
        (("oblivious_trees", 0, "splits", 0, "float_feature_index"), -1, "tree 0: its column is"),
        ((*SPLIT, "border"), float("nan"), "a border is 'nan'"),
        ((*SPLIT, "split_type"), "OnlineCtr", "own codes of categories"),
        (("oblivious_trees", 0, "leaf_values"), [1.0], "it has 1 values for 2 leaves"),
        (("oblivious_trees", 0, "leaf_values"), [1.0, None], "a leaf is 'None'"),
        (("oblivious_trees",), [], "it has no trees"),
        (("oblivious_trees",), None, "it has no trees"),
        (("scale_and_bias",), [1], "it has no scale and bias"),
        (("scale_and_bias",), [1, [float("inf")]], "its scale and bias is 'inf'"),
        (("features_info", "float_features"), [], "it uses no column of numbers"),
        (("features_info", "text_features"), [{}], "it splits by text features"),
        (("features_info", "embedding_features"), [{}], "it splits by embedding features"),
        (("features_info",), 3, "its 'features_info' is an int"),
    ],
)
def test_what_would_be_followed_blindly_is_looked_at(
    path: tuple[Any, ...], value: Any, words: str
) -> None:
    document: Any = _document()
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UnfitError, match=words):
        layout(document)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 2.0], "a leaf has 2 values, but the model has 1 margins"),
        ("x", "its 'value' is a str"),
    ],
)
def test_leaves_of_nested_trees_are_looked_at(values: Any, words: str) -> None:
    document = _document()
    (tree,) = document.pop("oblivious_trees")
    leaf = {"value": 1.0}
    document["trees"] = [{"split": tree["splits"][0], "left": leaf, "right": leaf}]
    assert layout(document).outputs == 1
    document["trees"][0]["right"] = {"value": values}
    with pytest.raises(UnfitError, match=words):
        layout(document)

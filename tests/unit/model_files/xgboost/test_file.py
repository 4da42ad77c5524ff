from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from genlabel_robust.core.errors import ConfigurationError, NotApplicableError
from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.models.adapters.library_model import LibraryModel

# xgboost 3.4 would rather have the parameters of dropout without it
pytestmark = pytest.mark.filterwarnings("ignore:.*booster=dart:UserWarning")

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "dart": {"booster": "dart", "rate_drop": 0.3},
    "gblinear": {"booster": "gblinear"},
    "forests": {"num_parallel_tree": 3, "subsample": 0.5},
    "stopped early": {"early_stopping_rounds": 2, "learning_rate": 1.5},
    "pruned": {"gamma": 5, "tree_method": "exact"},
    "softmax": {"objective": "multi:softmax"},
    "hinge": {"objective": "binary:hinge"},
    "base score": {"base_score": 0.3},
}
OF_TWO, OF_MANY = ("hinge", "base score"), ("softmax",)
PERMISSION = Permission()


def fitted(x: Any, y: Any, **settings: Any) -> xgboost.XGBClassifier:
    settings = {"n_estimators": 15, "max_depth": 4, "n_jobs": 1, **settings}
    model = xgboost.XGBClassifier(**settings)
    stops = "early_stopping_rounds" in settings
    # labels in the wrong order: each round makes it worse
    evaluated = {"eval_set": [(x[::3], y[::3][::-1])], "verbose": False} if stops else {}
    return model.fit(x, y, **evaluated)


def native(path: Path) -> LibraryModel:
    model = read_model_file(path, path.read_bytes(), PERMISSION).model
    assert isinstance(model, LibraryModel)
    return model


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("ending", ["json", "ubj"])
@pytest.mark.parametrize(
    ("name", "setting"),
    [("cancer", s) for s in SETTINGS if s not in OF_MANY]
    + [("iris", s) for s in SETTINGS if s not in OF_TWO],
)
def test_it_answers_as_the_library_does(
    name: str, setting: str, ending: str, tmp_path: Path, data: Any, asked: Any
) -> None:
    x, y = data(name)
    classifier = fitted(x, y, **SETTINGS[setting])
    path = tmp_path / f"model.{ending}"
    classifier.save_model(path)
    model, rows = native(path), asked(x)
    assert (model.codes(rows) == classifier.predict(rows)).all()
    scores = model.scores(rows)
    margin = classifier.predict(rows, output_margin=True)
    assert np.array_equal(scores if name == "iris" else scores[:, 1], margin)
    if setting not in ("hinge", "softmax"):
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        soft = exps / exps.sum(axis=1, keepdims=True)
        assert np.allclose(soft, classifier.predict_proba(rows), atol=1e-5)
    assert (model.width, model.n_classes) == (x.shape[1], len(set(y.tolist())))
    assert (model.columns, model.classes, model.whole) == (None, None, ())
    assert (model.takes, model.knowledge) == ("missing", "scores")


@pytest.mark.parametrize("name", ["cancer", "iris"])
@pytest.mark.parametrize("beside", ["dart", "gbtree"])
def test_weights_of_trees_count_wherever_the_file_has_them(
    name: str, beside: str, tmp_path: Path, data: Any, asked: Any
) -> None:
    """XGBoost writes them into "gbtree" since 3.4; older ones, which ignore that, into "dart"."""
    x, y = data(name)
    classifier = fitted(x, y, booster="dart", rate_drop=0.5)
    classifier.save_model(tmp_path / "m.json")
    stored = json.loads((tmp_path / "m.json").read_text())
    booster = stored["learner"]["gradient_booster"]
    model = booster["gbtree"]["model"] if booster["name"] == "dart" else booster["model"]
    weights = model.pop("weight_drop", None) or booster["weight_drop"]
    assert len(set(weights)) > 1
    stored["learner"]["gradient_booster"] = (
        {"name": "gbtree", "model": {**model, "weight_drop": weights}}
        if beside == "gbtree"
        else {"name": "dart", "gbtree": {"name": "gbtree", "model": model}, "weight_drop": weights}
    )
    (tmp_path / "m.json").write_text(json.dumps(stored))
    scores = native(tmp_path / "m.json").scores(asked(x))
    margin = classifier.predict(asked(x), output_margin=True)
    assert np.array_equal(scores if name == "iris" else scores[:, 1], margin)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ((), "its learner"),
        (("learner_model_param",), "its learner_model_param"),
        (("gradient_booster",), "its gradient_booster"),
        (("gradient_booster", "model"), "its model"),
        (("gradient_booster", "model", "gbtree_model_param"), "its gbtree_model_param"),
        (("gradient_booster", "model", "trees", 1), "tree 1"),
    ],
)
def test_what_is_not_known_is_refused_as_it_may_change_the_answers(
    path: tuple[str | int, ...], where: str, document: Any, tmp_path: Path
) -> None:
    changed = copy.deepcopy(document)
    place = changed["learner"]
    for step in path:
        place = place[step]
    place["leaf_scale"] = [2.0]
    (tmp_path / "m.json").write_text(json.dumps(changed))
    with pytest.raises(
        ConfigurationError, match=f"{where} contains 'leaf_scale', which this version does not know"
    ):
        native(tmp_path / "m.json")


def test_rows_after_the_best_round_do_not_count(tmp_path: Path, data: Any, asked: Any) -> None:
    x, y = data("cancer")
    classifier = fitted(x, y, **SETTINGS["stopped early"])
    classifier.save_model(tmp_path / "m.json")
    every = classifier.predict(asked(x), output_margin=True, iteration_range=(0, 3))
    assert not np.array_equal(native(tmp_path / "m.json").scores(asked(x))[:, 1], every)


def test_names_of_columns_are_read(tmp_path: Path, data: Any) -> None:
    import pandas as pd

    x, y = data("iris")
    fitted(pd.DataFrame(x, columns=list("dbca")), y).save_model(tmp_path / "m.ubj")
    assert native(tmp_path / "m.ubj").columns == tuple("dbca")


def test_no_rows_and_rows_of_another_width(tmp_path: Path, data: Any) -> None:
    for name, k in (("cancer", 2), ("iris", 3)):
        x, y = data(name)
        fitted(x, y).save_model(tmp_path / "m.json")
        model = native(tmp_path / "m.json")
        assert model.scores(x[:0]).shape == (0, k)
        assert model.codes(x[:0]).shape == (0,)
        with pytest.raises(ConfigurationError, match="rows of"):
            model.scores(x[:, 1:])
        with pytest.raises(NotApplicableError):
            model.vjp(x, lambda scores: scores)


@pytest.fixture(scope="module")
def document(data: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("xgboost") / "m.json"
    fitted(*data("iris"), n_estimators=3).save_model(path)
    return json.loads(path.read_text())


def model_of(document: Any) -> Any:
    return document["learner"]["gradient_booster"]["model"]


def tree(document: Any) -> Any:
    return model_of(document)["trees"][0]


def put(of: Any, key: Any, value: Any) -> None:
    of[key] = value


BROKEN: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a child far away": (lambda d: put(tree(d)["left_children"], 0, 10**9), "node 0 has the child"),
    "a child below": (lambda d: put(tree(d)["right_children"], 0, -2), "node 0 has the child"),
    "half a leaf": (lambda d: put(tree(d)["right_children"], 0, -1), "node 0 has the child"),
    "a circle": (lambda d: put(tree(d)["left_children"], 0, 2), "two paths"),
    "a feature": (
        lambda d: put(tree(d)["split_indices"], 0, 4),
        "that does not exist; there are only 4",
    ),
    "a parent": (lambda d: put(tree(d)["parents"], 1, 5), "contradict their children"),
    "a short list": (lambda d: tree(d)["default_left"].pop(), "default_left has shape"),
    "a text": (
        lambda d: put(tree(d)["split_indices"], 0, "x"),
        "something other than whole numbers",
    ),
    "half an index": (
        lambda d: put(tree(d)["split_indices"], 0, 0.5),
        "something other than whole numbers",
    ),
    "a leaf": (lambda d: put(tree(d)["split_conditions"], -1, float("nan")), "not finite"),
    "a far leaf": (lambda d: put(tree(d)["split_conditions"], -1, 1e300), "not finite"),
    "a threshold": (lambda d: put(tree(d)["split_conditions"], 0, float("nan")), "NaN"),
    "categories": (lambda d: put(tree(d)["split_type"], 0, 1), "by categories"),
    "a score": (lambda d: put(model_of(d)["tree_info"], 0, 3), "tree_info"),
    "trees": (lambda d: model_of(d)["trees"].pop(), "num_trees"),
    "an order": (lambda d: put(tree(d), "id", 1), "id is '1'"),
    "rounds": (lambda d: put(model_of(d)["iteration_indptr"], 1, 99), "iteration_indptr"),
    "many features": (
        lambda d: put(d["learner"]["learner_model_param"], "num_feature", "2000000000"),
        "num_feature is '2000000000'",
    ),
    "no objective": (lambda d: d["learner"].pop("objective"), "no 'objective'"),
    "a base score": (
        lambda d: put(d["learner"]["learner_model_param"], "base_score", "[1,2]"),
        "base_score",
    ),
    "a type": (
        lambda d: put(d["learner"], "feature_types", ["float", "c", "float", "float"]),
        "feature 'number 1' is categorical",
    ),
    "the best round": (
        lambda d: put(d["learner"]["attributes"], "best_iteration", "3"),
        "best_iteration is '3'",
    ),
    "no list": (lambda d: put(d["learner"], "feature_names", 7), "'feature_names' is an int"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_crafted_file_is_refused_in_a_sentence(what: str, document: Any, tmp_path: Path) -> None:
    change, told = BROKEN[what]
    changed, path = copy.deepcopy(document), tmp_path / "m.json"
    change(changed)
    path.write_text(json.dumps(changed))
    with pytest.raises(ConfigurationError, match=f"m.json is not an XGBoost classifier.*{told}"):
        native(path)


@pytest.mark.parametrize(
    "objective", ["reg:squarederror", "rank:pairwise", "binary:logitraw", "count:poisson"]
)
def test_what_decides_for_no_class_is_refused(objective: str, tmp_path: Path, data: Any) -> None:
    x, y = data("cancer")
    matrix = xgboost.DMatrix(x, y)
    xgboost.train({"objective": objective}, matrix, 2).save_model(tmp_path / "m.json")
    with pytest.raises(
        ConfigurationError,
        match=f"its objective is '{objective}'; only classifiers with one of these",
    ):
        native(tmp_path / "m.json")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}", "no 'learner'"),
        (b'{"oblivious_trees": []}', "no 'learner'"),
        (b"[1, 2]", "no 'learner'"),
        (b"[" * 100_000, "not a complete JSON"),
        (b"\xff\xfe", "not a complete JSON"),
        (b'{"a": 1, "a": 2}', "same key twice"),
        (b'{"learner"', "not a complete JSON"),
    ],
)
def test_other_json_is_refused(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=told):
        native(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "ends too early"),
        (b"{}{}", "it has 2 bytes after"),
        (b"[" * 100, "nested"),
        (b"[$Z#L" + bytes([127] * 8), "list of numbers of one type"),
        (b"[$D#L" + bytes([127] * 8), "ends too early"),
        (b"[#L" + bytes([127] * 8), "ends too early"),
        (b"{L" + bytes([255] * 8), "ends too early"),
        (b"?", "no value begins"),
        (b"{i\x01ai\x01i\x01ai\x02}", "'a' twice"),
        (b"Si\x01\xff", "not UTF-8"),
        (b"{}", "no 'learner'"),
    ],
)
def test_other_binary_json_is_refused(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "m.ubj"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=told):
        native(path)


@pytest.mark.nightly
def test_values_beyond_measure_are_not_all_made(tmp_path: Path) -> None:
    for name, content, told in (
        (
            "m.ubj",
            b"[" + b"Z" * 6_000_000 + b"]",
            "more than 5,000,000 values outside of typed lists",
        ),
        ("m.json", b"[" + b"[]," * 6_000_000 + b"0]", "more than 5,000,000 lists and objects"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigurationError, match=told):
            native(tmp_path / name)


def test_a_tree_that_goes_down_without_end_is_refused(tmp_path: Path, data: Any) -> None:
    path, inner = tmp_path / "m.json", 30_000
    fitted(*data("cancer"), n_estimators=1).save_model(path)
    document = json.loads(path.read_text())
    (tree,) = document["learner"]["gradient_booster"]["model"]["trees"]
    n = 2 * inner + 1
    left, right, parents = np.full(n, -1), np.full(n, -1), np.full(n, 2**31 - 1)
    at = np.arange(inner) * 2
    left[at], right[at], parents[at + 1], parents[at + 2] = at + 2, at + 1, at, at
    for key in ("split_indices", "split_conditions", "default_left", "split_type"):
        tree[key] = [0] * n
    tree["tree_param"]["num_nodes"] = str(n)
    tree.update(
        left_children=left.tolist(), right_children=right.tolist(), parents=parents.tolist()
    )
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigurationError, match="tree 0 is more than 10,000 levels deep"):
        native(path)


def test_no_broken_file_crashes_the_library(data: Any, tmp_path: Path, read_all: Any) -> None:
    files, rng = tmp_path / "files", np.random.default_rng(0)
    files.mkdir()
    for ending in ("json", "ubj"):
        fitted(*data("iris"), n_estimators=2, max_depth=2).save_model(tmp_path / f"m.{ending}")
        whole = (tmp_path / f"m.{ending}").read_bytes()
        for n, end in enumerate(rng.integers(0, len(whole), 60)):
            (files / f"short{n}.{ending}").write_bytes(whole[:end])
        for n, at in enumerate(rng.integers(0, len(whole), 300)):
            byte = rng.integers(0, 256) if ending == "ubj" else rng.choice(list(b"0123456789-]e,"))
            (files / f"byte{n}.{ending}").write_bytes(
                whole[:at] + bytes([int(byte)]) + whole[at + 1 :]
            )
    read, refused = read_all(files)
    assert read > 50  # thresholds and leaves that are others
    assert refused > 300


def test_a_library_that_is_not_here_is_named(
    data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted(*data("iris"), n_estimators=1).save_model(tmp_path / "m.json")
    monkeypatch.setitem(sys.modules, "xgboost", None)
    told = r"needs xgboost; install it: pip install 'genlabel-robust\[xgboost\]'"
    with pytest.raises(ConfigurationError, match=told):
        native(tmp_path / "m.json")

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.models.adapters.library_model import LibraryModel

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "dart": {"boosting_type": "dart"},
    "random forest": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "zero as missing": {"zero_as_missing": True},
    "nothing is missing": {"use_missing": False},
    "no split at all": {"min_child_samples": 10**6},
    "sigmoid": {"objective": "binary", "sigmoid": 0.7},
    "one against all": {"objective": "multiclassova"},
}
PERMISSION = Permission()


def fitted(x: Any, y: Any, **settings: Any) -> lightgbm.LGBMClassifier:
    settings = {"n_estimators": 15, "num_leaves": 7, "n_jobs": 1, "verbose": -1, **settings}
    return lightgbm.LGBMClassifier(**settings).fit(x, y)


def native(path: Path) -> LibraryModel:
    model = read_model_file(path, path.read_bytes(), PERMISSION).model
    assert isinstance(model, LibraryModel)
    return model


def agrees(classifier: Any, path: Path, rows: Any) -> None:
    model = native(path)
    assert (model.codes(rows) == classifier.predict(rows)).all()
    margin = classifier.predict(rows, raw_score=True)
    scores = model.scores(rows)
    assert np.array_equal(scores[:, 1] if margin.ndim == 1 else scores, margin)
    probability = classifier.predict_proba(rows)
    in_order = np.take_along_axis(probability, scores.argsort(axis=1), axis=1)
    assert (np.diff(in_order, axis=1) >= 0).all()


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize(
    ("name", "setting"),
    [("cancer", s) for s in SETTINGS if s != "one against all"]
    + [("iris", s) for s in SETTINGS if s != "sigmoid"],
)
def test_it_answers_as_the_library_does(
    name: str, setting: str, tmp_path: Path, data: Any, asked: Any
) -> None:
    x, y = data(name)
    classifier = fitted(x, y, **SETTINGS[setting])
    path = tmp_path / "model.txt"
    classifier.booster_.save_model(path)
    agrees(classifier, path, asked(x))
    model = native(path)
    assert (model.width, model.n_classes) == (x.shape[1], len(set(y.tolist())))
    assert (model.columns, model.classes, model.whole) == (None, None, ())
    assert (model.takes, model.knowledge) == ("missing", "scores")
    assert model.scores(x[:0]).shape == (0, model.n_classes)


def test_values_that_were_missing_in_training(tmp_path: Path, data: Any, asked: Any) -> None:
    x, y = data("wine")
    x = np.where(np.random.default_rng(0).random(x.shape) < 0.3, np.nan, x)
    classifier = fitted(x, y)
    classifier.booster_.save_model(tmp_path / "m.txt")
    agrees(classifier, tmp_path / "m.txt", asked(np.nan_to_num(x)))


def test_a_model_that_stopped_early_is_stored_up_to_its_best_round(
    tmp_path: Path, data: Any, asked: Any
) -> None:
    x, y = data("cancer")
    classifier = lightgbm.LGBMClassifier(
        n_estimators=20, learning_rate=1.0, num_leaves=7, n_jobs=1, verbose=-1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eval_set has another name in newer versions
        classifier.fit(
            x,
            y,
            eval_set=[(x[::3], y[::3][::-1])],
            callbacks=[lightgbm.early_stopping(2, verbose=False)],
        )
    assert classifier.best_iteration_ < 20
    classifier.booster_.save_model(tmp_path / "m.txt")
    agrees(classifier, tmp_path / "m.txt", asked(x))


def test_names_of_columns_are_those_of_the_file(tmp_path: Path, data: Any) -> None:
    import pandas as pd

    x, y = data("iris")
    fitted(pd.DataFrame(x, columns=["d", "b c", "a", "é"]), y).booster_.save_model(
        tmp_path / "m.txt"
    )
    assert native(tmp_path / "m.txt").columns == ("d", "b_c", "a", "é")


@pytest.fixture(scope="module")
def text(data: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("lightgbm") / "m.txt"
    fitted(*data("iris"), n_estimators=2, num_leaves=5).booster_.save_model(path)
    return path.read_text()


BROKEN = {
    "a child that is no node": (r"left_child=\S+", "left_child=9", "neither a node nor"),
    "a child that is no leaf": (r"right_child=\S+", "right_child=-9", "neither a node nor"),
    "a circle": (r"left_child=\S+", "left_child=0", "has the child"),
    "two parents": (r"left_child=\S+ (\S+)", r"left_child=1 1", "two paths"),
    "a feature": (r"split_feature=\S+", "split_feature=4", "that does not exist; there are only 4"),
    "a short list": (r"threshold=\S+", "threshold=", "threshold has 1 numbers; it must have 2"),
    "a long list": (r"leaf_value=", "leaf_value=1 ", "leaf_value has 4 numbers"),
    "no number": (r"leaf_value=\S+", "leaf_value=nan", "leaf_value is 'nan'"),
    "a hexadecimal number": (r"threshold=\S+", "threshold=0x1", "threshold is '0x1'"),
    "half an index": (r"split_feature=\S+", "split_feature=0.5", "split_feature is '0.5'"),
    "leaves": (r"num_leaves=3", "num_leaves=4", "numbers; it must have"),
    "a category": (r"decision_type=\S+", "decision_type=1", "a decision_type is not one of"),
    "categories": (r"num_cat=0", "num_cat=1", "by categories"),
    "linear": (r"is_linear=0", "is_linear=1", "linear models"),
    "trees": (
        r"num_class=3\nnum_tree_per_iteration=3",
        "num_class=4\nnum_tree_per_iteration=4",
        "num_class of the objective",
    ),
    "sizes": (r"tree_sizes=\S+ ", "tree_sizes=", "tree_sizes"),
    "features": (r"max_feature_idx=3", "max_feature_idx=2", "it has 3 features, 4 names"),
    "many features": (r"max_feature_idx=3", "max_feature_idx=2000000000", "max_feature_idx is"),
    "an order": (r"Tree=1", "Tree=2", "the number of a tree"),
    "no end": (r"end of trees", "", "a part of it is missing"),
    "text categories": (
        r"pandas_categorical:null",
        'pandas_categorical:[["a", "b"]]',
        "with categorical columns",
    ),
    "a cut end": (r"pandas_categorical:null", "", "no line pandas_categorical"),
    "a line": (
        r"version=v4",
        "version=v4\nmystery=1",
        "'mystery', which this version does not know",
    ),
    "a line of a tree": (
        r"num_cat=0",
        "num_cat=0\nmystery=1",
        "'mystery', which this version does not know",
    ),
    "twice": (r"num_cat=0", "num_cat=0\nnum_cat=0", "'num_cat' twice"),
    "a version": (r"version=v4", "version=v9", "its version is 'v9'"),
    "a sigmoid": (r"objective=.*", "objective=binary sigmoid:-1", "its sigmoid is -1"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_crafted_file_is_refused_in_a_sentence(what: str, text: str, tmp_path: Path) -> None:
    pattern, by, told = BROKEN[what]
    changed, path = re.sub(pattern, by, text, count=1), tmp_path / "m.txt"
    assert changed != text
    path.write_text(changed)
    with pytest.raises(ConfigurationError, match=f"m.txt is not a LightGBM classifier.*{told}"):
        native(path)


@pytest.mark.parametrize("objective", ["regression", "lambdarank", "cross_entropy", "poisson"])
def test_what_decides_for_no_class_is_refused(objective: str, tmp_path: Path, data: Any) -> None:
    x, y = data("cancer")
    rows = lightgbm.Dataset(x, y, group=[len(y)] if objective == "lambdarank" else None)
    booster = lightgbm.train({"objective": objective, "verbosity": -1}, rows, 2)
    booster.save_model(tmp_path / "m.txt")
    with pytest.raises(ConfigurationError, match=f"its objective is '{objective}"):
        native(tmp_path / "m.txt")


def test_categories_in_the_training_frame_are_refused(tmp_path: Path, data: Any) -> None:
    import pandas as pd

    x, y = data("iris")
    frame = pd.DataFrame(x, columns=list("abcd"))
    frame["d"] = pd.Categorical(np.where(x[:, 3] > 1, "wide", "narrow"))
    fitted(frame, y).booster_.save_model(tmp_path / "text.txt")
    whole = np.column_stack([x[:, :3], x[:, 3].round()])
    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(whole, y, categorical_feature=[3]).booster_.save_model(tmp_path / "whole.txt")
    for name in ("text", "whole"):
        with pytest.raises(ConfigurationError, match="categor"):
            native(tmp_path / f"{name}.txt")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bytes(5000), "its first line is not 'tree'"),
        (b"tree\n" + bytes(5000), "it is not text"),
        (b"tree" + b"\n" * 6_000_000, "more than 5,000,000 lines"),
        (b"tree\nversion=v4\n\xff\n", "it is not text"),
    ],
)
def test_what_is_no_text_of_the_library_is_refused_before_it_is_decoded(
    content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "m.txt").write_bytes(content)
    with pytest.raises(ConfigurationError, match=told):
        native(tmp_path / "m.txt")


def test_more_numbers_than_a_tree_has_are_not_taken_apart(text: str, tmp_path: Path) -> None:
    for key, told in (
        ("leaf_value=", "leaf_value has more than"),
        ("left_child=", "left_child has"),
    ):
        (tmp_path / "m.txt").write_text(text.replace(key, key + "1 " * 5000, 1))
        with pytest.raises(ConfigurationError, match=told):
            native(tmp_path / "m.txt")


def test_a_tree_that_goes_down_without_end_is_refused(
    text: str, tmp_path: Path, read_all: Any
) -> None:
    head, inner = text[: text.index("Tree=0")], 30_000
    head = "\n".join(line for line in head.splitlines() if not line.startswith("tree_sizes"))
    zeros = " ".join(["0"] * inner)
    tree = [
        "Tree=0",
        f"num_leaves={inner + 1}",
        "num_cat=0",
        f"split_feature={zeros}",
        f"threshold={zeros}",
        f"decision_type={zeros}",
        "left_child=" + " ".join([*map(str, range(1, inner)), "-1"]),
        "right_child=" + " ".join(str(-2 - i) for i in range(inner)),
        f"leaf_value={zeros} 0",
        "shrinkage=1",
        "",
        "end of trees",
        "",
        "pandas_categorical:null",
    ]
    head = re.sub("(num_class|num_tree_per_iteration)=.*", r"\1=1", head)
    head = re.sub("objective=.*", "objective=binary sigmoid:1", head)
    (tmp_path / "m.txt").write_text(head + "\n\n" + "\n".join(tree) + "\n")
    with pytest.raises(ConfigurationError, match="tree 0 is more than 10,000 levels deep"):
        native(tmp_path / "m.txt")


def test_no_broken_file_crashes_the_library(text: str, tmp_path: Path, read_all: Any) -> None:
    files, rng = tmp_path / "files", np.random.default_rng(0)
    files.mkdir()
    whole, head = text.encode(), text.index("end of trees")
    for n, end in enumerate(rng.integers(0, len(whole), 80)):
        (files / f"short{n}.txt").write_bytes(whole[:end])
    for n, at in enumerate(rng.integers(0, head, 400)):
        byte = int(rng.choice(list(b"0123456789- \n=e")))
        (files / f"byte{n}.txt").write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
    numbers = list(re.finditer(r"-?\d+(\.\d+)?", text[:head]))
    for n, number in enumerate(rng.choice(numbers, 300)):  # type: ignore[call-overload]
        by = str(rng.choice(["-1", "0", "5", "99999999", "-99999999", "1e308", "4294967296"]))
        changed = text[: number.start()] + by + text[number.end() :]
        (files / f"number{n}.txt").write_text(changed)
    read, refused = read_all(files)
    assert read > 50  # thresholds and leaves that are others
    assert refused > 300


def test_a_library_that_is_not_here_is_named(
    data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted(*data("iris"), n_estimators=1).booster_.save_model(tmp_path / "m.txt")
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    told = r"needs lightgbm; install it: pip install 'genlabel-robust\[lightgbm\]'"
    with pytest.raises(ConfigurationError, match=told):
        native(tmp_path / "m.txt")

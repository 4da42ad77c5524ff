from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.task import Scaling
from genlabel_robust.evaluation.weights import weights_file
from genlabel_robust.models.foreign.reading import Foreign, Permission, read_foreign
from genlabel_robust.models.model import SklearnModel

CLASSIFIERS: dict[str, Any] = {
    "random forest": RandomForestClassifier(5),
    "extra trees": ExtraTreesClassifier(5),
    "histograms": HistGradientBoostingClassifier(max_iter=5),
    "histograms, early": HistGradientBoostingClassifier(max_iter=5, early_stopping=True),
    "boosting": GradientBoostingClassifier(n_estimators=5),
    "logistic": LogisticRegression(),
    "support vectors": SVC(),
    "linear support vectors": LinearSVC(),
    "net": MLPClassifier(tol=10.0, n_iter_no_change=1),
    "neighbours": KNeighborsClassifier(),
    "all neighbours": KNeighborsClassifier(algorithm="brute"),
    "a ball tree": KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
    "bayes": GaussianNB(),
    "calibrated": CalibratedClassifierCV(SVC()),
    "isotonic": CalibratedClassifierCV(GaussianNB(), method="isotonic"),
    "voting": VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3))]),
    "stacking": StackingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier())]),
    "tree": DecisionTreeClassifier(),
    "ridge": RidgeClassifier(),
    "sgd": SGDClassifier(loss="log_loss"),
    "ada": AdaBoostClassifier(n_estimators=3),
    "bagging": BaggingClassifier(n_estimators=3, max_features=0.5),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}),
    "selected": make_pipeline(SelectKBest(k=2), LogisticRegression()),
    "components": make_pipeline(PCA(2), SVC()),
    "absolute": make_pipeline(FunctionTransformer(np.abs), LogisticRegression()),
}
#: What needs a table without zeros left out.
DENSE = ("histograms", "histograms, early", "bayes", "isotonic")


def read(content: bytes, types: tuple[str, ...] = ()) -> Foreign:
    return read_foreign(Path("m.skops"), content, Permission(types=types))


def quiet(fit: Callable[[], Any]) -> Any:
    # one thread: small fits only wait for others
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # that a fit did not converge is no matter here
        return fit()


def columns(dense: bool) -> ColumnTransformer:
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=not dense),
    )
    return ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                [*"abcd"],
            ),
            ("words", words, ["k"]),
            ("order", OrdinalEncoder(categories=[["low", "high"]]), ["o"]),
        ],
        sparse_threshold=0.0 if dense else 1.0,
    )


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_usual_classifiers_and_pipelines_need_no_names_of_types(name: str, data: Any) -> None:
    x, y = data("iris")
    frame = pd.DataFrame(x, columns=[*"abcd"])
    rng = np.random.default_rng(0)
    frame["k"], frame["o"] = rng.choice(["u", "v", "w"], 150), rng.choice(["low", "high"], 150)
    frame.loc[3, "a"], frame.loc[4, "k"] = np.nan, np.nan
    whole = make_pipeline(columns(name in DENSE), CLASSIFIERS[name])
    for model, rows in ((CLASSIFIERS[name], x), (whole, frame)):
        quiet(lambda model=model, rows=rows: model.fit(rows, y))
        found = read(skops.io.dumps(model))
        assert type(found.model) is type(model)
        assert (found.model.predict(rows) == model.predict(rows)).all()
        assert (found.format, found.notes) == ("skops", ())
        assert found.library.startswith("scikit-learn 1.")


def test_a_runs_own_file_brings_its_scaling(data: Any) -> None:
    x, y = data("wine")
    scaling = Scaling("range", x.min(axis=0), np.ptp(x, axis=0))
    model = SklearnModel(RandomForestClassifier(5).fit(scaling.apply(x), y), scaling, 3)
    found = read(weights_file(model, {})[1]).model
    assert isinstance(found, SklearnModel)
    assert found.n_classes == 3
    assert (found.scores(x) == model.scores(x)).all()
    for part in ({"scale": scaling.scale * 0}, {"offset": scaling.offset[1:]}, {"offset": 0}):
        held = {"estimator": model.estimator, "offset": scaling.offset, "scale": scaling.scale}
        with pytest.raises(ConfigurationError, match=r"m.skops does not hold what a run stores"):
            read(skops.io.dumps(held | part))


def test_types_that_are_not_known_are_listed_and_can_be_named() -> None:
    model = make_pipeline(FunctionTransformer(json.dumps), DecisionTreeClassifier())
    content = skops.io.dumps(model)
    with pytest.raises(ConfigurationError, match=r"trusted: json.dumps; .*--trust-type NAME"):
        read(content)
    with pytest.raises(ConfigurationError, match=r"json\.dumps"):
        read(content, ("json.loads", "json"))
    assert read(content, ("json.dumps",)).model.steps[0][1].func is json.dumps


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (RandomForestRegressor(2), "RandomForestRegressor, which is a regressor"),
        (make_pipeline(StandardScaler(), RandomForestRegressor(2)), "which is a regressor"),
        (IsolationForest(n_estimators=2), "outlier_detector"),
        (StandardScaler(), "StandardScaler, which does not predict"),
        ({"a": 1}, "builtins.dict, which does not predict"),
        ([1.0, 2.0], "does not predict"),
    ],
)
def test_what_is_no_classifier_is_refused(held: Any, told: str, data: Any) -> None:
    if hasattr(held, "fit"):
        held.fit(*data("iris"))
    with pytest.raises(ConfigurationError, match=f"m.skops holds a.*{told}"):
        read(skops.io.dumps(held))


def test_a_model_of_another_version_is_noted_and_not_printed(
    data: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    def older(name: str, content: bytes) -> bytes:
        return content.replace(b'\\"1.', b'\\"0.') if name == "schema.json" else content

    notes = read(rewritten(skops.io.dumps(RandomForestClassifier(3).fit(*data("iris"))), older))
    assert len(notes.notes) == 1
    assert "another version of scikit-learn (0." in notes.notes[0]
    assert capfd.readouterr() == ("", "")


def rewritten(content: bytes, change: Callable[[str, bytes], bytes], method: int = 0) -> bytes:
    """Return the archive with each member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", method) as made:
        for name in given.namelist():
            made.writestr(name, change(name, given.read(name)))
    return out.getvalue()


@pytest.fixture(scope="module")
def forest(data: Any) -> bytes:
    return skops.io.dumps(RandomForestClassifier(2, max_depth=3).fit(*data("iris")))


def header(shape: str, kind: str = "<f8") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def of_bytes(new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, old: new if name.endswith(".npy") else old


def in_schema(before: str, after: str) -> Callable[[str, bytes], bytes]:
    return lambda name, old: (
        old.replace(before.encode(), after.encode(), 1) if name == "schema.json" else old
    )


CRAFTED: dict[str, tuple[Callable[[str, bytes], bytes], str]] = {
    "an array of terabytes": (of_bytes(header("(1000000000000,)")), "its file holds 0 bytes"),
    "a negative shape": (of_bytes(header("(-1,)")), "its file holds 0 bytes"),
    "an array of nothing": (of_bytes(header("(9999999999999,)", "|V0")), "its file holds 0"),
    "an array of objects": (of_bytes(header("(1,)", "|O")), "holds objects"),
    "a deep header": (of_bytes(header("(" * 900)), "damaged"),
    "a later format": (of_bytes(b"\x93NUMPY\x09\x00" + bytes(99)), "format|damaged"),
    "no array": (of_bytes(b"hello"), "number of outputs"),
    "no JSON": (lambda n, old: old[:-20] if n == "schema.json" else old, "damaged"),
    "another protocol": (in_schema('"protocol": ', '"protocol": 99'), "cannot load it"),
    "a deep schema": (
        lambda n, old: b'{"a":' * 10**5 if n == "schema.json" else old, "nested too deep",
    ),
    "a list": (lambda n, old: b"[]" if n == "schema.json" else old, "cannot load it"),
    "a missing member": (in_schema('.npy"', '.nope"'), "damaged"),
    "a loader that is not there": (in_schema('"ObjectNode"', '"MagicNode"'), "cannot load it"),
}  # fmt: skip


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_archive_is_refused_in_a_sentence(what: str, forest: bytes) -> None:
    change, told = CRAFTED[what]
    with pytest.raises(ConfigurationError, match=f"m.skops.*({told})") as caught:
        read(rewritten(forest, change))
    assert "\n" not in str(caught.value)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("schema.json", "{}")
        made.writestr("1.npy", bytes(200 << 20))
    assert len(out.getvalue()) < 1 << 20
    with pytest.raises(ConfigurationError, match=r"its 0\.2 MB unpack to 210 MB"):
        read(out.getvalue())


def test_one_member_for_many_objects_counts_as_often(forest: bytes) -> None:
    out = io.BytesIO()
    items = [
        {"__loader__": "NdArrayNode", "__class__": "ndarray", "__module__": "numpy",
         "type": "numpy", "file": "1.npy", "__id__": i + 1}
        for i in range(3000)
    ]  # fmt: skip
    whole = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode",
             "content": items, "protocol": 0}  # fmt: skip
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("schema.json", json.dumps(whole))
        made.writestr("1.npy", header("(100000,)") + bytes(800_000))
    with pytest.raises(ConfigurationError, match="its arrays are more than 2,147 MB together"):
        read(out.getvalue())


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", b"hello", b"\x80\x04N.", b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_skops_archive_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"m.skops is no skops file that can be read"):
        read(content)


def test_another_archive_is_refused() -> None:
    out = io.BytesIO()
    np.savez(out, a=np.zeros(3))
    with pytest.raises(ConfigurationError, match=r"it has no schema\.json"):
        read(out.getvalue())


def tree_with(forest: bytes, outputs: int, name: int | None = None) -> bytes:
    """Return the file with one tree created for other outputs, under a name that is taken."""

    def change(member: str, old: bytes) -> bytes:
        if member != "schema.json":
            return old
        schema = json.loads(old)
        rest = [schema]
        while rest:
            value = rest.pop()
            if isinstance(value, dict) and value.get("__loader__") == "TreeNode":
                state = value["__reduce__"]["args"]["content"][2]
                state.update(content=str(outputs), __id__=name or state["__id__"])
                return json.dumps(schema).encode()
            rest += (
                value.values()
                if isinstance(value, dict)
                else value
                if isinstance(value, list)
                else []
            )
        raise AssertionError("no tree")

    return rewritten(forest, change)


def test_a_tree_is_not_created_with_more_outputs_than_it_has(forest: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"in two ways|number of outputs"):
        read(tree_with(forest, 10**9))
    with pytest.raises(ConfigurationError, match=r"number of outputs|features or outputs"):
        read(tree_with(forest, 10**6, name=12345))
    named = json.loads(zipfile.ZipFile(io.BytesIO(forest)).read("schema.json"))["__id__"]
    with pytest.raises(ConfigurationError, match="in two ways"):
        read(tree_with(forest, 1, name=named))


def test_no_broken_file_crashes(data: Any, tmp_path: Path, read_all: Any) -> None:
    files, rng, n = tmp_path / "files", np.random.default_rng(0), 0
    files.mkdir()
    x, y = data("iris")
    for model in (
        RandomForestClassifier(2, max_depth=3),
        GradientBoostingClassifier(n_estimators=2),
        HistGradientBoostingClassifier(max_iter=2),
        HistGradientBoostingClassifier(max_iter=2, categorical_features=[3]),
        KNeighborsClassifier(leaf_size=5),
        KNeighborsClassifier(leaf_size=5, algorithm="ball_tree"),
        KNeighborsClassifier(algorithm="brute"),
        SVC(),
    ):
        if getattr(model, "categorical_features", None):
            x = np.column_stack([x[:, :3], x[:, 3].round()])
        whole = skops.io.dumps(model.fit(x, y))
        for _ in range(60):
            (files / f"{n}.skops").write_bytes(rewritten(whole, lambda m, old: broken(m, old, rng)))
            n += 1
        for end in rng.integers(0, len(whole), 5):
            (files / f"short{n}-{end}.skops").write_bytes(whole[:end])
    read, refused = read_all(files)
    assert read > 50
    assert refused > 100


def broken(member: str, old: bytes, rng: np.random.Generator) -> bytes:
    """Return the member with a few of its numbers others, if it is an array; else as it was."""
    if not old.startswith(b"\x93NUMPY") or rng.random() < 0.7:
        return old
    array = np.load(io.BytesIO(old)).copy()
    if not array.size:
        return old
    flat = array.reshape(-1)
    names = [n for n in array.dtype.names or () if array.dtype[n].kind in "iu"]
    part = flat[str(rng.choice(names))] if names else flat
    if part.dtype.kind in "iu":
        value = int(rng.choice([-1, 0, 1, 7, 200, 10**5, 2**31 - 1]))
        part[int(rng.integers(len(part)))] = np.array(value).astype(part.dtype)
    if rng.random() < 0.2:
        array = flat[: max(1, len(flat) // 2)]
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()

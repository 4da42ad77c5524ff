from __future__ import annotations

import pickle
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.model_files.object_graph import make_calm, objects_in, path_count
from genlabel_robust.model_files.reading import Permission, read_model_file

X, Y = load_iris(return_X_y=True)


def test_what_is_held_by_methods_partials_and_arrays_is_found() -> None:
    inner = [SimpleNamespace() for _ in range(4)]
    objects = np.empty(1, dtype=object)
    objects[0] = inner[2]
    tree = DecisionTreeClassifier()
    root = {"a": partial(print, inner[0], b=inner[1]), "c": objects, "d": tree.fit, "e": {1: inner}}
    found = {id(value) for value in objects_in(root)}
    assert {id(value) for value in (*inner, tree)} <= found
    inner[3].again = root  # and a circle ends
    assert len(list(objects_in(root))) == len(found)


def test_objects_are_counted_as_often_as_they_are_held() -> None:
    once: Any = SimpleNamespace()
    assert path_count([once, once]) == 3
    for _ in range(40):
        once = [once, once]
    assert path_count(once) == 2**41 - 1
    once.append(once)
    assert path_count(once) > 2**40
    assert path_count(3) == 1


def busy() -> list[Any]:
    voting = VotingClassifier(
        [("a", GaussianNB()), ("b", KNeighborsClassifier(n_jobs=2))],
        n_jobs=2,
        verbose=True,
        voting="soft",
    )
    return [
        RandomForestClassifier(3, n_jobs=2, verbose=2, random_state=0),
        BaggingClassifier(KNeighborsClassifier(n_jobs=-1), 3, n_jobs=24, verbose=1, random_state=0),
        Pipeline([("s", StandardScaler()), ("v", voting)], memory="/nowhere/at/all"),
    ]


@pytest.mark.nightly(but=["2", "0"])
@pytest.mark.parametrize("at", range(3))
def test_what_is_read_computes_alone_and_silently_and_answers_the_same(
    at: int, capfd: pytest.CaptureFixture[str]
) -> None:
    model = busy()[at]
    told = model.set_params(**{"memory": None} if at == 2 else {}).fit(X, Y).predict_proba(X)
    if at == 2:
        model.memory = "/nowhere/at/all"
    content = skops.io.dumps(model)
    capfd.readouterr()
    found = read_model_file(Path("m.skops"), content, Permission()).model
    assert (found.predict_proba(X) == told).all()
    assert capfd.readouterr() == ("", "")
    settings = [vars(v) for v in objects_in(found) if hasattr(v, "get_params")]
    assert {s.get("n_jobs") for s in settings} <= {None, 1}
    assert not any(s.get("verbose") or s.get("memory") for s in settings)


def test_what_was_not_set_stays_as_it_is_and_other_objects_are_left_alone() -> None:
    model = make_pipeline(StandardScaler(), RandomForestClassifier(2))
    other = SimpleNamespace(n_jobs=7, verbose=3, memory="large")
    before = [model.get_params(deep=False), dict(vars(other))]
    make_calm([model, other])
    assert [model.get_params(deep=False), dict(vars(other))] == before
    assert model.steps[1][1].n_jobs is None


def test_a_pickle_that_is_trusted_computes_alone_too() -> None:
    model = RandomForestClassifier(3, n_jobs=2, random_state=0).fit(X, Y)
    found = read_model_file(Path("m.pkl"), pickle.dumps(model), Permission(trust=True)).model
    assert found.n_jobs == 1
    assert (found.predict_proba(X) == model.predict_proba(X)).all()

"""Estimator settings that would read files, or exhaust time or memory."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.decomposition import NMF, PCA
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import AdditiveChi2Sampler, PolynomialCountSketch
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.model_files.skops.risky_settings import check_reaching, is_simple

X, Y = load_iris(return_X_y=True)


def of_texts(vectorizer: Any) -> tuple[Any, pd.DataFrame]:
    """A classifier of the texts in a column, with an imputer for missing ones."""
    frame = pd.DataFrame({"c": ["one", "two", "?"] * 10})
    fill = SimpleImputer(missing_values="?", strategy="constant", fill_value="afile")
    words = make_column_transformer((vectorizer, "c"))
    model = make_pipeline(fill.set_output(transform="pandas"), words, LogisticRegression())
    return model.fit(frame, np.arange(30) % 2), frame


@pytest.mark.parametrize("kind", [CountVectorizer, TfidfVectorizer, HashingVectorizer])
@pytest.mark.parametrize("source", ["filename", "file"])
def test_what_reads_the_files_that_rows_name_is_refused(kind: Any, source: str) -> None:
    model, frame = of_texts(kind())
    read = read_model_file(Path("m.skops"), skops.io.dumps(model), Permission()).model
    assert (read.predict(frame) == model.predict(frame)).all()
    model.steps[1][1].transformers_[0][1].input = source
    with pytest.raises(
        ConfigurationError, match=f"a {kind.__name__} in it reads files: .*{source}"
    ):
        read_model_file(Path("m.skops"), skops.io.dumps(model), Permission())


def test_an_expression_that_may_take_any_time_is_refused() -> None:
    model, _ = of_texts(CountVectorizer())
    model.steps[1][1].transformers_[0][1].token_pattern = "(?:a|a)*c"  # noqa: S105
    with pytest.raises(ConfigurationError, match=r"has token_pattern='\(\?:a\|a\)\*c', which may"):
        read_model_file(Path("m.skops"), skops.io.dumps(model), Permission())


def changed(model: Any, **settings: Any) -> Any:
    vars(model.fit(abs(X), Y)).update(settings)
    return model


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (lambda: changed(PolynomialFeatures(), _n_out_full=9_000_000), "_n_out_full=9e.06"),
        (lambda: changed(PolynomialFeatures(), _n_out_full=float("nan")), "_n_out_full=nan"),
        (
            lambda: changed(PolynomialFeatures(), _max_degree=60),
            "makes 6.35e.05 numbers from a row",
        ),
        (lambda: changed(PolynomialFeatures(), _max_degree=10**9), "_max_degree=1e.09"),
        (lambda: changed(AdditiveChi2Sampler(), sample_steps=10**8), "sample_steps=1e.08"),
        (lambda: changed(PolynomialCountSketch(), n_components=10**9), "n_components=1e.09"),
        (
            lambda: changed(PolynomialCountSketch(), n_components=9000, degree=99),
            "8.91e.05 numbers",
        ),
        (lambda: changed(NMF(2, tol=0.1), max_iter=10**9), "an NMF in it has max_iter=1e.09"),
    ],
)
def test_what_makes_more_of_a_row_than_memory_holds_is_refused(model: Any, told: str) -> None:
    with pytest.raises(UnfitError, match=told):
        check_reaching(make_pipeline(model(), LogisticRegression()))


def test_what_asks_itself_a_billion_times_is_refused() -> None:
    inner: Any = GaussianNB().fit(X, Y)
    for _ in range(30):
        outer = VotingClassifier([("a", inner)])
        outer.estimators_ = [inner, inner]
        inner = outer
    with pytest.raises(UnfitError, match=r"would call .*e\+\d\d times"):
        check_reaching(inner)


def test_what_is_in_use_is_let_through() -> None:
    for model in (
        PolynomialFeatures(5),
        PolynomialFeatures(60, interaction_only=True),
        PolynomialFeatures((2, 3)),
        PolynomialCountSketch(degree=3, n_components=200),
        PCA(0.95),
        NMF(2, tol=0.1),
        LogisticRegression(max_iter=10**7, tol=0.1),
    ):
        check_reaching(model)  # before it is fitted as well
        check_reaching([model.fit(abs(X), Y)])


@pytest.mark.parametrize(
    "pattern",
    [CountVectorizer().token_pattern, r"\S+", "[a-z]{2,20}", r"(?i)\b[^\s,;]+\b", "x?y?z", ""],
)
def test_a_pattern_with_one_repetition_is_evaluated(pattern: str) -> None:
    assert is_simple(pattern)
    started = time.perf_counter()
    re.findall(pattern, "a" * 3000 + "!")
    assert time.perf_counter() - started < 120


@pytest.mark.parametrize(
    "pattern",
    [
        "(?:a|a)*c",
        "(a+)+",
        r"\w*\w*\w*c",
        "a|b",
        r"(a)\1*",
        "(?=a)b",
        "a{1,999}{1,999}",
        "(",
        "a" * 201,
        "(?x)a",
        3,
        re.compile("a"),
    ],
)
def test_a_pattern_that_may_try_many_ways_is_not(pattern: object) -> None:
    assert not is_simple(pattern)

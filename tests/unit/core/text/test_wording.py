from __future__ import annotations

import pytest

from genlabel_robust.core.text.wording import SHOWN, an, plural, quoted


def test_few_names_are_all_shown_and_many_are_counted() -> None:
    assert quoted(["a", "b"]) == "'a', 'b'"
    assert quoted([str(i) for i in range(SHOWN)]).count(",") == SHOWN - 1
    assert quoted([str(i) for i in range(SHOWN + 3)]).endswith("'9' and 3 more")


def test_one_is_singular() -> None:
    assert [plural(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


@pytest.mark.parametrize(
    "name",
    [
        "an IsolationForest",
        "a RandomForestClassifier",
        "an MLPClassifier",
        "an SVC",
        "a KMeans",
        "an XGBClassifier",
        "an LGBMClassifier",
        "an xgboost.core.Booster",
        "a UniformForest",
        "a Booster",
        "an OrderedDict",
        "a function",
        "an outlier detector",
        "a regressor",
        "an int",
        "a str",
        "a list",
        "a unit",
        "an hour",
        "a NoneType",
        "a PCA",
    ],
)
def test_a_name_gets_the_article_that_it_is_said_with(name: str) -> None:
    assert an(name.split(" ", 1)[1]) == name

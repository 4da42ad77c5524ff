"""The data sets that scikit-learn ships: no download, the same rows everywhere.

Each function returns a frame of features with the column ``target`` last, in the order of the
source. The seed is ignored; the registry's functions take one.
"""

from typing import Any

import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine


def iris(seed: int) -> pd.DataFrame:
    """Return Fisher's iris: 150 rows, 4 features in cm, 3 species."""
    return _with_class_names(load_iris(as_frame=True))


def wine(seed: int) -> pd.DataFrame:
    """Return the UCI wine data: 178 rows, 13 features, 3 cultivars."""
    return _with_class_names(load_wine(as_frame=True))


def breast_cancer(seed: int) -> pd.DataFrame:
    """Return the Wisconsin diagnostic data: 569 rows, 30 features, benign or malignant."""
    return _with_class_names(load_breast_cancer(as_frame=True))


def digits(seed: int) -> pd.DataFrame:
    """Return the UCI digits: 1,797 rows, 64 pixels of 0 to 16, 10 digits."""
    return _with_class_names(load_digits(as_frame=True))


def _with_class_names(bunch: Any) -> pd.DataFrame:
    frame: pd.DataFrame = bunch.frame
    return frame.assign(target=[bunch.target_names[code] for code in frame["target"]])

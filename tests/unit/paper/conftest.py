"""Tables of the paper, measured once for all files and workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.paper.reproduce import reproduce
from genlabel_robust.paper.tables import deviations


@pytest.fixture(scope="session")
def tables(
    real_data_folder: Path, shared_folder: Callable[[str], AbstractContextManager[Path]]
) -> tuple[dict[str, Any], Path]:
    """Both tables of one data set and one trial, in one folder, which must not be changed."""
    with pytest.MonkeyPatch.context() as patch, shared_folder("tables") as folder:
        patch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(real_data_folder))
        patch.setattr(deviations, "MORE", 1)  # further trials of AdaMixup are slow
        settings = {"datasets": ["openml:1413"], "trials": 1, "jobs": 1}
        # what is in the folder already is not measured again
        found = reproduce(folder, ["robustness", "accuracy"], **settings)
    return found, folder

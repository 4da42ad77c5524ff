"""The paper's tables, measured once for all test files and workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.paper.reproduce import reproduce
from genlabel_robust.paper.tables import deviations

Tables = tuple[dict[str, Any], Path]


@pytest.fixture(scope="session")
def measured_tables(
    real_data_folder: Path, shared_folder: Callable[[str], AbstractContextManager[Path]]
) -> Callable[..., Tables]:
    """Return a function: names of tables -> their results for one data set, and the folder.

    Each has one trial. Tests must not change the folder.
    """

    @cache
    def measure(*names: str) -> Tables:
        with pytest.MonkeyPatch.context() as patch, shared_folder("-".join(names)) as folder:
            patch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(real_data_folder))
            patch.setattr(deviations, "MORE", 1)  # further trials of AdaMixup are slow
            settings = {"datasets": ["openml:1413"], "trials": 1, "jobs": 1}
            # what is in the folder already is not measured again
            return reproduce(folder, names, **settings), folder

    return measure

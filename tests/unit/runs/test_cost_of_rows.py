"""The cost of an audit grows with the rows, and no row has a query of its own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from genlabel_robust.runs.audit import audit


def asked(n: int, out: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the number of rows in each query of the library, in an audit of ``n`` rows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).round(3)
    y = (x @ [1.0, -1.0, 0.5, 0.0] + rng.normal(size=n) > 0).astype(int)
    model = LogisticRegression().fit(x[:200], y[:200])
    sizes: list[int] = []
    answer = LogisticRegression.predict

    def counted(self: LogisticRegression, rows: Any) -> Any:
        sizes.append(len(rows))
        return answer(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(LogisticRegression, "predict", counted)
        audit(model, x, y, eps=0.1, suite="quick", checks="off", out=out)
    return sizes


def test_questions_about_single_rows_do_not_grow_with_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (asked(n, tmp_path / str(n), monkeypatch) for n in (300, 900))
    assert 0 < sum(few) < sum(many) < 3.5 * sum(few)
    # those of the look at whether company matters
    assert many.count(1) <= 64
    assert len(many) < 1.5 * len(few)

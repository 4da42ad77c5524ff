"""The message before an audit of many rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from genlabel_robust.cli.main import run
from genlabel_robust.reports.text.many_rows import widest
from genlabel_robust.runs import audit as audits
from genlabel_robust.statistics import rate


@pytest.mark.parametrize("n", [100, 20_000])
def test_the_widest_interval_is_that_of_a_rate_of_one_half(n: int) -> None:
    found = rate(np.arange(n)[None] % 2 == 0)
    assert widest(n) == pytest.approx((found.high - found.low) / 2, rel=1e-9)


def test_an_audit_of_many_rows_says_first_what_it_takes_and_what_a_sample_loses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audits, "MANY", 60)
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    y = (x["a"] > 0).astype(int)
    skops.io.dump(LogisticRegression().fit(x, y), tmp_path / "model.skops")
    x.assign(label=y).to_csv(tmp_path / "rows.csv", index=False)
    command = ["audit", str(tmp_path / "model.skops"), "--data", str(tmp_path / "rows.csv")]
    command += ["--target", "label", "--eps", "0.1", "--attack", "fgsm", "--checks", "off"]
    assert run([*command, "--out", str(tmp_path / "run")]) == 0
    told = capsys.readouterr().err
    assert "60 rows will take about" in told
    assert "--max-examples 20000" in told
    assert f"±{100 * widest(60):.2g}" in told
    assert run([*command, "--out", str(tmp_path / "quiet"), "--quiet"]) == 0
    assert "will take about" not in capsys.readouterr().err

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.lightgbm.file import LightgbmModel
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.audit_of_files import refuse_far_wider


class Estimator:
    n_features_in_ = 4


@pytest.mark.parametrize("model", [Estimator(), LightgbmModel(None, 4, 2, None)])
def test_a_table_of_a_hundred_thousand_columns_is_not_read_for_a_model_of_four(
    model: Any, tmp_path: Path
) -> None:
    wide, narrow = tmp_path / "wide.csv", tmp_path / "narrow.csv"
    wide.write_text(",".join(f"c{i}" for i in range(100_000)) + "\n" + "\0" * 100)
    narrow.write_text("a,b,c,d,y\n")
    refuse_far_wider(model, AuditFiles("m.onnx", str(narrow), "y"))
    for files in (
        AuditFiles("m.onnx", str(wide), "y"),
        AuditFiles("m.onnx", str(narrow), "y", reference=str(wide)),
    ):
        with pytest.raises(ConfigurationError, match=r"for 4 columns, but .*wide\.csv has 100,000"):
            refuse_far_wider(model, files)

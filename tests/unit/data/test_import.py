from __future__ import annotations

import subprocess
import sys


def test_listing_the_names_imports_nothing_heavy() -> None:
    code = (
        "import sys; from genlabel_robust.data import DATASETS; list(DATASETS); "
        "print([m for m in ('pandas', 'sklearn', 'scipy', 'torch', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

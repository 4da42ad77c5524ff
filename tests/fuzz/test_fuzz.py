"""A few seconds of fuzzing; run ``tests/fuzz/fuzz.py`` for thousands of inputs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: How many inputs by night; others with GENLABEL_FUZZ_COUNT, from another GENLABEL_FUZZ_SEED.
COUNT, SEED = os.environ.get("GENLABEL_FUZZ_COUNT", "40"), os.environ.get("GENLABEL_FUZZ_SEED", "0")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are those of Linux")
@pytest.mark.nightly(but=["12"])
@pytest.mark.parametrize("count", ["12", COUNT])
def test_damaged_inputs_are_answered_in_one_sentence(count: str, quick_python: Path) -> None:
    script = str(Path(__file__).with_name("fuzz.py"))
    code = f"import runpy; runpy.run_path({script!r}, run_name='__main__')"
    done = subprocess.run(
        [quick_python / "python", "-c", code, "--count", count, "--seed", SEED],
        capture_output=True,
        text=True,
        timeout=max(600, 10 * int(count)),
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert f"{count} inputs, 0 not answered" in done.stdout

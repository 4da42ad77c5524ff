"""Runs with other packages' parts: in several processes, resumed, verified and gated."""

from __future__ import annotations

import html
import io
import json
import re
import shlex
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import genlabel_robust
from genlabel_robust.cli.main import run as run_command
from genlabel_robust.core import UnfinishedRunError, UsageError
from genlabel_robust.core.admitted import admitted, admitting
from genlabel_robust.core.parts.kinds import KINDS
from genlabel_robust.core.parts.naming import parts_named
from genlabel_robust.parts import BatchStrategy
from genlabel_robust.runs.config.named_parts import of_admitted
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.runs.plan.stored_parts import stored_parts
from tests.parts.conftest import unimported

pytestmark = pytest.mark.usefixtures("known_canaries")

SMALL = {
    "datasets": "iris",
    "eps": 0.1,
    "seeds": 1,
    "suite": "quick",
    "checks": "off",
    "settings": {"train": {"epochs": 5}},
}
#: No plain value: what a function holds of this kind is not told.
SIZE = np.int64(4)
PARTS = ("input-noise", "residual", "corners")
COMMAND = (
    *("evaluate", "--dataset", "iris", "--seeds", "1", "--suite", "quick"),
    *("--arch", "logistic", "--set", "train.epochs=5", "--jobs", "1", "-q"),
)


def command(*arguments: str | Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run_command([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()


def plan_of(*parts: str, **changes: object):
    settings = {**SMALL, "strategies": ("vanilla", "input-noise"), "architectures": "logistic"}
    with admitting([part for name in parts for part in parts_named(name)]):
        return make_plan(RunConfig(**{**settings, **changes}))  # type: ignore[arg-type]


def test_a_cell_is_told_by_the_parts_that_it_uses_and_by_no_others(example: Path) -> None:
    plain = make_plan(RunConfig(**{**SMALL, "strategies": "vanilla", "architectures": "logistic"}))
    vanilla, noisy = plan_of("input-noise").cells
    assert vanilla.key == plain.cells[0].key
    (part,) = noisy.parts
    keys = {noisy.key}
    for change in ({"source": "0" * 64}, {"version": "1.1"}, {"qualified": "elsewhere:InputNoise"}):
        keys.add(replace(noisy, parts=(replace(part, **change),)).key)
    assert len(keys) == 4
    # what works on every model has a say in every cell
    assert plan_of("input-noise", "laplace").cells[0].key != vanilla.key
    assert plan_of("input-noise", "above-chance", "residual").cells[0].key == vanilla.key


def test_a_run_without_parts_says_nothing_of_them() -> None:
    plan = make_plan(RunConfig(**{**SMALL, "strategies": "vanilla", "architectures": "logistic"}))
    assert "parts" not in plan.identity
    assert plan.parts == ()


@pytest.fixture
def objects(example: Path):
    from outside_parts.architecture import residual
    from outside_parts.attack import Corners
    from outside_parts.strategy import InputNoise

    return {
        "strategies": ["vanilla", InputNoise(scale=0.1)],
        "architectures": [residual],
        "attacks": ["fgsm", Corners(draws=20)],
    }


@pytest.mark.nightly
def test_objects_are_evaluated_in_processes_and_gone_on_with(objects, tmp_path: Path) -> None:
    first = genlabel_robust.evaluate(**SMALL, **objects, jobs=2, out=str(tmp_path / "first"))
    assert admitted() == ()
    rows = first.results.rows
    assert [(row.strategy, row.architecture) for row in rows] == [
        ("vanilla", "residual"),
        ("input-noise", "residual"),
    ]
    assert first.results.attacks == ("fgsm", "corners")
    manifest = json.loads((first.path / "manifest.json").read_text())
    assert [part["name"] for part in manifest["parts"]] == list(PARTS)
    assert manifest["config"]["settings"]["value"]["strategy"] == {"input-noise": {"scale": 0.1}}
    assert manifest["config"]["settings"]["value"]["attack"] == {"corners": {"draws": 20}}

    # the same parts, named in another way and computed in this process, are the same run
    reused = []
    again = genlabel_robust.evaluate(
        **{**SMALL, "settings": manifest["config"]["settings"]["value"]},
        strategies=["vanilla", "outside_parts.strategy:InputNoise"],
        architectures=["residual"],
        attacks=["fgsm", "corners"],
        jobs=1,
        out=str(first.path),
        on_progress=lambda progress: reused.append(progress.reused),
    )
    assert reused == [True, True]
    shutil.rmtree(first.path / "cells")
    alone = genlabel_robust.evaluate(**SMALL, **objects, jobs=1, out=str(tmp_path / "second"))
    assert json.dumps(alone.results) == json.dumps(again.results)


@pytest.mark.nightly
def test_a_part_without_source_is_never_taken_from_an_older_run(tmp_path: Path) -> None:
    from torch import nn

    def small(n_features: int, n_classes: int, size=SIZE) -> nn.Module:
        return nn.Linear(n_features, n_classes)

    settings = {**SMALL, "strategies": "vanilla", "architectures": [small], "jobs": 1}
    folders = {genlabel_robust.evaluate(**settings, attacks="fgsm").path for _ in range(2)}
    assert len(folders) == 2


@pytest.fixture
def finished(example: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    code, _, error = command(*COMMAND, "--strategy", "input-noise", "--out", folder)
    assert code == 0, error
    return folder


def test_verify_imports_nothing_that_is_not_named_again(finished: Path, example: Path) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith("outside_parts")]:
        del sys.modules[name]
    code, _, error = command("verify", finished)
    assert code == 2
    assert "used strategy 'input-noise' from outside, outside_parts.strategy:" in error
    assert "--part outside_parts.strategy:InputNoise" in error
    assert not any(name.startswith("outside_parts") for name in sys.modules)
    code, out, error = command("verify", finished, "--part", "input-noise")
    assert (code, error) == (0, "")
    assert "Nothing differs" in out
    # the same name, another source
    with (example / "outside_parts" / "strategy.py").open("a") as file:
        file.write("# another version\n")
    code, _, error = command("verify", finished, "--part", "input-noise")
    assert code == 2
    assert "used another strategy 'input-noise'" in error


def test_the_command_of_the_report_makes_the_same_run(finished: Path, tmp_path: Path) -> None:
    printed = printed_command(finished)
    assert printed[printed.index("--part") + 1] == "outside_parts.strategy:InputNoise"
    code, _, error = command(*printed[3:], "--jobs", "1", "-q", "--out", tmp_path / "again")
    assert (code, error) == (0, "")
    one, other = (
        (folder / "results.json").read_bytes() for folder in (finished, tmp_path / "again")
    )
    assert one == other


@pytest.mark.nightly
def test_the_report_of_parts_of_every_kind_names_them_all(example: Path, tmp_path: Path) -> None:
    run = genlabel_robust.evaluate(
        **SMALL,
        strategies="input-noise",
        architectures="residual",
        attacks="corners",
        parts=["outside-parts"],
        jobs=1,
        out=str(tmp_path / "run"),
    )
    run.report()
    named = [word for word in printed_command(run.path) if "outside_parts." in word]
    stored = json.loads((run.path / "manifest.json").read_text())["parts"]
    assert {part["kind"] for part in stored} == set(KINDS)
    again = [part for spec in named for part in parts_named(spec)]
    assert [part.record for part in again] == [
        {key: value for key, value in part.items() if key not in ("about", "settings")}
        for part in stored
    ]


@pytest.mark.nightly
def test_the_report_of_an_object_says_that_python_runs_it(tmp_path: Path) -> None:
    from torch import nn

    def small(n_features: int, n_classes: int) -> nn.Module:
        return nn.Linear(n_features, n_classes)

    settings = {**SMALL, "strategies": "vanilla", "architectures": [small], "jobs": 1}
    run = genlabel_robust.evaluate(**settings, attacks="fgsm")
    page = re.sub("<[^>]+>", "", run.report().read_text())
    said = "No command runs this again, because small was an object in Python: call "
    assert f"{said}genlabel_robust.evaluate with the same objects" in page
    assert "python -m genlabel_robust evaluate" not in page
    code, _, error = command("verify", run.path)
    assert code == 2
    assert "it was given as an object in Python, which no command can name" in error


@pytest.mark.parametrize("named", [False, True])
def test_the_run_of_a_class_in_a_script_says_that_only_a_module_can_be_verified(
    named: bool, finished: Path
) -> None:
    manifest = json.loads((finished / "manifest.json").read_text())
    record = manifest["parts"][0] | {"object": "__main__:InputNoise", "source": "0" * 64}
    parts = parts_named("input-noise") if named else ()
    said = "object in Python, which no command can name: move it to a module, and make the run"
    with admitting(parts), pytest.raises(UsageError, match=said) as raised:
        stored_parts({"parts": [record]}, "the run")
    assert "--part" not in str(raised.value)
    assert ("differs in source" in str(raised.value)) is named


def printed_command(run: Path) -> list[str]:
    (code,) = re.findall(
        '<pre [^>]*The command"><code>(.*?)</code>', (run / "report.html").read_text(), re.S
    )
    return shlex.split(html.unescape(code).replace("\\\n", " "))


def test_a_gate_trains_again_with_the_part_that_is_named_again(
    finished: Path, tmp_path: Path
) -> None:
    baseline = tmp_path / "baseline.zip"
    assert command("baseline", "save", finished, "--out", baseline)[0] == 0
    gate = ("gate", "--baseline", baseline, "-q", "--out", tmp_path / "again")
    code, _, error = command(*gate)
    assert code == 2
    assert "the baseline's run used strategy 'input-noise' from outside" in error
    code, _, error = command(*gate, "--part", "input-noise")
    assert code == 0, error
    # nothing is trained, attacked or imported where both runs are there
    assert command("gate", finished, "--baseline", baseline)[0] == 0


def test_a_name_in_a_file_imports_nothing(example: Path, tmp_path: Path) -> None:
    import sys

    config = tmp_path / "genlabel-robust.toml"
    for name in ("input-noise", "outside_parts.strategy:InputNoise"):
        config.write_text(f'strategies = ["{name}"]\n')
        code, _, error = command(*COMMAND, "--out", tmp_path / "run")
        assert code == 2
        assert "a name in a file imports nothing" in error
        assert f"--part '{name}'" in error
    assert not any(name.startswith("outside_parts") for name in sys.modules)
    config.write_text('strategies = ["input-noise"]\n')
    assert command(*COMMAND, "--dry-run", "--part", "input-noise")[0] == 0


@pytest.mark.nightly
def test_a_file_may_repeat_a_name_as_the_user_gave_it(example: Path, tmp_path: Path) -> None:
    where = "outside_parts.strategy:InputNoise"
    config = tmp_path / "genlabel-robust.toml"
    config.write_text(f'strategies = ["vanilla", "{where}"]\n')
    for named in (where, "input-noise"):
        code, _, error = command(*COMMAND, "--dry-run", "--part", named)
        assert code == 0, error
    settings = RunConfig(**{**SMALL, "strategies": (where,), "architectures": "logistic"})
    (part,) = parts_named(where)
    with admitting([part]):
        assert of_admitted(settings).strategies == ("input-noise",)
    assert of_admitted(settings).strategies == (where,)
    run = genlabel_robust.evaluate(replace(settings, out=str(tmp_path / "run")), parts=[where])
    assert run.results.rows[0].strategy == "input-noise"


@pytest.mark.parametrize("option", ["--strategy", "--arch", "--attack", "--part"])
def test_what_cannot_be_used_is_one_sentence_and_writes_nothing(
    option: str, example: Path, tmp_path: Path
) -> None:
    for spec in ("outside_parts.strategy:Missing", "outside_parts.strategy:np", "no_module:X"):
        code, out, error = command(*COMMAND, option, spec, "--out", tmp_path / "run")
        assert (code, out) == (2, "")
        assert error.startswith("error: ")
        assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_list_shows_a_part_that_is_named_once_and_with_its_origin(
    example: Path, module: Callable[[str, str], str]
) -> None:
    where = "outside_parts.strategy:InputNoise"
    for spec in ("input-noise", where):
        code, out, error = command("list", "strategies", "--part", spec)
        assert (code, error) == (0, "")
        (line,) = (line for line in out.splitlines() if line.split()[0] == "input-noise")
        assert f"outside-parts 1.0 ({where})" in line
    module("own_net", "def narrow(n_features, n_classes):\n    pass\n")
    code, out, _ = command("list", "models", "--part", "architectures.narrow=own_net:narrow")
    assert code == 0
    assert re.search(r"^narrow +from own_net:narrow$", out, re.M)
    code, _, error = command("list", "strategies", "--part", "own_net:Nothing")
    assert (code, error.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("name", "options"),
    [("evaluate", ("--strategy", "--arch", "--attack")), ("audit", ("--arch", "--attack"))],
)
def test_the_help_of_what_takes_parts_says_how_they_are_named(
    name: str, options: tuple[str, ...]
) -> None:
    code, out, _ = command(name, "--help")
    assert code == 0
    for option in options:
        (told,) = re.findall(rf"^  {option} (.*?)(?=^  -|^\S|\Z)", out, re.M | re.S)
        assert "or module:Name for" in " ".join(told.split())


def test_list_shows_parts_with_their_distribution_and_imports_none(example: Path) -> None:
    import sys

    for kind, name in (
        ("strategies", "input-noise"),
        ("densities", "laplace"),
        ("attacks", "corners"),
        ("models", "residual"),
        ("formats", ".weights"),
        ("structures", "outside_parts.WeightsModel"),
        ("certifiers", "WeightedSums"),
        ("sections", "at-a-glance"),
        ("checks", "above-chance"),
    ):
        code, out, _ = command("list", kind)
        assert code == 0
        (line,) = (line for line in out.splitlines() if line.split()[0] == name)
        assert "from outside-parts 1.0: outside_parts." in line
    assert not any(name.startswith("outside_parts") for name in sys.modules)


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_part_that_fails_is_told_by_its_own_line_once_for_all_cells(
    jobs: int, tmp_path: Path
) -> None:
    class Slip(BatchStrategy):
        """A strategy with a mistake."""

        name = "slip"

        def _soften(self, x, y, rng):
            return undefined  # noqa: F821

    settings = {**SMALL, "seeds": 2, "architectures": "logistic", "jobs": jobs}
    with pytest.raises(UnfinishedRunError) as raised:
        genlabel_robust.evaluate(strategies=["vanilla", Slip()], out=tmp_path / "run", **settings)
    said = str(raised.value)
    assert said.startswith(
        "2 of 4 cells failed: iris/slip/logistic seed 0 and 1 other: NameError: "
    )
    assert "in your code: " in said
    assert said.endswith("in _soften")
    assert said.count("NameError") == 1


MOVING = """
from typing import ClassVar
from genlabel_robust.parts import BatchStrategy, SoftBatch

class Moved(BatchStrategy):
    name: ClassVar[str] = "moved"

    def _soften(self, x, y, rng):
        return SoftBatch(x + {by}, self._one_hot(x, y), x[:, 0] * 0 + 1)
"""


def test_an_edited_part_goes_on_in_its_folder_and_the_cells_of_others_stay(
    module: Callable[[str, str], str], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    ask = (*COMMAND, "--strategy", "vanilla", "--strategy", "moved:Moved", "--out", folder)
    module("moved", MOVING.format(by=0.01))
    assert command(*ask)[0] == 0
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "cells").iterdir()}
    (folder / "report.md").write_text("of the old source")
    unimported(("moved",))
    module("moved", MOVING.format(by=0.03))
    code, _, error = command(*ask, "--shard", "1/2")
    assert code != 0
    assert "(it differs in strategy 'moved' from outside: its source changed)" in error
    code, out, error = command(*ask, "--dry-run", "--format", "json")
    assert code == 0, error
    assert {path.name for path in (folder / "cells").iterdir()} == {*before}
    assert command(*ask)[0] == 0
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "cells").iterdir()}
    kept = before.keys() & after.keys()
    assert len(before) == len(after) == 4
    assert len(kept) == 2
    assert all(before[name] == after[name] for name in kept)
    about = json.loads((folder / "manifest.json").read_text())
    assert {path.stem for path in (folder / "cells").iterdir()} == {*about["cells"]}
    assert {path.name.partition(".")[0] for path in (folder / "models").iterdir()} == {
        *about["cells"]
    }
    code, out, error = command("verify", folder, "--part", "moved:Moved")
    assert code == 0, (out, error)

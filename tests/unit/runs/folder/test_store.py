from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core.errors import OutputError
from genlabel_robust.runs.cells.cell import CellResult, empty_result
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.weights import weights_file
from tests.left_behind import left_by

Build = Callable[..., CellResult]
KEY = "0123456789abcdef0123456789abcdef"
ABOUT = {"dataset": "d", "strategy": "s", "architecture": "a", "seed": 0, "settings": {}}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.open({"identity": {"eps": [0.1], "seeds": 2}})
    return folder


def assert_equal(one: Any, other: Any) -> None:
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        elif isinstance(a, FewFeatures | Singles):
            assert_equal(a, b)
        else:
            assert a == b, field.name


def test_a_cell_comes_back_as_it_was(folder: RunFolder, result: Build) -> None:
    evidence = {"pgd": {"unconfirmed": 0.0, "seconds": 0.25}}
    plain = result({"pgd": (0.1, 0.2, np.inf, 0.3)}, evidence=evidence)
    exact = replace(plain, exact=np.array([0.1, 0.2, 0.4, 0.3]), hyper_parameters={"gamma": 0.5})
    timed = replace(plain, tried=np.full(plain.distances.shape, np.inf))
    reason = empty_result("no gradients", plain.ids, plain.labels)
    n, d = len(plain.ids), plain.adversarial.shape[2]
    singles = Singles(np.ones((n, 1)), np.full((n, 1), np.inf), np.full((n, d), np.nan), 2)
    few = replace(plain, few=FewFeatures(singles, np.full((1, n, d), np.nan)))
    for number, cell in enumerate((plain, exact, timed, reason, few)):
        key = f"{number:032x}"
        folder.save_cell(key, ABOUT, cell, None)
        loaded = folder.load_cell(key)
        assert loaded is not None
        assert_equal(loaded, cell)


def test_a_cell_that_is_not_there_is_none(folder: RunFolder) -> None:
    assert folder.load_cell(KEY) is None


@pytest.mark.parametrize("where", [0, 40, -1])
def test_one_flipped_byte_in_the_arrays_makes_a_cell_count_as_absent(
    where: int, folder: RunFolder, result: Build
) -> None:
    folder.save_cell(KEY, ABOUT, result({"pgd": (0.1, 0.2, 0.3, 0.4)}), None)
    path = folder.path / "cells" / f"{KEY}.npz"
    content = bytearray(path.read_bytes())
    content[where] ^= 1
    path.write_bytes(content)
    assert folder.load_cell(KEY) is None


def test_truncated_arrays_make_a_cell_count_as_absent(folder: RunFolder, result: Build) -> None:
    folder.save_cell(KEY, ABOUT, result({"pgd": (0.1, 0.2, 0.3, 0.4)}), None)
    path = folder.path / "cells" / f"{KEY}.npz"
    for size in (0, 10, path.stat().st_size - 1):
        path.write_bytes(path.read_bytes()[:size])
        assert folder.load_cell(KEY) is None
    path.unlink()
    assert folder.load_cell(KEY) is None


def test_a_truncated_json_makes_a_cell_count_as_absent(folder: RunFolder, result: Build) -> None:
    folder.save_cell(KEY, ABOUT, result({"pgd": (0.1, 0.2, 0.3, 0.4)}), None)
    path = folder.path / "cells" / f"{KEY}.json"
    whole = path.read_text()
    for text in (*(whole[:size] for size in range(0, len(whole) - 2, 7)), "[]", "3", "null", "{}"):
        path.write_text(text)
        assert folder.load_cell(KEY) is None, text


def test_no_pickle_is_ever_loaded(folder: RunFolder, result: Build) -> None:
    folder.save_cell(KEY, ABOUT, result({"pgd": (0.1, 0.2, 0.3, 0.4)}), None)
    with np.load(folder.path / "cells" / f"{KEY}.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays)


def test_the_same_cell_has_the_same_bytes(folder: RunFolder, result: Build) -> None:
    written = set()
    for number in range(2):
        key = f"{number:032x}"
        folder.save_cell(key, ABOUT, result({"pgd": (0.1, 0.2, np.inf, 0.4)}), None)
        written.add((folder.path / "cells" / f"{key}.npz").read_bytes())
    assert len(written) == 1


def test_a_folder_of_the_same_run_is_opened_again_and_swept(folder: RunFolder) -> None:
    (folder.path / "figures").mkdir()
    name = f"{left_by()}abc"
    left = [folder.path / part / name for part in (".", "cells", "models", "figures")]
    for path in left:
        path.write_text("half")
    folder.open({"identity": {"seeds": 2, "eps": [0.1]}})
    assert not any(path.exists() for path in left)
    assert not (folder.path / ".writable").exists()


def test_a_tuple_in_the_identity_equals_the_list_that_json_makes_of_it(folder: RunFolder) -> None:
    before = (folder.path / "manifest.json").read_bytes()
    folder.open({"identity": {"eps": (0.1,), "seeds": 2}})
    assert (folder.path / "manifest.json").read_bytes() == before


def test_another_order_of_strategies_is_said_to_be_that(tmp_path: Path) -> None:
    RunFolder(tmp_path / "run").open({"identity": {"strategies": ["a", "b"]}})
    said = r"it differs in the order of strategies \(a, b there; b, a here\)\); choose another"
    with pytest.raises(OutputError, match=said):
        RunFolder(tmp_path / "run").open({"identity": {"strategies": ["b", "a"]}})


def test_another_identity_is_refused_and_the_fields_are_named(folder: RunFolder) -> None:
    identity = {"eps": [0.2], "seeds": 2, "norm": "l2"}
    with pytest.raises(OutputError, match=r"it differs in eps, norm\); choose another folder"):
        folder.open({"identity": identity})


def test_a_folder_killed_before_its_manifest_was_written_is_continued(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    (folder.path / "cells").mkdir(parents=True)
    (folder.path / f"{left_by()}manifest").write_text("half")
    assert folder.open({"identity": {"eps": [0.1]}})
    assert sorted(path.name for path in folder.path.iterdir()) == [
        "cells",
        "manifest.json",
        "models",
    ]


def test_a_run_that_may_not_be_gone_on_with_is_refused(folder: RunFolder) -> None:
    identity = {"eps": [0.1], "seeds": 2}
    assert not folder.open({"identity": identity})
    with pytest.raises(OutputError, match="contains the run of a model in memory"):
        folder.open({"identity": identity}, resume=False)


def test_of_two_processes_that_open_a_folder_one_is_refused(
    quick_python: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from genlabel_robust.core.errors import OutputError\n"
        "from genlabel_robust.runs.folder.store import RunFolder\n"
        "sys.stdin.readline()\n"
        "try: RunFolder(Path(sys.argv[1])).open({'identity': {'given': sys.argv[2]}})\n"
        "except OutputError as error: sys.exit(2)"
    )
    python = quick_python / "python"
    for round_ in range(3):
        out = tmp_path / str(round_)
        racers = [
            subprocess.Popen([python, "-c", code, out, name], stdin=subprocess.PIPE)
            for name in ("one", "two")
        ]
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write(b"go\n")
            racer.stdin.flush()
        for racer in racers:
            racer.communicate()
        codes = [racer.returncode for racer in racers]
        assert sorted(codes) == [0, 2]
        owner = json.loads((out / "manifest.json").read_text())["identity"]["given"]
        assert owner == ("one", "two")[codes.index(0)]


@pytest.mark.parametrize("name", ["mine.txt", "cells/mine.txt", "models/mine.txt", "figures/f.svg"])
def test_a_folder_with_somebody_s_files_is_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    with pytest.raises(OutputError, match="is not empty and contains no run"):
        RunFolder(tmp_path).open({"identity": {}})
    assert file.read_text() == "mine"


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file/run"):
        with pytest.raises(OutputError, match="cannot write to"):
            RunFolder(path).open({"identity": {}})


def test_weights_are_stored_with_the_scaling_and_without_code(folder: RunFolder) -> None:
    import skops.io
    from safetensors.numpy import load
    from sklearn.tree import DecisionTreeClassifier
    from torch import nn

    from genlabel_robust.data.task import Scaling
    from genlabel_robust.models.model import SklearnModel, TorchModel

    scaling = Scaling("range", np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    net = TorchModel(nn.Sequential(nn.Linear(2, 2)), scaling, 2)
    tree = SklearnModel(
        DecisionTreeClassifier(random_state=0).fit([[0.0, 0.0], [1.0, 1.0]], [0, 1]), scaling, 2
    )
    cell = empty_result("not trained here", np.arange(2), np.array([0, 1]))
    folder.save_cell(KEY, ABOUT, cell, weights_file(net, ABOUT))
    folder.save_cell(KEY[::-1], ABOUT, cell, weights_file(tree, ABOUT))
    models = folder.path / "models"
    tensors = load((models / f"{KEY}.safetensors").read_bytes())
    np.testing.assert_array_equal(tensors["scaling.offset"], scaling.offset)
    np.testing.assert_array_equal(tensors["scaling.scale"], scaling.scale)
    assert {"0.weight", "0.bias"} <= set(tensors)
    content = (models / f"{KEY[::-1]}.skops").read_bytes()
    needed = skops.io.get_untrusted_types(data=content)
    assert needed == ["sklearn.tree._tree.Tree"]
    stored = skops.io.loads(content, trusted=needed)
    np.testing.assert_array_equal(stored["scale"], scaling.scale)
    assert stored["estimator"].predict([[1.0, 1.0]]) == [1]


def test_a_damaged_cell_is_computed_again(tmp_path: Path) -> None:
    from genlabel_robust.runs.evaluate import evaluate
    from genlabel_robust.runs.execute.schedule import Progress

    def run() -> list[Progress]:
        seen: list[Progress] = []
        evaluate(
            datasets="iris",
            strategies="vanilla",
            architectures="logistic",
            seeds=2,
            suite="quick",
            jobs=1,
            settings={"train": {"epochs": 2}},
            out=str(tmp_path / "run"),
            on_progress=seen.append,
        )
        return seen

    assert [p.reused for p in run()] == [False, False]
    results = (tmp_path / "run/results.json").read_bytes()
    shutil.copytree(tmp_path / "run", tmp_path / "whole")
    first, second = sorted((tmp_path / "run/cells").glob("*.npz"))
    first.write_bytes(first.read_bytes()[:100])
    assert sorted(p.reused for p in run()) == [False, True]
    second.with_suffix(".json").write_text("{")
    assert sorted(p.reused for p in run()) == [False, True]
    assert (tmp_path / "run/results.json").read_bytes() == results
    for name in ("cells", "models"):
        for path in (tmp_path / "whole" / name).iterdir():
            if path.suffix != ".json":  # which says how many seconds it took
                assert (tmp_path / "run" / name / path.name).read_bytes() == path.read_bytes()


def test_a_file_of_json_is_sorted_and_refuses_nan(folder: RunFolder) -> None:
    folder.write_json("a.json", {"b": 1, "a": "ε"})
    text = (folder.path / "a.json").read_text(encoding="utf-8")
    assert text == '{\n "a": "ε",\n "b": 1\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        folder.write_json("a.json", {"a": float("nan")})
    assert (folder.path / "a.json").read_text(encoding="utf-8") == text
    assert json.load(io.StringIO(text)) == {"a": "ε", "b": 1}

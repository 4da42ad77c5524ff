from __future__ import annotations

import os
import pickle
import re
import subprocess
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pytest
import safetensors.torch
import skops.io
import torch
import xgboost
from sklearn.linear_model import LogisticRegression
from torch import nn

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.core.files import opening
from genlabel_robust.model_files import EXECUTED, READERS
from genlabel_robust.model_files.reading import Permission, model_bytes, read_model_file
from genlabel_robust.model_files.unsupported import UNREAD

TRUST = Permission("logistic", trust=True)
#: Whose readers take each other's bytes: a pickle in whatever wrapping.
PICKLES = {".pkl", ".pickle", ".joblib"}
TORCH = {".pt", ".pth"}
#: CatBoost's library is large, and may be left out where the tests run.
CATBOOST = find_spec("catboost") is not None
READ = [ending for ending in READERS if CATBOOST or ending != ".cbm"]


def test_an_ending_that_is_not_known_is_named_with_its_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"no ending '.onx' of a model file.*mean '.onnx'"):
        model_bytes(tmp_path / "m.onx", Permission())
    with pytest.raises(UnknownNameError, match=r"known: \.cbm, \.joblib"):
        model_bytes(tmp_path / "m", Permission())


@pytest.mark.parametrize("ending", UNREAD)
def test_other_formats_are_named_with_what_to_do(ending: str, tmp_path: Path) -> None:
    assert ending not in READERS
    with pytest.raises(ConfigurationError) as raised:
        model_bytes(tmp_path / f"m{ending.upper()}", Permission())
    told = str(raised.value)
    assert f"is not read: {ending} is " in told
    assert "did you mean" not in told


def test_what_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    for name, told in (("none.json", "No such file"), ("folder.json", "Is a directory")):
        with pytest.raises(ConfigurationError, match=f"{name} cannot be read: {told}"):
            model_bytes(tmp_path / name, Permission())


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # a hole: it takes no room
    with pytest.raises(ConfigurationError, match=r"has 3\.2 GB; at most 2\.1 GB are allowed"):
        model_bytes(path, Permission())


#: Reads what would be waited for, or never end, in a process of its own of bounded memory.
_ODD = """
import resource, sys
from pathlib import Path
from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.model_files.reading import Permission, model_bytes
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
for name in sys.argv[1:]:
    try:
        model_bytes(Path(name), Permission())
    except GenlabelRobustError as error:
        print(error.exit_code, error)
"""


def test_a_pipe_or_a_device_is_not_read(quick_python: Path, tmp_path: Path) -> None:
    pipe, device = tmp_path / "pipe.onnx", tmp_path / "zero.json"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    done = subprocess.run(
        [quick_python / "python", "-c", _ODD, str(pipe), str(device)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    told = "is a pipe or a device, not a file; write its content to a file first"
    assert done.stdout.splitlines() == [f"2 {path} {told}" for path in (pipe, device)]


def test_no_more_is_read_than_there_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(b"{}")
    found = os.stat(path)
    path.write_bytes(b"{}" * 10**6)
    monkeypatch.setattr(opening.os, "fstat", lambda _: found)
    with pytest.raises(ConfigurationError, match=r"m\.json grows while it is read"):
        model_bytes(path, Permission())


@pytest.mark.parametrize("ending", READERS)
def test_an_empty_file_holds_no_model(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"m{ending}"
    path.touch()
    with pytest.raises(ConfigurationError, match=f"m{ending} is empty"):
        read_model_file(path, model_bytes(path, TRUST), TRUST)


def test_an_ending_in_capitals_is_the_same(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "M.SKOPS"
    path.write_bytes(skops.io.dumps(LogisticRegression(max_iter=500).fit(*data("iris"))))
    model = read_model_file(path, model_bytes(path, Permission()), Permission()).model
    assert isinstance(model, LogisticRegression)


def test_what_is_executed_is_not_read_without_trust(tmp_path: Path) -> None:
    for ending in EXECUTED:
        with pytest.raises(
            ConfigurationError, match=r"is not read: .*export it as ONNX, .* give --trust"
        ):
            model_bytes(tmp_path / f"not-even-there{ending}", Permission())


@pytest.mark.parametrize("ending", sorted(PICKLES))
def test_the_two_lines_of_the_message_turn_a_pickle_into_skops(
    ending: str, tmp_path: Path, data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    x, y = data("iris")
    classifier = LogisticRegression(max_iter=500).fit(x, y)
    joblib.dump(classifier, tmp_path / f"m{ending}")
    with pytest.raises(ConfigurationError) as refused:
        model_bytes(tmp_path / f"m{ending}", Permission())
    first, second = re.findall("`(.*?)`", str(refused.value))
    exec(f"{first}\n{second}", {})  # noqa: S102  our own message
    found = read_model_file(Path("m.skops"), Path("m.skops").read_bytes(), Permission()).model
    assert (found.predict(x) == classifier.predict(x)).all()


@pytest.fixture(scope="module")
def formats(data: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A complete file for each ending."""
    folder, (x, y) = tmp_path_factory.mktemp("formats"), data("iris")
    classifier = LogisticRegression(max_iter=500).fit(x, y)
    xgb = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(x, y)
    for ending in ("json", "ubj"):
        xgb.save_model(folder / f"m.{ending}")
    lgb = lightgbm.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(x, y)
    lgb.booster_.save_model(folder / "m.txt")
    (folder / "m.skops").write_bytes(skops.io.dumps(classifier))
    net = nn.Linear(4, 3)
    weights = {f"0.{name}": tensor for name, tensor in net.state_dict().items()}
    safetensors.torch.save_file(weights, folder / "m.safetensors")
    torch.export.save(torch.export.export(net, (torch.zeros(8, 4),)), folder / "m.pt2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(net).save(folder / "m.pt")
    torch.save(net, folder / "m.pth")
    (folder / "m.pkl").write_bytes(pickle.dumps(classifier))
    (folder / "m.pickle").write_bytes(pickle.dumps(classifier))
    joblib.dump(classifier, folder / "m.joblib")
    from skl2onnx import to_onnx

    (folder / "m.onnx").write_bytes(
        to_onnx(classifier, x[:1].astype(np.float32)).SerializeToString()
    )
    if CATBOOST:
        from catboost import CatBoostClassifier

        model = CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False)
        model.fit(x, y).save_model(str(folder / "m.cbm"))
    return {ending: (folder / f"m{ending}").read_bytes() for ending in READ}


def read(path: Path, content: bytes) -> Any:
    return read_model_file(path, content, TRUST)


@pytest.mark.parametrize("ending", READ)
def test_each_format_is_read_by_its_own_ending_and_refused_by_others(
    ending: str, formats: dict[str, bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"m{ending}"
    for other, content in formats.items():
        both = {ending, other}
        if len(both) == 1 or both <= PICKLES or both <= TORCH:
            found = read(path, content)
            assert found.model is not None
            assert found.format
            assert found.library
            continue
        with pytest.raises(ConfigurationError, match=f"m{ending}") as caught:
            read(path, content)
        assert "\n" not in str(caught.value), other
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("junk", [b"\x00", b"x", b"\xff" * 1000, b"PK\x03\x04" + bytes(500)])
def test_junk_is_refused_in_a_sentence(ending: str, junk: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"m{ending}") as caught:
        read(tmp_path / f"m{ending}", junk)
    assert "\n" not in str(caught.value)


def test_a_stream_of_zeros_ends(tmp_path: Path) -> None:
    for ending in READERS:
        with pytest.raises(ConfigurationError):
            read(tmp_path / f"m{ending}", bytes(1 << 20))

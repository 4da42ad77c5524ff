"""Every digest shown is that of bytes on disk; any other is called a fingerprint."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from genlabel_robust.core.files.writing import sha256

if TYPE_CHECKING:
    from tests.cli.audit.conftest import Native, Table
    from tests.cli.conftest import Call, Finished

_WHOLE = re.compile(r"\b[0-9a-f]{64}\b")
#: What a shortened digest would look like: a word of hex digits with letters and figures.
_SHORT = re.compile(r"\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,63}\b")
#: What is no file's, by the field that says so.
_FINGERPRINTS = ("content_hash", "fingerprint", "fingerprints")


def fingerprints(value: Any, inside: bool = False) -> Iterator[str]:
    """Yield the values of all fields for fingerprints."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from fingerprints(one, inside or key in _FINGERPRINTS)
    elif isinstance(value, list):
        for one in value:
            yield from fingerprints(one, inside)
    elif inside and isinstance(value, str):
        yield value


def of_files(*places: Path) -> set[str]:
    """Return the SHA-256 of every file, and of the members of archives."""
    found = set()
    for place in places:
        for path in [place, *place.rglob("*")]:
            if path.is_file():
                found.add(sha256(path.read_bytes()))
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    found |= {sha256(archive.read(name)) for name in archive.namelist()}
    return found


@pytest.fixture(params=["run", "audit"])
def made(
    request: pytest.FixtureRequest,
    finished: Finished,
    natives: dict[str, Native],
    cancer: Table,
    call: Callable[..., Call],
    tmp_path: Path,
) -> tuple[Path, set[str]]:
    """The folder of a run or an audit, and the digests of its input files."""
    path = tmp_path / "run"
    if request.param == "run":
        shutil.copytree(finished.path, path)
        return path, set()
    done = call(
        "audit",
        natives["xgboost"].path,
        "--data",
        cancer.test_file,
        "--target",
        "diagnosis",
        "--reference",
        cancer.train_file,
        "--eps",
        "0.03",
        "--attack",
        "sign-bisect",
        "--max-examples",
        "30",
        "-q",
        "--out",
        path,
    )
    assert done.code == 0, done.stderr
    return path, of_files(natives["xgboost"].path, cancer.test_file, cancer.train_file)


def judged(run: Path, baseline: Path, call: Callable[..., Call], out: Path) -> dict[str, str]:
    """Return the output and the files of a baseline of ``run``, and of a gate on it."""
    done = call("gate", run, "--baseline", baseline, "--report", out, "--mode", "checkpoint")
    assert done.code == 0, done.stdout + done.stderr
    texts = {"gate": done.stdout + done.stderr}
    texts["shown"] = call("baseline", "show", baseline).stdout
    return texts | {file.name: file.read_text(encoding="utf-8") for file in out.iterdir()}


def test_every_digest_is_that_of_bytes_on_disk(
    made: tuple[Path, set[str]], call: Callable[..., Call], tmp_path: Path
) -> None:
    path, sources = made
    results = json.loads((path / "results.json").read_bytes())
    manifest = json.loads((path / "manifest.json").read_bytes())
    known = set(fingerprints([results, manifest]))
    page = (path / "report.html").read_text(encoding="utf-8")
    begin = page.index('id="subject-fingerprints-caption"')
    end = page.index("</table>", begin)
    texts = {
        "page": page[:begin] + page[end:],
        "markdown": (path / "report.md").read_text(encoding="utf-8"),
        "table": (path / "results.csv").read_text(encoding="utf-8"),
        "report": call("report", path, "--format", "md").stdout,
        "verify": call("verify", path, "-q", "--reattack", "0").stdout,
    }
    baseline = tmp_path / "baseline.zip"
    row = results["rows"][0]
    endpoint = f"robust:{row['dataset']}/{row['strategy']}/{row['architecture']}"
    saved = call("baseline", "save", path, "--out", baseline, "--endpoint", endpoint)
    texts["saved"] = saved.stdout + saved.stderr
    assert saved.code == 0, saved.stderr
    texts |= judged(path, baseline, call, tmp_path / "gate")
    bytes_on_disk = of_files(path, *tmp_path.glob("*.zip")) | sources
    assert sha256((path / "results.json").read_bytes()) in texts["page"]
    assert sha256((path / "results.json").read_bytes()) in texts["verify"]
    for place, text in texts.items():
        assert set(_WHOLE.findall(text)) <= bytes_on_disk, place
        assert [one for one in _SHORT.findall(text) if len(one) != 64] == [], place
    # and what is called a fingerprint is one
    assert set(_WHOLE.findall(page[begin:end])) <= known
    if "audit" in manifest:
        assert set(manifest["files"].values()) <= sources
        assert results["model"]["sha256"] in sources

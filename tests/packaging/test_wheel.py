"""The installed wheel works in a folder that contains other people's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

import genlabel_robust

ROOT = Path(__file__).parent.parent.parent
BUILT_FROM = ("genlabel_robust", "attacks", "reports", "pyproject.toml", "README.md", "LICENSE")
UNWANTED = shutil.ignore_patterns("__pycache__", ".*cache")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=UNWANTED)
        else:
            shutil.copy(source, copy / name)
    built = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("target")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--no-compile",
        "--disable-pip-version-check",
        "--target",
        str(target),
        str(wheel),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder whose packages have the names of our folders, and raise when imported."""
    for name in ("attacks", "reports"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('hostile')\n")
        (tmp_path / name / "hostile-1.toml").write_text("not = = toml\n")
    return tmp_path


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def listed(folder: Path, package: Path) -> subprocess.CompletedProcess[str]:
    """List the suites from ``folder``, with the package that lies in ``package``."""
    # -P is not given: the current folder comes first, as it does for everyone
    return subprocess.run(
        [sys.executable, "-m", "genlabel_robust", "list", "suites"],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
        | {"PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_the_wheel_holds_the_package_the_suites_and_the_schema(wheel: Path) -> None:
    found = names(wheel)
    for suite in (ROOT / "attacks").glob("*.toml"):
        assert f"genlabel_robust/_shipped/attacks/{suite.name}" in found
    assert {
        "genlabel_robust/py.typed",
        "genlabel_robust/runs/results/results.schema.json",
        "genlabel_robust/_shipped/reports/README.md",
        "genlabel_robust/__main__.py",
    } <= found
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "genlabel_robust").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources <= found


def test_the_wheel_puts_one_package_at_the_top_and_nothing_else(wheel: Path) -> None:
    top = {name.split("/")[0] for name in names(wheel)}
    about = f"genlabel_robust-{genlabel_robust.__version__}.dist-info"
    assert top == {"genlabel_robust", about}
    assert not [n for n in names(wheel) if "__pycache__" in n or n.endswith((".pyc", ".key"))]


def test_the_metadata_say_what_pyproject_says(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    about = f"genlabel_robust-{genlabel_robust.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_string(archive.read(f"{about}/METADATA").decode())
        entry = archive.read(f"{about}/entry_points.txt").decode()
        assert f"{about}/licenses/LICENSE" in archive.namelist()
    assert metadata["Name"] == "genlabel-robust"
    assert metadata["Version"] == genlabel_robust.__version__
    required = [r for r in metadata.get_all("Requires-Dist", []) if "extra ==" not in r]
    assert len(required) == len(project["dependencies"])
    for script in ("genlabel-robust", "genlabel_robust"):
        assert f"{script} = genlabel_robust.__main__:main" in entry.splitlines()


def test_the_wheel_installed_alone_lists_the_suites_beside_hostile_packages(
    installed: Path, hostile: Path
) -> None:
    done = listed(hostile, installed)
    assert (done.returncode, done.stderr) == (0, "")
    expected = {path.stem for path in (ROOT / "attacks").glob("*.toml")}
    assert {line.split()[0] for line in done.stdout.splitlines()} == expected


def test_the_wheel_is_what_ran(installed: Path, hostile: Path) -> None:
    code = "import genlabel_robust.attacks.suite as s; print(s.__file__); print(s.suites_folder())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=hostile,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    module, shipped = (Path(line).resolve() for line in done.stdout.splitlines())
    assert module.is_relative_to(installed.resolve())
    assert shipped == (installed / "genlabel_robust/_shipped/attacks").resolve()


def test_the_hostile_packages_would_be_imported_by_their_names(hostile: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import attacks"], cwd=hostile, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "hostile" in done.stderr


def test_the_checkout_lists_the_suites_beside_hostile_packages(hostile: Path) -> None:
    done = listed(hostile, ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "quick-1" in done.stdout
    assert "hostile" not in done.stdout


def test_no_suite_is_taken_from_the_current_folder(
    installed: Path, hostile: Path, tmp_path: Path
) -> None:
    (tmp_path / "attacks/__init__.py").unlink()
    assert listed(tmp_path, installed).stdout == listed(ROOT, ROOT).stdout


def test_the_wheel_holds_the_styles_and_the_script_of_the_report(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assets = [name for name in names if name.startswith("genlabel_robust/reports/assets/")]
    styles = ["drawing.css", "notebook.css", "report.css"]
    assert sorted(Path(name).name for name in assets) == [*styles, "report.js"]

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.data.sources import openml
from genlabel_robust.runs.config.resolve import resolve, sourced_values
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.config.settings import KNOWN
from genlabel_robust.runs.config.sources import OTHER_VARIABLES, PREFIX, toml_or_text

PACKAGE = Path(openml.__file__).parents[2]
#: Lowest first, and the source that each is recorded with.
LAYERS = {
    "pyproject": "file pyproject.toml",
    "project": "file genlabel-robust.toml",
    "config": "file mine.toml",
    "variable": "variable GENLABEL_ROBUST_SEEDS",
    "option": "option",
    "set": "option",
}


def layered(folder: Path, **layers: str) -> tuple[RunConfig, dict[str, str]]:
    """Resolve one line of TOML in each of the named layers."""
    given: dict[str, Any] = {}
    environ: dict[str, str] = {}
    for layer, line in layers.items():
        key, _, value = (part.strip() for part in line.partition("="))
        if layer == "pyproject":
            (folder / "pyproject.toml").write_text(f"[tool.genlabel_robust]\n{line}\n")
        elif layer == "project":
            (folder / "genlabel-robust.toml").write_text(f"{line}\n")
        elif layer == "config":
            (folder / "mine.toml").write_text(f"{line}\n")
            given["config_file"] = str(folder / "mine.toml")
        elif layer == "variable":
            environ[PREFIX + key.upper()] = value
        elif layer == "option":
            given[key] = int(value)
        else:
            given["assignments"] = (line,)
    return resolve(given, folder, environ)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_alone_wins_over_the_default(layer: str, tmp_path: Path) -> None:
    config, sources = layered(tmp_path, **{layer: "seeds = 2"})
    assert config.seeds == 2
    assert sources == {"seeds": LAYERS[layer]}


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(LAYERS)))
def test_of_two_neighbouring_layers_the_higher_wins(
    lower: str, higher: str, tmp_path: Path
) -> None:
    config, sources = layered(tmp_path, **{lower: "seeds = 2", higher: "seeds = 3"})
    assert config.seeds == 3
    assert sources == {"seeds": LAYERS[higher]}


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(LAYERS)))
def test_what_the_higher_of_two_layers_does_not_name_stays(
    lower: str, higher: str, tmp_path: Path
) -> None:
    config, sources = layered(tmp_path, **{lower: "seeds = 2", higher: "split_seed = 3"})
    assert (config.seeds, config.split_seed) == (2, 3)
    named = LAYERS[higher].replace("SEEDS", "SPLIT_SEED")
    assert sources == {"seeds": LAYERS[lower], "split_seed": named}


@pytest.mark.parametrize(
    ("lower", "higher"), list(pairwise([name for name in LAYERS if name != "option"]))
)
def test_tables_of_neighbouring_layers_are_merged_key_by_key(
    lower: str, higher: str, tmp_path: Path
) -> None:
    above = "train.epochs = 3" if higher == "set" else "train = {epochs = 3}"
    config, sources = layered(
        tmp_path, **{lower: "train = {epochs = 2, batch_size = 6}", higher: above}
    )
    assert config.settings == {"train": {"epochs": 3, "batch_size": 6}}
    assert sources == {"settings": LAYERS[higher].replace("SEEDS", "TRAIN")}


def test_settings_by_name_are_merged_too_and_what_lies_deeper_is_one_value(tmp_path: Path) -> None:
    config, _ = layered(
        tmp_path,
        project="architecture = {mlp = {widths = [8]}, 'sklearn:svc' = {a = {b = 1}, c = 2}}",
        config="architecture = {'sklearn:svc' = {a = {d = 3}}}",
    )
    assert config.settings["architecture"] == {
        "mlp": {"widths": [8]},
        "sklearn:svc": {"a": {"d": 3}, "c": 2},
    }


def test_a_list_is_replaced_and_not_added_to(tmp_path: Path) -> None:
    config, _ = layered(
        tmp_path, project='datasets = ["iris", "wine"]', variable='datasets = ["digits"]'
    )
    assert config.datasets == ("digits",)


def test_constraints_are_merged_by_kind_and_weights_by_feature(tmp_path: Path) -> None:
    config, sources = layered(
        tmp_path,
        project="constraints = {immutable = ['a'], increasing = ['b'], weights = {c = 2, d = 3}}",
        config="constraints = {immutable = [], weights = {d = 4}}",
    )
    assert config.constraints == {"increasing": ["b"], "weights": {"c": 2.0, "d": 4.0}}
    assert sources == {"constraints": "file mine.toml"}


def test_the_nearest_folder_with_a_project_file_is_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "genlabel-robust.toml").write_text("seeds = 2\nsplit_seed = 2\n")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert resolve({}, inner, {})[0].seeds == 2
    # any pyproject.toml is the edge of a project
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert resolve({}, inner, {}) == (RunConfig(), {})
    (tmp_path / "a" / "genlabel-robust.toml").write_text("seeds = 3\n")
    config, sources = resolve({}, inner, {})
    assert (config.seeds, config.split_seed) == (3, 0)
    assert sources == {"seeds": "file genlabel-robust.toml"}


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("EPS", "0.05,0.1", "eps", (0.05, 0.1)),
        ("EPS", "0.1", "eps", (0.1,)),
        ("EPS", "[0.1, '0.2:0.3:2']", "eps", (0.1, 0.2, 0.3)),
        ("EPS", "0.1:0.2:2, 0.5", "eps", (0.1, 0.2, 0.5)),
        ("SEEDS", "3", "seeds", 3),
        ("SUITE", "quick", "suite", "quick"),
        ("SUITE", '"quick"', "suite", "quick"),
        ("DATASETS", "iris, wine", "datasets", ("iris", "wine")),
        ("DATASETS", "data.csv#label", "datasets", ("data.csv#label",)),
        ("DATASETS", '"a,b.csv#label"', "datasets", ("a,b.csv#label",)),
        ("ATTACKS", "", "attacks", ()),
        ("GROUP", "5", "group", "5"),
        ("OUT", "2026-01-01", "out", "2026-01-01"),
        ("TUNE", "true", "tune", True),
        ("TEST_SHARE", "0.25", "test_share", 0.25),
        ("TRAIN", "{epochs = 5}", "settings", {"train": {"epochs": 5}}),
        ("CONSTRAINTS", "{immutable = ['a']}", "constraints", {"immutable": ["a"]}),
    ],
)
def test_a_variable_is_read_as_toml_or_as_text(
    variable: str, text: str, name: str, value: Any, tmp_path: Path
) -> None:
    config, sources = resolve({}, tmp_path, {PREFIX + variable: text, "SEEDS": "9"})
    assert getattr(config, name) == value
    assert sources == {name: f"variable {PREFIX}{variable}"}


@pytest.mark.parametrize(
    ("layer", "line", "message"),
    [
        ("pyproject", "epss = 1", "pyproject.toml [tool.genlabel_robust]); did you mean"),
        ("project", "epss = 1", "genlabel-robust.toml); did you mean 'eps'"),
        ("config", "epss = 1", "mine.toml); did you mean 'eps'"),
        (
            "variable",
            "epss = 1",
            "'EPSS' for an environment variable GENLABEL_ROBUST_...; did",
        ),
        ("set", "epss = 1", "'epss' (--set); did you mean 'eps'"),
        ("project", "constraints.imutable = []", "genlabel-robust.toml: there is no constraint"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest_and_the_source(
    layer: str, line: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        layered(tmp_path, **{layer: line})


@pytest.mark.parametrize(
    ("layer", "line", "message"),
    [
        ("pyproject", "seeds = 'x'", "pyproject.toml [tool.genlabel_robust]: seeds is 'x'"),
        ("project", "seeds = 'x'", "genlabel-robust.toml: seeds is 'x'"),
        ("variable", "seeds = x", "GENLABEL_ROBUST_SEEDS: seeds is 'x'"),
        ("variable", "strategy = mixup", "GENLABEL_ROBUST_STRATEGY: 'strategy' must be a table"),
        ("variable", "attack = pgd", "it is 'pgd'; which ones are run is set by 'attacks'"),
        ("variable", "seeds = 1\nseed = 2", "GENLABEL_ROBUST_SEEDS: seeds is '1\\nseed = 2'"),
    ],
)
def test_a_value_of_another_type_is_an_error_with_its_source(
    layer: str, line: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        layered(tmp_path, **{layer: line})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[tool.genlabel-robust]\nseeds = 2\n", "must be named [tool.genlabel_robust]"),
        ("tool.genlabel_robust = 3\n", "tool.genlabel_robust must be a table"),
        ("seeds = = 2\n", "is not valid TOML"),
    ],
)
def test_a_table_that_would_be_overlooked_is_an_error(
    content: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        resolve({}, tmp_path, {})


def test_the_folder_of_openml_is_no_setting(tmp_path: Path) -> None:
    assert resolve({}, tmp_path, {openml.FOLDER_VARIABLE: "/data"}) == (RunConfig(), {})
    with pytest.raises(UnknownNameError, match="mean 'OPENML_DIR'"):
        resolve({}, tmp_path, {"GENLABEL_ROBUST_OPENML_DIRR": "/data"})


def test_every_other_variable_that_the_package_reads_is_left_alone() -> None:
    read = {
        found
        for path in PACKAGE.rglob("*.py")
        for found in re.findall(rf'"{PREFIX}(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert read == set(OTHER_VARIABLES)
    assert not read & {name.upper() for name in KNOWN}


def test_what_is_shown_is_every_setting_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "genlabel-robust.toml").write_text("[train]\nepochs = 5\n")
    given = {"eps": ("0.2",), "assignments": ("attack.pgd.steps=3",)}
    shown = sourced_values(given, tmp_path, {})
    assert {setting.name for setting in shown} == set(KNOWN)
    found = {s.name: (s.value, s.source) for s in shown if s.source != "default"}
    assert found == {
        "eps": ([0.2], "option"),
        "train": ({"epochs": 5}, "file genlabel-robust.toml"),
        "attack": ({"pgd": {"steps": 3}}, "option"),
    }
    assert {s.name: s.value for s in shown}["seeds"] == 5


@pytest.mark.parametrize("text", ["a", "a\nb = 1", "1\n[table]", "", "'"])
def test_what_is_not_one_value_of_toml_is_text(text: str) -> None:
    assert toml_or_text(text) == text

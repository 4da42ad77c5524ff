from __future__ import annotations

import shlex
from typing import Any

import click
import pytest

from genlabel_robust.cli.commands.audit import audit
from genlabel_robust.cli.commands.evaluate import evaluate
from genlabel_robust.reports.words.command import command, from_python
from genlabel_robust.runs.config import resolve as configuration
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.audit_files import AuditFiles

HOSTILE = 'it\'s "so" $HOME; `x` ü #=.csv#target'


def manifest_of(config: RunConfig) -> dict[str, Any]:
    values = config.as_dict().items()
    return {"config": {name: {"value": value, "source": "option"} for name, value in values}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"datasets": (HOSTILE, "iris"), "eps": (0.05, 1e-7), "seeds": 1, "test_share": 0.25},
        {"early_stop": True, "transfer": True, "tune": True, "max_seconds": 2.5},
        {"norm": "l2", "unit": "std", "attacks": ("pgd",), "drop": ("a b", "c'd"), "group": "g"},
        {"constraints": {"immutable": ["a.b", 'q"'], "weights": {"x.y": 0.5}}},
        {"constraints": {"one_hot": [["a", "b"], ["c", "d"]]}},
        {
            "settings": {
                "train": {"epochs": 5},
                "strategy": {"mixup": {"alpha": 0.2}},
                "architecture": {"mlp": {"widths": [8, 8]}},
                "attack": {"pgd": {"steps": 3}},
            }
        },
    ],
)
def test_the_command_gives_the_same_configuration(settings: dict[str, Any], tmp_path: Any) -> None:
    config = RunConfig(**settings)
    words = shlex.split(command(manifest_of(config)).replace("\\\n", " "))
    assert words[:4] == ["python", "-m", "genlabel_robust", "evaluate"]
    with evaluate.make_context("evaluate", words[4:]) as context:
        assert isinstance(context, click.Context)
        again, _ = configuration.resolve(context.params, tmp_path, {})
    assert again.identity == config.identity


def test_the_command_of_a_run_from_before_the_short_search_asks_for_the_full_one() -> None:
    older = manifest_of(RunConfig())
    del older["config"]["search"], older["config"]["proofs"]
    assert "--search full" in command(older)
    assert "--proofs full" in command(older)
    assert "--search" not in command(manifest_of(RunConfig()))
    assert "--proofs" not in command(manifest_of(RunConfig()))


@pytest.mark.parametrize(("model", "trusted"), [("m.onnx", False), ("m.pkl", True)])
def test_the_command_of_an_audit_names_all_that_its_files_are_read_with(
    model: str, trusted: bool
) -> None:
    files = AuditFiles(
        model,
        HOSTILE,
        "y y",
        reference="train.csv",
        classes=("a", "b c"),
        architecture="mlp",
        types=("mine.Type",),
        output="logit",
        random_model=True,
        column_order="data",
    )
    words = shlex.split(command(manifest_of(RunConfig()), files).replace("\\\n", " "))
    assert words[:4] == ["python", "-m", "genlabel_robust", "audit"]
    with audit.make_context("audit", words[4:]) as context:
        stated = {name: context.params[name] for name in files.as_dict() if name != "model"}
    assert AuditFiles(str(context.params["model"]), **stated) == files
    assert context.params["trust"] is trusted


def test_the_command_names_parts_of_every_kind_and_no_object_that_no_name_reaches() -> None:
    parts = [
        {"kind": "strategies", "name": "own", "object": "mine:Own"},
        {"kind": "architectures", "name": "wide", "object": "pkg.nets:make.wide"},
        {"kind": "formats", "name": ".mine", "object": "mine:read"},
        {"kind": "densities", "name": "d", "object": "an object of mine:D"},
        {"kind": "attacks", "name": "hit", "object": "__main__:Hit"},
        {"kind": "architectures", "name": "f", "object": "mine:outer.<locals>.f"},
    ]
    manifest = manifest_of(RunConfig()) | {"parts": parts}
    assert command(manifest).splitlines()[-3:] == [
        "    --part mine:Own \\",
        "    --part architectures.wide=pkg.nets:make.wide \\",
        "    --part formats..mine=mine:read",
    ]
    assert from_python(manifest) == ["d", "hit", "f"]

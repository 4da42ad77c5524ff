"""The tables of settings that ``--set`` and a configuration file may fill."""

from collections.abc import Mapping

from genlabel_robust.runs.config.setting import TRAININGS, Setting

TABLES: Mapping[str, Setting] = {
    "train": Setting(
        {}, "table", "How models are trained, such as train.epochs=50.", TRAININGS, "always"
    ),
    "strategy": Setting(
        {},
        "tables by name",
        "Settings of a strategy, such as strategy.mixup.alpha=0.2.",
        TRAININGS,
        "always",
        chosen_by="strategies",
    ),
    "architecture": Setting(
        {},
        "tables by name",
        "Settings of an architecture, such as architecture.mlp.widths=[64,64].",
        TRAININGS,
        "always",
        chosen_by="architectures",
    ),
    "attack": Setting(
        {},
        "tables by name",
        "Settings of an attack, such as attack.pgd.steps=100.",
        identity="always",
        chosen_by="attacks",
    ),
}

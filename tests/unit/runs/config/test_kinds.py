from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.evaluate import evaluate


def test_python_values_become_plain_ones() -> None:
    config = RunConfig(
        datasets="iris",
        strategies={"mixup": None}.keys(),
        architectures=np.array(["mlp"]),
        eps=np.array([0.1, 0.2]),
        seeds=np.int64(2),
        test_share=np.float32(0.5),
        out=Path("a"),
    )
    assert config.datasets == ("iris",)
    assert config.strategies == ("mixup",)
    assert config.architectures == ("mlp",)
    assert config.eps == (0.1, 0.2)
    assert (config.seeds, config.test_share, config.out) == (2, 0.5, "a")
    assert {type(v) for v in (*config.eps, config.seeds, config.test_share)} == {float, int}
    assert len(config.short_hash) == 10


@pytest.mark.parametrize("eps", ["0.1", np.float32(0.5), 1, ["0.1:0.3:3"]])
def test_budgets_may_be_written_as_on_the_command_line(eps) -> None:
    assert all(type(value) is float for value in RunConfig(eps=eps).eps)


@pytest.mark.parametrize(
    "settings",
    [
        {"eps": True},
        {"eps": None},
        {"seeds": 2.0},
        {"seeds": True},
        {"test_share": "0.3"},
        {"device": None},
        {"tune": 1},
        {"datasets": []},
        {"datasets": [3]},
        {"out": ""},
        {"settings": {"strategy": {"vanilla": 3}}},
        {"settings": {"train": 3}},
    ],
)
def test_other_values_are_refused_in_one_sentence(settings) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(settings))[:4] + "|strategy|train"):
        RunConfig(**settings)


def test_a_configuration_and_keywords_are_not_mixed() -> None:
    with pytest.raises(ConfigurationError, match="eps; give only one of them"):
        evaluate(RunConfig(), eps=0.3)

"""Rows and models for the inner test suites, which take no time to create."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import make_moons
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import nn

__all__ = [
    "FRAME",
    "LABELS_ONLY",
    "NAMED",
    "WEAKER",
    "X_TRAIN",
    "X",
    "Y",
    "cut",
    "forest",
    "hard",
    "named_pipeline",
    "net",
    "scaled",
    "svc",
]

LABELS_ONLY = Path(__file__).with_name("labels-1.toml")
WEAKER = Path(__file__).with_name("weaker-1.toml")


def moons() -> tuple[np.ndarray, np.ndarray]:
    """300 rows to train on, and others to attack."""
    return make_moons(600, noise=0.2, random_state=0)


_X, _Y = moons()
X_TRAIN, X, Y = _X[:300], _X[300:460], _Y[300:460]
_FRAME = pd.DataFrame(_X, columns=["height", "width"])
_NAMED = np.where(_Y == 1, "yes", "no")
FRAME, NAMED = _FRAME[300:460], _NAMED[300:460]


def trained(seed: int = 0, flipped: float = 0.0) -> nn.Sequential:
    """A small net, trained on labels of which a share is wrong."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(300) < flipped, 1 - _Y[:300], _Y[:300])
    generator = torch.Generator().manual_seed(seed)
    module = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 2))
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5, generator=generator)
    x, y = torch.tensor(X_TRAIN, dtype=torch.float32), torch.tensor(labels)
    optimiser = torch.optim.Adam(module.parameters(), 0.02)
    module.eval()
    for _ in range(150):
        optimiser.zero_grad()
        nn.functional.cross_entropy(module(x), y).backward()
        optimiser.step()
    return module.train()


net = cache(trained)


class _Around(nn.Module):
    def __init__(self, inner: nn.Module, factor: float = 1.0) -> None:
        super().__init__()
        self.inner, self.factor = inner, factor


class scaled(_Around):  # noqa: N801
    """Logits so large that a softmax has no gradient."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x) * self.factor


class hard(_Around):  # noqa: N801
    """Zeros and ones in the place of logits."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.one_hot(self.inner(x).argmax(dim=1), 2).to(x)


class cut(_Around):  # noqa: N801
    """The same logits, without a way back."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x).detach()


def forest() -> RandomForestClassifier:
    return RandomForestClassifier(10, random_state=0).fit(X_TRAIN, _NAMED[:300])


def named_pipeline() -> Pipeline:
    """Fitted on a frame: it warns of arrays."""
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(_FRAME[:300], _NAMED[:300])


def svc() -> SVC:
    """Labels only."""
    return SVC().fit(_FRAME[:300], _NAMED[:300])

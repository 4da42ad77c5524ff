"""A scikit-learn classifier that is trained under a strategy."""

from copy import deepcopy
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from genlabel_robust.core import FloatArray, UsageError
from genlabel_robust.data import fit_scaling
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.strategies.adversarial import AttackStep
from genlabel_robust.trainers.config import Search, TrainConfig
from genlabel_robust.trainers.torch_trainer import train


class GenLabelClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A torch net or logistic regression, trained under a data-augmentation strategy.

    ``strategy``, ``architecture``: registered names. ``gamma``, ``alpha``: settings
    of the strategy, None for its defaults; a setting that the strategy does not have is an
    error. ``epochs``, ``batch_size``, ``learning_rate``, ``weight_decay``,
    ``shuffle``, ``tune``, ``search``, ``folds``: as in ``TrainConfig``. ``attack_step``: the
    attack that ``adversarial`` trains against. ``random_state``: an integer, a
    ``RandomState``, or None for a new seed from the operating system; no global state is read.

    Features are scaled to [0, 1] by their range in training; a feature that is constant
    there becomes 0. After ``fit``: ``classes_`` (k,), ``n_features_in_``,
    ``module_`` (scaled float32 -> logits), ``chosen_`` (hyper-parameters).
    ``fit`` raises ``ValueError`` if training is not possible, for example if a class has
    fewer than two examples.
    """

    def __init__(
        self,
        strategy: str = "genlabel-gm",
        architecture: str = "mlp",
        *,
        gamma: float | None = None,
        alpha: float | None = None,
        epochs: int = 100,
        batch_size: int = 128,
        learning_rate: float | None = None,
        weight_decay: float = 1e-4,
        shuffle: bool = False,
        tune: bool = False,
        search: Search = "short",
        folds: int = 5,
        attack_step: AttackStep | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.strategy = strategy
        self.architecture = architecture
        self.gamma = gamma
        self.alpha = alpha
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.shuffle = shuffle
        self.tune = tune
        self.search = search
        self.folds = folds
        self.attack_step = attack_step
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803  scikit-learn's name
        """Train on ``X`` (n, d) and labels ``y`` (n,) of any kind."""
        x, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y holds only one class, {self.classes_[0]!r}; a classifier needs two"
            )
        self.scaling_ = fit_scaling("range", x, x)
        names = ("gamma", "alpha")
        settings = {n: getattr(self, n) for n in names if getattr(self, n) is not None}
        try:
            config = TrainConfig(
                epochs=self.epochs,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                shuffle=self.shuffle,
                tune=self.tune,
                search=self.search,
                folds=self.folds,
            )
            trained = train(
                self.scaling_.apply(x),
                labels.astype(np.int64),
                len(self.classes_),
                ARCHITECTURES.load(self.architecture),
                self.strategy,
                settings,
                config,
                self._seed(),
                self.attack_step,
            )
        except UsageError as error:
            raise ValueError(str(error)) from error
        self.module_ = trained.module
        self.chosen_ = trained.chosen
        return self

    def predict_proba(self, X: Any) -> FloatArray:  # noqa: N803
        """Return each class's probability: (n, d) -> (n, k), columns as ``classes_``."""
        check_is_fitted(self)
        x = self.scaling_.apply(validate_data(self, X, dtype=np.float64, reset=False))
        # in float64: float32 products of one row and of many differ in the last bits
        net = deepcopy(self.module_).double()
        with torch.no_grad():
            logits = net(torch.from_numpy(x).double())
        return np.asarray(torch.softmax(logits, dim=1).numpy())

    def predict(self, X: Any) -> np.ndarray[Any, Any]:  # noqa: N803
        """Return the likeliest class of each row: (n, d) -> (n,)."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def _seed(self) -> int:
        if self.random_state is None:
            return int(np.random.SeedSequence().generate_state(1)[0])
        if isinstance(self.random_state, np.random.RandomState):
            return int(self.random_state.randint(2**31))
        return int(self.random_state)

from __future__ import annotations

import numpy as np
import pytest
import torch
from art.attacks import EvasionAttack
from art.estimators.classification import (
    BlackBoxClassifier,
    BlackBoxClassifierNeuralNetwork,
    PyTorchClassifier,
    SklearnClassifier,
)
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.art.adapter import as_art_attack
from genlabel_robust.attacks.art.fgsm import FGSM
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.errors import ConfigurationError, NotApplicableError, UnknownNameError
from genlabel_robust.threat.threat_model import distance

#: Budgets small enough for tests.
FAST = {
    "pgd": {"steps": 10, "restarts": 2},
    "hopskipjump": {"iterations": 2},
    "boundary": {"steps": 200},
    "evolutionary": {"queries": 300},
}
CLIP = (0.0, 8.0)


def pytorch(target) -> PyTorchClassifier:
    return PyTorchClassifier(
        target.model.module,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=(target.n_features,),
        nb_classes=target.n_classes,
        clip_values=(0.0, 1.0),
        device_type="cpu",
    )


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    return x.astype(np.float32), y


@pytest.fixture(scope="module")
def forest(iris) -> RandomForestClassifier:
    return RandomForestClassifier(20, max_depth=4, random_state=0).fit(*iris)


@pytest.fixture(scope="module")
def pipeline(iris):
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(*iris)


def one_hot(model):
    return lambda x: np.eye(3, dtype=np.float32)[model.predict(x)]


@pytest.mark.nightly(but=[*ATTACKS][::2])
@pytest.mark.parametrize("name", list(ATTACKS))
def test_every_attack_keeps_its_promises_on_a_torch_model(name, make_target) -> None:
    target = make_target(n=12, d=4, widths=(8,))
    estimator, x = pytorch(target), target.raw.clip(0, 1).astype(np.float32)
    y = target.model.predict(x.astype(np.float64))
    cls = ATTACKS.load(name)
    eps = 0.3 if cls.kind == "fixed" else None
    attack = as_art_attack(name, estimator, norm=cls.norms[-1], eps=eps, **FAST.get(name, {}))
    assert isinstance(attack, EvasionAttack)
    adversarial = attack.generate(x, y)
    broken = attack.last.outcomes == Outcome.BROKEN
    assert broken.any()
    assert adversarial.dtype == np.float32
    assert (estimator.predict(adversarial[broken]).argmax(axis=1) != y[broken]).all()
    assert (adversarial[~broken] == x[~broken]).all()
    assert ((adversarial >= 0) & (adversarial <= 1)).all()
    far = target.space.length(adversarial.astype(np.float64) - x, cls.norms[-1])
    np.testing.assert_allclose(far[broken], attack.last.distances[broken], rtol=1e-4)
    if eps is not None:
        assert (far <= eps).all()
    assert (attack.last.queries > 0).all()


def test_distances_on_an_affine_torch_model_are_the_exact_ones(make_target) -> None:
    target = make_target(n=30, d=4)
    target.raw = target.raw.clip(0, 1).astype(np.float32).astype(np.float64)
    target.y = target.model.predict(target.raw)
    attack = as_art_attack("boundary-normal", pytorch(target), norm="l2", pool=target.pool)
    attack.generate(target.raw.astype(np.float32), target.y)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "l2")
    assert np.median(attack.last.distances / exact) < 1.001
    assert (attack.last.distances > exact * (1 - 1e-4)).all()


def test_a_torch_module_keeps_its_mode_and_its_gradients(make_target) -> None:
    target = make_target(n=4, widths=(8,))
    module = target.model.module.train()
    module[1].eval()
    for weight in module.parameters():
        weight.grad = torch.ones_like(weight)
    attack = as_art_attack("pgd", pytorch(target), eps=0.1, steps=2, restarts=1)
    module.train()
    module[1].eval()
    attack.generate(target.raw.astype(np.float32), target.y)
    assert module.training
    assert module[0].training
    assert not module[1].training
    assert all((weight.grad == 1).all() for weight in module.parameters())


@pytest.mark.parametrize(("name", "norm"), [("evolutionary", "l2"), ("hopskipjump", "linf")])
def test_a_random_forest_of_scikit_learn_is_attacked(name, norm, forest, iris) -> None:
    x, y = iris[0][::10], iris[1][::10]
    estimator = SklearnClassifier(forest, clip_values=CLIP)
    attack = as_art_attack(name, estimator, norm=norm, pool=iris[0], **FAST[name])
    adversarial = attack.generate(x, y)
    correct = forest.predict(x) == y
    assert (attack.last.outcomes[correct] == Outcome.BROKEN).all()
    assert (forest.predict(adversarial)[correct] != y[correct]).all()


@pytest.mark.parametrize("wrap", [BlackBoxClassifier, BlackBoxClassifierNeuralNetwork])
def test_a_pipeline_behind_a_black_box_is_attacked(wrap, pipeline, iris) -> None:
    x, y = iris[0][::10].astype(np.float64), iris[1][::10]
    estimator = wrap(one_hot(pipeline), (4,), 3, clip_values=CLIP)
    attack = as_art_attack("hopskipjump", estimator, norm="l2", pool=iris[0], iterations=2)
    adversarial = attack.generate(x, np.eye(3)[y])
    correct = pipeline.predict(x) == y
    assert adversarial.dtype == np.float64
    # ART hands the pipeline float32, whatever it is given
    assert (estimator.predict(adversarial).argmax(axis=1)[correct] != y[correct]).all()
    assert (adversarial[~correct] == x[~correct]).all()


def test_what_an_estimator_offers_is_what_it_says(pipeline, iris) -> None:
    x, y = iris
    labels = BlackBoxClassifier(one_hot(pipeline), (4,), 3, clip_values=CLIP)
    scores = BlackBoxClassifier(pipeline.predict_proba, (4,), 3, clip_values=CLIP)
    with pytest.raises(NotApplicableError, match="needs scores; the estimator gives decisions"):
        as_art_attack("square", labels, eps=1.0).generate(x, y)
    with pytest.raises(NotApplicableError, match="needs gradients; the estimator gives scores"):
        as_art_attack("fgsm", scores, eps=1.0).generate(x, y)
    square = as_art_attack("square", scores, eps=2.0)
    adversarial = square.generate(x[::10], y[::10])
    assert (square.last.outcomes == Outcome.BROKEN).any()
    assert (np.abs(adversarial - x[::10]).max(axis=1) <= 2.0).all()


def test_gradients_of_arts_logistic_regression_are_used(iris) -> None:
    x, y = iris
    model = LogisticRegression().fit(x, y)
    estimator = SklearnClassifier(model, clip_values=CLIP)
    attack = as_art_attack("fgsm", estimator, norm="linf", eps=2.0)
    adversarial = attack.generate(x, y)
    broken = attack.last.outcomes == Outcome.BROKEN
    assert broken.mean() > 0.5
    assert (model.predict(adversarial[broken]) != y[broken]).all()


def test_labels_may_be_indices_one_hot_or_left_out(make_target) -> None:
    target = make_target(n=20, d=4)
    x = target.raw.astype(np.float32)
    attack = as_art_attack("fgsm", pytorch(target), eps=0.2)
    forms = (target.y, target.y[:, None], np.eye(3)[target.y], None)
    first, *others = (attack.generate(x, y) for y in forms)
    assert (first != x).any()
    assert all((other == first).all() for other in others)


def test_misclassified_rows_come_back_as_they_are(make_target) -> None:
    target = make_target(n=20, d=4)
    x, y = target.raw.astype(np.float32), target.y.copy()
    y[:5] = (y[:5] + 1) % 3
    attack = as_art_attack("fgsm", pytorch(target), eps=0.5)
    assert (attack.generate(x, y)[:5] == x[:5]).all()
    assert (attack.last.outcomes[:5] == Outcome.MISCLASSIFIED).all()
    assert (attack.last.distances[:5] == 0).all()
    wrong = (target.y + 1) % 3
    assert (attack.generate(x, wrong) == x).all()


def test_images_keep_their_shape(make_target) -> None:
    target = make_target(n=6, d=8, widths=(8,))
    module = torch.nn.Sequential(torch.nn.Flatten(), target.model.module)
    estimator = PyTorchClassifier(
        module,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=(2, 2, 2),
        nb_classes=3,
        clip_values=(np.zeros((2, 2, 2)), np.ones((2, 2, 2))),
        device_type="cpu",
    )
    x = target.raw.clip(0, 1).astype(np.float32).reshape(6, 2, 2, 2)
    adversarial = as_art_attack("pgd", estimator, eps=0.4, steps=5, restarts=1).generate(x)
    assert adversarial.shape == x.shape
    assert (adversarial != x).any()
    assert np.abs(adversarial - x).max() <= np.float32(0.4)


def test_an_input_outside_the_clip_values_has_a_box_of_its_own(make_target) -> None:
    target = make_target(n=30, d=4)
    target.raw[:, 0] = 1.5
    x = target.raw.astype(np.float32)
    adversarial = as_art_attack("fgsm", pytorch(target), eps=0.3).generate(x)
    assert (adversarial[:, 0] != x[:, 0]).any()
    assert (adversarial[:, 0] <= x[:, 0]).all()
    assert (adversarial >= np.minimum(x, 0)).all()


def test_rounding_does_not_leave_the_ball(make_target) -> None:
    """Around 1e4 a float32 is 1e-3 apart: half of that is lost on either side."""
    target = make_target(n=20, d=3)

    def predict(x: np.ndarray) -> np.ndarray:
        return target.model.scores(np.asarray(x, dtype=np.float64) - 1e4)

    estimator = BlackBoxClassifier(predict, (3,), 3, clip_values=(9_990.0, 10_010.0))
    x = (target.raw + 1e4).astype(np.float32)
    for norm in ("linf", "l2"):
        attack = as_art_attack("square", estimator, norm=norm, eps=0.3)
        far = distance(attack.generate(x).astype(np.float64) - x, norm)
        assert (attack.last.outcomes == Outcome.BROKEN).any()
        assert (far <= 0.3).all()


def test_a_built_attack_is_taken_as_it_is(make_target) -> None:
    target = make_target(n=10, d=4)
    x, estimator = target.raw.astype(np.float32), pytorch(target)
    by_name, built = (as_art_attack(a, estimator, eps=0.2) for a in ("fgsm", FGSM()))
    assert (by_name.generate(x) == built.generate(x)).all()
    built.set_params(eps=0.1)
    assert np.abs(built.generate(x) - x).max() <= 0.1


def test_what_cannot_be_done_is_said(make_target) -> None:
    estimator = pytorch(make_target(n=3))
    for settings, error, words in (
        ({"attack": "pdg", "eps": 0.1}, UnknownNameError, "pgd"),
        ({"attack": "pgd", "eps": 0.1, "stepz": 3}, UnknownNameError, "steps"),
        ({"attack": FGSM(), "eps": 0.1, "steps": 3}, ConfigurationError, "steps"),
        ({"attack": "pgd"}, ConfigurationError, "eps is None"),
        ({"attack": "pgd", "eps": -1}, ConfigurationError, "above 0"),
        ({"attack": "boundary", "norm": "linf"}, NotApplicableError, "it allows l2"),
    ):
        with pytest.raises(error, match=words):
            as_art_attack(estimator=estimator, **settings)
    with pytest.raises(ConfigurationError, match="floats"):
        as_art_attack("fgsm", estimator, eps=0.1).generate(np.zeros((2, 5), dtype=np.int64))
    boundless = BlackBoxClassifier(lambda x: x, (2,), 2)
    with pytest.raises(ConfigurationError, match="clip_values"):
        as_art_attack("hopskipjump", boundless)
    narrow = BlackBoxClassifier(lambda x: x[:, :2], (3,), 3, clip_values=(0, 1))
    with pytest.raises(ValueError, match="shape"):
        as_art_attack("hopskipjump", narrow).generate(np.zeros((2, 3), dtype=np.float32))

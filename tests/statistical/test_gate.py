"""The gate errs no more often than it says, and passes as often as it promises.

Checkpoints: all outcomes of the trinomial are enumerated, so that these tests have no
false alarms. A drop cannot exceed the discordance, and in no setting here does it: at
δ = ψ = 2 points every discordant pair is lost.

Recipes: by simulation. Rows have their own difficulty, the same for all seeds of both
sides, as heavy as the discordance of two trainings asks for (deviations of 5 to 34
logits); seeds have their own luck, of the size that gives a model's accuracy the seed
noise; both sides and the rows are drawn anew each time, at an accuracy of 80 %. A drop
is one of three: all rows a little harder, some rows always lost, or a tenth of the rows
drawn anew and all a little harder. The seeds are fixed, so that a test that passes goes
on passing; each test says how often it would not, with other seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest
from scipy.special import expit, gammaln, ndtri

from genlabel_robust.statistics import checkpoint_power, compare_recipes, recipe_power
from genlabel_robust.statistics.noninferiority import ERROR
from genlabel_robust.statistics.recipe_parts import Parts, recipe_parts
from genlabel_robust.statistics.tango import tango

Z95 = 1.6448536269514722
ACCURACY = 0.8
RUNS, CALM_RUNS = 1500, 2500


@cache
def outcomes(n: int, discordance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return gained and lost counts and their Tango bounds (outcomes, 2), all but 1e-9 of them."""
    spread = 7.0 * np.sqrt(n * discordance * (1.0 - discordance)) + 7.0
    least, most = max(0.0, n * discordance - spread), n * discordance + spread
    pairs = [(b, m - b) for m in range(int(least), int(most)) for b in range(m + 1)]
    gained, lost = np.array(pairs).T
    bounds = np.array([tango(b, c, n, Z95) for b, c in pairs])
    return gained, lost, bounds


def checkpoint_rates(n: int, discordance: float, max_drop: float, drop: float) -> list[float]:
    """Return how often a checkpoint passes and fails: the sum over all outcomes."""
    gained, lost, bounds = outcomes(n, discordance)
    shares = (discordance - drop) / 2, (discordance + drop) / 2
    logs = gammaln(n + 1) - gammaln(gained + 1) - gammaln(lost + 1)
    rest = n - gained - lost
    logs = logs - gammaln(rest + 1) + rest * np.log1p(-discordance) + lost * np.log(shares[1])
    # a share of 0 leaves only outcomes without a gain
    logs = logs + (gained * np.log(shares[0]) if shares[0] else np.where(gained > 0, -np.inf, 0))
    chances = np.exp(logs)
    assert chances.sum() == pytest.approx(1.0, abs=1e-9)
    return [
        float(chances[bounds[:, 0] > -max_drop].sum()),
        float(chances[bounds[:, 1] < -max_drop].sum()),
    ]


@pytest.mark.nightly(
    but=[
        f"{n}-{d}-{drop}"
        for n, d in ((200, 0.02), (200, 0.1), (1000, 0.02))
        for drop in (0.01, 0.02)
    ]
)
@pytest.mark.parametrize("max_drop", [0.01, 0.02])
@pytest.mark.parametrize("discordance", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("n", [200, 1000])
def test_a_checkpoint_that_lost_the_allowed_drop_rarely_passes(
    n: int, discordance: float, max_drop: float
) -> None:
    """No false alarms: exact. Failures, which whole numbers make likelier, are bounded too."""
    passes, fails = checkpoint_rates(n, discordance, max_drop, max_drop)
    assert passes <= 0.06
    assert fails <= 0.073


@pytest.mark.parametrize(
    ("n", "discordance", "max_drop"),
    [
        # the smallest n that can pass at all, where only an outcome without a loss does
        (133, 0.02, 0.02),
        (268, 0.01, 0.01),
        # where the most pass, and where the most fail
        (52, 0.05, 0.05),
        (63, 0.075, 0.05),
        (1024, 0.01, 0.01),
        (1063, 0.01, 0.01),
    ],
)
def test_a_checkpoint_passes_and_fails_at_most_as_often_as_documented(
    n: int, discordance: float, max_drop: float
) -> None:
    """Exact, at a drop of exactly δ: the extremes of a search over n, discordance and δ."""
    passes, fails = checkpoint_rates(n, discordance, max_drop, max_drop)
    assert passes <= (0.06 if n >= 1000 else 0.07)
    assert fails <= (0.075 if n >= 1000 else 0.1)
    # the extremes are more than nominal, so stating 5 % would be wrong
    assert max(passes, fails) > 0.055


@pytest.mark.nightly(
    but=[f"{n}-{d}-0.01" for n, d in ((200, 0.02), (200, 0.1), (1000, 0.02), (1000, 0.05))]
)
@pytest.mark.parametrize("max_drop", [0.01, 0.02])
@pytest.mark.parametrize("discordance", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("n", [200, 1000])
def test_an_unchanged_checkpoint_passes_as_promised_and_hardly_ever_fails(
    n: int, discordance: float, max_drop: float
) -> None:
    """No false alarms: exact, and therefore far within the 3 points that are allowed."""
    passes, fails = checkpoint_rates(n, discordance, max_drop, 0.0)
    assert (passes, fails) == pytest.approx(checkpoint_power(n, discordance, max_drop), abs=1e-8)
    assert fails < 0.02


#: Every normal deviate in equal shares, for rows and for seeds.
ROWS = ndtri((np.arange(300) + 0.5) / 300)[:, None]
SEEDS = ndtri((np.arange(30) + 0.5) / 30)


def middle(low: float, high: float, too_low: Callable[[float], bool]) -> float:
    for _ in range(25):
        value = (low + high) / 2
        low, high = (value, high) if too_low(value) else (low, value)
    return (low + high) / 2


@cache
def intercept(accuracy: float, rows: float, luck: float) -> float:
    """Return the logit of a row of average difficulty at which the accuracy is as given."""
    logits = rows * ROWS + luck * SEEDS
    limit = 10.0 + 3.0 * (rows + luck)
    return middle(-limit, limit, lambda a: bool(expit(a + logits).mean() < accuracy))


@cache
def deviations(discordance: float, seed_noise: float) -> tuple[float, float]:
    """Return the deviations of rows and of seeds, in logits, with such effects."""
    rows, luck = 10.0, 2.0 * seed_noise / discordance

    def answers(rows: float) -> np.ndarray:
        found: np.ndarray = expit(intercept(ACCURACY, rows, luck) + rows * ROWS + luck * SEEDS)
        return found

    def discordant(rows: float) -> float:
        p = answers(rows).mean(axis=1)
        return float(2.0 * (p * (1.0 - p)).mean())

    for _ in range(4):
        rows = middle(0.1, 100.0, lambda r: discordant(r) > discordance)
        luck *= seed_noise / float(answers(rows).mean(axis=0).std())
    return rows, luck


def draws(
    setting: tuple[int, int, float, float], drop: float, kind: str, runs: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield candidates and baselines (seeds, n) of ``setting``: n, seeds, noise, discordance."""
    n, n_seeds, seed_noise, discordance = setting
    rows, luck = deviations(discordance, seed_noise)
    rng = np.random.default_rng([n, n_seeds, round(1e4 * seed_noise), round(1e4 * discordance)])
    harder = ACCURACY - (0.0 if kind == "rows lost" else drop)
    ease = [np.float32(intercept(accuracy, rows, luck)) for accuracy in (harder, ACCURACY)]
    for _ in range(runs):
        difficulty = np.float32(rows) * rng.standard_normal((2, n), dtype=np.float32)
        if kind != "rows redrawn":
            difficulty[0] = difficulty[1]
        else:
            difficulty[0] = np.where(rng.random(n) < 0.1, difficulty[0], difficulty[1])
        lucks = np.float32(luck) * rng.standard_normal((2, n_seeds, 1), dtype=np.float32)
        uniform = rng.random((2, n_seeds, n), dtype=np.float32)
        candidate, baseline = (
            uniform[side] < expit(ease[side] + difficulty[side] + lucks[side]) for side in (0, 1)
        )
        if kind == "rows lost":
            candidate &= rng.random(n) >= drop / ACCURACY
        yield candidate, baseline


def decided(parts: Parts, max_drop: float) -> str:
    if not parts.rejects(-max_drop, ERROR):
        return "inconclusive"
    return "pass" if parts.value > -max_drop else "fail"


def recipe_rates(
    setting: tuple[int, int, float, float],
    drop: float,
    kind: str,
    runs: int,
    max_drops: tuple[float, ...],
) -> dict[float, tuple[float, float]]:
    """Return how often recipes pass and fail; every hundredth by the public function itself."""
    found: dict[float, list[str]] = {max_drop: [] for max_drop in max_drops}
    for run, (candidate, baseline) in enumerate(draws(setting, drop, kind, runs)):
        parts = recipe_parts(candidate.astype(np.float64), baseline.astype(np.float64))
        for max_drop in max_drops:
            found[max_drop].append(decided(parts, max_drop))
            if run % 100 == 0:
                public = compare_recipes(candidate, baseline, max_drop)
                assert public.decision == found[max_drop][-1]
    return {d: (v.count("pass") / runs, v.count("fail") / runs) for d, v in found.items()}


@pytest.mark.parametrize("setting", [(1000, 5, 0.005, 0.1), (1000, 5, 0.01, 0.02)])
def test_the_draws_have_the_accuracy_the_discordance_and_the_seed_noise_they_should(
    setting: tuple[int, int, float, float],
) -> None:
    """False alarms: below 1e-5; the tolerances are five standard errors or more."""
    n, _, seed_noise, discordance = setting
    pairs = list(draws(setting, 0.0, "all harder", 600))
    means = np.array([both[side].mean(axis=1) for both in pairs for side in (0, 1)])
    differ = np.mean([(candidate != baseline).mean() for candidate, baseline in pairs])
    noise = np.sqrt(means.var(axis=1, ddof=1).mean() - discordance / 2 / n)
    assert means.mean() == pytest.approx(ACCURACY, abs=0.003)
    assert differ == pytest.approx(discordance, rel=0.05)
    assert noise == pytest.approx(seed_noise, rel=0.12)


SETTINGS = [
    (n, n_seeds, seed_noise, discordance)
    for n in (200, 1000)
    for n_seeds in (5, 10)
    for seed_noise in (0.005, 0.01)
    for discordance in (0.02, 0.05, 0.1)
]
KINDS = ("all harder", "rows lost", "rows redrawn")
#: Every setting with both drops, each time with one of the kinds of drop in turn.
DROPS = [
    (setting, max_drop, KINDS[(index // 3 + index + step) % 3])
    for index, setting in enumerate(SETTINGS)
    for step, max_drop in enumerate((0.01, 0.02))
]


@pytest.mark.nightly(
    but=[f"setting{i}-{DROPS[i][1]}-{DROPS[i][2]}" for i in range(0, len(DROPS), 13)]
)
@pytest.mark.parametrize(("setting", "max_drop", "kind"), DROPS)
def test_a_recipe_that_lost_the_allowed_drop_rarely_passes(
    setting: tuple[int, int, float, float], max_drop: float, kind: str
) -> None:
    """False alarms: 1e-4 where 4 % pass, more than in most settings; 10 % at 5.3 %, the most."""
    passes, _ = recipe_rates(setting, max_drop, kind, RUNS, (max_drop,))[max_drop]
    assert passes <= 0.06


@pytest.mark.nightly(but=[f"setting{i}" for i in range(0, len(SETTINGS), 9)])
@pytest.mark.parametrize("setting", SETTINGS)
def test_an_unchanged_recipe_passes_as_promised_and_hardly_ever_fails(
    setting: tuple[int, int, float, float],
) -> None:
    """False alarms: 1e-3 at most where the promise is exact, 3 % where it is 2 points too high.

    It is so where few answers differ (n = 200, discordance 2 %, δ = 1 point). That 2 %
    fail, where 0.5 % are the most in any setting: below 1e-9.
    """
    n, n_seeds, seed_noise, discordance = setting
    rates = recipe_rates(setting, 0.0, "all harder", CALM_RUNS, (0.01, 0.02))
    for max_drop, (passes, fails) in rates.items():
        promised = recipe_power(n, n_seeds, seed_noise, discordance, max_drop)[0]
        assert passes >= promised - 0.03
        assert fails < 0.02


def test_taking_answers_for_the_unit_of_a_recipe_would_be_caught() -> None:
    """False alarms: below 1e-8, as 27 % of such recipes pass then."""
    wrong = 0
    for candidate, baseline in draws((1000, 5, 0.01, 0.05), 0.02, "all harder", 500):
        gained = int((candidate & ~baseline).sum())
        lost = int((~candidate & baseline).sum())
        wrong += tango(gained, lost, candidate.size, Z95)[0] > -0.02
    assert wrong / 500 > 0.15


def test_believing_the_variance_of_a_handful_of_lost_rows_would_be_caught() -> None:
    """False alarms: 3e-5, as 9 % of such recipes pass a t interval with a floor."""
    n, max_drop = 200, 0.02
    wrong = 0
    for candidate, baseline in draws((n, 10, 0.01, 0.02), max_drop, "rows lost", RUNS):
        parts = recipe_parts(candidate.astype(np.float64), baseline.astype(np.float64))
        half = np.sqrt(Z95**2 * parts.row / n + parts.scaled_seeds(ERROR))
        wrong += parts.value - max(half, Z95**2 / (n + Z95**2)) > -max_drop
    assert wrong / RUNS > 0.06

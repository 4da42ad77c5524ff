"""Whether one recipe, trained again, is worse than another by more than an allowed drop.

Model: a[s, i] = mean + row[i] + seed[s] + rest[s, i] for the candidate and likewise b for
the baseline, with the same rows i and different seeds. With d[i] the difference of the two
means over seeds at row i, Δ̂ the mean of d, and each side's (var(seed), var(rest)),

    E var[i](d)  = var(row_a - row_b) + var(rest_a)/S1 + var(rest_b)/S2,
    var(Δ̂)       = E var[i](d)/n + var(seed_a)/S1 + var(seed_b)/S2.

The first term already includes the rest, so the seeds contribute only the excess over it:
(MS_seeds - MS_rest)/(nS), floored at 0, of ``twolevel``. Δ is rejected if

    (Δ̂ - Δ)² > z² R(Δ) + t² (seeds' variance),

with t at Welch's degrees of freedom of the two sides. R is the larger of var(d)/n and of
Tango's variance under Δ, for pairs with a share of discordant ones of var(d) + Δ̂². Recipes whose
seeds all agree have the bounds of a checkpoint, or slightly wider ones.

Both halves of R are needed. A drop of δ may be a few rows that are always lost. By chance
the test set has none of them. Then var(d) is only noise, and a t interval passes 10 % of the
time, even with the floor z²/(n + z²) of ``differences`` (1,000 runs; n = 200, δ = 2 points,
discordance 2 %, seed noise 1 point, 10 seeds on each side). With the larger of var(d) and
δ(1 - δ) it still passes 7 % elsewhere. Tango's variance alone bounds the passes, but at a drop of
δ up to 8 % fail (1,500 runs), because it is too small beyond Δ̂. The larger of the two was
simulated with rows of individual difficulty, n of 200 and 1,000 (4,000 and 2,000 runs),
discordance 2, 5 and 10 %, 5 and 10 seeds, seed noise 0.5 and 1 point, δ of 1 and 2 points, at a
drop of δ:

    drop                                        passes, mean, most      fails, most
    all rows slightly harder                        1.9 %   4.6 %           5.2 %
    some rows always lost                           3.3 %   4.5 %           5.2 %
    a tenth of the rows drawn again, and harder     3.9 %   5.3 %           5.3 %

Without a change at most 0.5 % fail. Where seeds matter more than rows (n = 1,000, seed
noise 2 or 3 points) 4.6 % pass, at an accuracy of 95 instead of 80 % 5.6 %, and with 5
seeds of 3 points against 10 of 1 point 5.9 % (4,000 runs each). A separate t for each side
(S - 1 degrees of freedom) passes 1 point less often at a drop, but up to 6 points less often
without one (29.2 instead of 35.6 %). One pooled variance of seeds would pass more, but requires
that both sides are equally noisy.

Source: Welch, Biometrika 34 (1947) 28; Tango, Statistics in Medicine 17 (1998) 891;
Searle, Casella & McCulloch, Variance Components (1992), ch. 4.
"""

from genlabel_robust.core import BoolArray, ConfigurationError
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.noninferiority import ERROR, LEVEL, Comparison, check_max_drop
from genlabel_robust.statistics.panel import check_level, panel
from genlabel_robust.statistics.recipe_parts import Parts, recipe_parts

METHOD = "two-level score (seeds by Welch's t, rows by Tango)"

#: The fewest seeds: with fewer, the variance over seeds is too uncertain.
LEAST_SEEDS = 5
#: The largest ``needed`` that is reported: more seeds than anyone will train.
MOST_SEEDS = 1000


def check_seeds(n_seeds: int, what: str) -> None:
    """Raise ``ConfigurationError`` if there are too few seeds; ``what``: the side's name."""
    if n_seeds < LEAST_SEEDS:
        raise ConfigurationError(
            f"{what} has {n_seeds} training seeds; comparing recipes needs at least {LEAST_SEEDS} "
            f"on each side: train {LEAST_SEEDS - n_seeds} more, or compare two checkpoints"
        )


def compare_recipes(candidate: BoolArray, baseline: BoolArray, max_drop: float) -> Comparison:
    """Compare two recipes by models trained again; ``candidate`` (S1, n), ``baseline`` (S2, n).

    Both sides have the same n test rows. The seeds are not paired, and their numbers may differ.
    The verdict applies to new seeds and new rows. Raises ``ConfigurationError`` for
    fewer than 5 seeds on a side, rows that differ in number, or a drop outside (0, 1);
    ``UnfinishedRunError`` if nothing was evaluated.
    """
    check_max_drop(max_drop)
    parts = _parts(candidate, baseline)
    p_not_worse = parts.p_value(-max_drop)
    return Comparison(
        difference=_estimate(parts, LEVEL),
        max_drop=float(max_drop),
        p_not_worse=p_not_worse,
        p_worse=1.0 - p_not_worse,
        gained=None,
        lost=None,
        evidence=None,
        needed=_seeds(parts, max_drop),
    )


def recipe_difference(a: BoolArray, b: BoolArray, level: float = 0.95) -> Estimate:
    """Estimate the rate of ``a`` (S1, n) minus that of ``b`` (S2, n), as ``compare_recipes`` does.

    At level 0.9 the ends are its one-sided bounds of 95 %. Raises the same errors.
    """
    check_level(level)
    return _estimate(_parts(a, b), level)


def _estimate(parts: Parts, level: float) -> Estimate:
    low, high = parts.bounds((1.0 - level) / 2.0)
    return bounded(parts.value, low, high, least=-1.0, level=level, method=METHOD, n=parts.n)


def _parts(candidate: BoolArray, baseline: BoolArray) -> Parts:
    first, second = panel(candidate, "candidate"), panel(baseline, "baseline")
    if first.shape[1] != second.shape[1]:
        raise ConfigurationError(
            f"candidate has the shape {first.shape} and baseline {second.shape}; recipes are "
            "compared on the same test rows: evaluate both on all of them"
        )
    check_seeds(len(first), "candidate")
    check_seeds(len(second), "baseline")
    return recipe_parts(first, second)


def _seeds(parts: Parts, max_drop: float) -> int | None:
    """Return the fewest seeds on each side that would decide; None if decided or out of reach."""
    few = min(parts.candidate.n_seeds, parts.baseline.n_seeds)
    many = MOST_SEEDS
    if few >= many or parts.rejects(-max_drop, ERROR):
        return None
    if not parts.with_seeds(many).rejects(-max_drop, ERROR):
        return None
    while many - few > 1:
        middle = (few + many) // 2
        if parts.with_seeds(middle).rejects(-max_drop, ERROR):
            many = middle
        else:
            few = middle
    return many

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wilcoxon

from genlabel_robust.paper.tables.claims import TEST, claim, claim_lines

# strategy -> its percents on four data sets
PLANTED = {
    "vanilla": (70, 70, 70, 70),
    "mixup": (60, 70, 65, 88),
    "genlabel-gm": (66, 69, 74, 90),
    "genlabel-kde": (61, 72, 60, 88),
}


#: Five trials whose differences from one strategy to the other have the deviation 1 and mean 0.
WAVE = np.array([1, -1, 1, -1, 0])


def rows(planted, published=None, noise=0.1, trials=5):
    """Return cells; ``noise``: the standard deviation of a gain between trials, in points."""
    shared = np.linspace(-3, 3, 5)
    return [
        {
            "dataset": f"set{i}",
            "strategy": strategy,
            "measured": percent / 100,
            "trials": list(
                (percent + shared + noise * WAVE * strategy.startswith("genlabel"))[:trials] / 100
            ),
            "published": None if published is None else published[strategy][i] / 100,
        }
        for strategy, percents in planted.items()
        for i, percent in enumerate(percents)
    ]


def gains(found, source="measured"):
    return {gain["strategy"]: gain for gain in found["gains"] if gain["source"] == source}


def test_a_claim_holds_where_the_largest_gain_of_any_strategy_reaches_it():
    found = claim("up to 8", 0.08, rows(PLANTED))
    assert found["holds"] is True
    assert gains(found)["genlabel-gm"]["largest"] == pytest.approx(0.09)
    assert gains(found)["genlabel-gm"]["standard_error"] == pytest.approx(0.001 / 5**0.5)
    assert gains(found)["genlabel-gm"]["dataset"] == "set2"
    assert gains(found)["genlabel-gm"]["mean"] == pytest.approx(0.16 / 4)
    assert gains(found)["genlabel-kde"]["largest"] == pytest.approx(0.02)
    assert set(gains(found)) == {"genlabel-gm", "genlabel-kde"}


def test_a_claim_does_not_hold_where_no_gain_reaches_it():
    found = claim("up to 10", 0.1, rows(PLANTED))
    assert found["holds"] is False
    text = "\n".join(claim_lines(found))
    assert (
        "up to 10: does not hold.** The largest gain is +9.00 points (genlabel-gm, set2; standard "
        "error 0.04)"
    ) in text


@pytest.mark.parametrize(
    ("least", "noise", "verdict"),
    [
        (0.08, 0.1, True),
        # one point above; the error is 2 / 5**0.5 = 0.9 points
        (0.08, 2.0, None),
        # one of eight gains: Student's quantile at 1 - 0.05/8 and 4 degrees is 4.3 errors
        (0.08, 0.5, True),
        (0.08, 0.55, None),
        # one point below, and 2.13 errors decide
        (0.10, 1.0, False),
        (0.10, 1.1, None),
    ],
)
def test_a_claim_is_decided_where_the_gains_noise_leaves_no_doubt(least, noise, verdict):
    assert claim("x", least, rows(PLANTED, noise=noise))["holds"] is verdict


def test_a_claim_that_noise_leaves_open_is_said_to_be_so():
    text = "\n".join(claim_lines(claim("up to 8", 0.08, rows(PLANTED, noise=5.0))))
    assert "**up to 8: not decided.** The largest gain is +9.00 points" in text
    assert "Whether a gain of 8 points is there lies within the noise of the trials." in text


def test_one_trial_claims_nothing():
    found = claim("up to 8", 0.08, rows(PLANTED, trials=1))
    assert found["holds"] is None
    assert all(gain["standard_error"] is None for gain in found["gains"])
    text = "\n".join(claim_lines(found))
    assert "not decided.** The largest gain is +9.00 points (genlabel-gm, set2; no standard" in text
    assert "With one trial there is no noise to hold it against, so nothing is claimed." in text


def test_published_numbers_have_no_trials_and_so_no_error():
    found = claim("up to 8", 0.08, rows(PLANTED, PLANTED))
    assert gains(found, "published")["genlabel-gm"]["standard_error"] is None
    (line,) = [one for one in claim_lines(found) if one.startswith("| genlabel-gm | published ")]
    assert line.startswith("| genlabel-gm | published | +9.00 | n/a | set2 | +4.00 | 4 | ")


def test_gains_in_exact_numbers_have_the_noise_of_exact_trials():
    cells = [
        row | {"exact": row["measured"], "exact_trials": row["trials"]} for row in rows(PLANTED)
    ]
    attacked = rows(PLANTED, noise=8.0)
    cells = [one | {"trials": other["trials"]} for one, other in zip(cells, attacked, strict=True)]
    found = claim("up to 8", 0.08, cells, ("exact", "measured"))
    assert found["holds"] is True
    assert gains(found, "exact")["genlabel-gm"]["standard_error"] == pytest.approx(0.001 / 5**0.5)
    assert gains(found)["genlabel-gm"]["standard_error"] == pytest.approx(0.08 / 5**0.5)


def test_a_gain_of_just_as_much_is_enough_in_spite_of_rounding():
    assert 0.96 - 0.88 < 0.08
    planted = {"mixup": (88,), "genlabel-gm": (96,)}
    assert claim("up to 8", 0.08, rows(planted, noise=0.0))["holds"] is True


def test_the_first_source_decides_and_the_others_are_told():
    worse = PLANTED | {"genlabel-gm": (60, 60, 60, 60), "genlabel-kde": (50, 50, 50, 50)}
    found = claim("up to 8", 0.08, rows(worse, PLANTED))
    assert found["holds"] is False
    assert gains(found, "published")["genlabel-gm"]["largest"] == pytest.approx(0.09)
    found = claim("up to 8", 0.08, rows(worse, PLANTED), ("published", "measured"))
    assert found["decided_by"] == "published"
    # of published numbers no noise is known
    assert found["holds"] is None


def test_the_p_value_is_scipys_over_the_data_sets():
    found = claim("up to 8", 0.08, rows(PLANTED))
    differences = [0.06, -0.01, 0.09, 0.02]
    expected = wilcoxon(differences, zero_method="pratt").pvalue
    assert gains(found)["genlabel-gm"]["p_value"] == pytest.approx(expected)
    assert gains(found)["genlabel-gm"]["n_datasets"] == 4
    assert found["test"] == TEST


def test_a_difference_that_is_rounding_alone_is_none_and_equal_ones_are_ties():
    """Means of the same counts: 0.1 + 0.2 and 0.3; 0.6 - 0.5 and 0.5 - 0.4."""
    means = {"mixup": (0.3, 0.5, 0.4, 0.2), "genlabel-gm": (0.1 + 0.2, 0.6, 0.5, 0.1)}
    cells = [
        {"dataset": name, "strategy": strategy, "measured": mean}
        for strategy, several in means.items()
        for name, mean in zip("abcd", several, strict=True)
    ]
    expected = wilcoxon([0.0, 0.1, 0.1, -0.1], zero_method="pratt").pvalue
    (found,) = claim("x", 0.01, cells, ("measured",))["gains"]
    assert found["p_value"] == pytest.approx(expected)


def test_without_two_data_sets_or_any_difference_there_is_no_evidence():
    one = claim("x", 0.01, rows({"mixup": (80,), "genlabel-gm": (90,)}))
    none = claim("x", 0.01, rows({"mixup": (80, 70), "genlabel-gm": (80, 70)}))
    assert gains(one)["genlabel-gm"]["p_value"] is None
    assert "p = n/a." in "\n".join(claim_lines(one))
    assert gains(none)["genlabel-gm"]["p_value"] == 1.0
    assert none["holds"] is False


def test_a_cell_without_a_number_or_without_mixup_is_left_out():
    cells = rows(PLANTED)
    (missing,) = [r for r in cells if (r["strategy"], r["dataset"]) == ("genlabel-gm", "set2")]
    missing["measured"] = None
    cells = [r for r in cells if (r["strategy"], r["dataset"]) != ("mixup", "set0")]
    found = gains(claim("x", 0.01, cells))["genlabel-gm"]
    assert found["n_datasets"] == 2
    assert found["largest"] == pytest.approx(0.02)


def test_what_was_not_measured_neither_holds_nor_fails():
    found = claim("up to 8", 0.08, rows({"vanilla": (70,), "genlabel-gm": (90,)}))
    assert found["holds"] is None
    assert list(claim_lines(found)) == ["**up to 8**: not measured."]


def test_the_text_has_a_line_for_every_gain():
    found = claim("up to 8", 0.08, rows(PLANTED, PLANTED))
    lines = [line for line in claim_lines(found) if line.startswith("| genlabel")]
    assert len(lines) == 4
    assert lines[0].startswith("| genlabel-gm | measured | +9.00 | 0.04 | set2 | +4.00 | 4 | ")

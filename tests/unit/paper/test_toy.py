from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from genlabel_robust.data.sources.synthetic import TOY_COPIES
from genlabel_robust.densities.density import posterior
from genlabel_robust.densities.gaussian import GaussianDensity
from genlabel_robust.densities.kde import KernelDensity
from genlabel_robust.paper.toy import gaussian_label, kernel_label, markdown, run


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    return run(folder), folder


def by_strategy(results):
    return {row["strategy"]: row for row in results["rows"]}


@pytest.mark.parametrize(
    ("density", "closed_form"),
    [(GaussianDensity(), gaussian_label), (KernelDensity(), kernel_label)],
    ids=["gaussian", "kde"],
)
def test_the_closed_form_is_the_label_of_the_three_points_themselves(density, closed_form):
    x = np.repeat([0.0, -1.0, 1.0], TOY_COPIES)[:, None]
    y = np.repeat([0, 1, 1], TOY_COPIES)
    label = posterior(density.fit(x, y, 2).log_density([[0.0]]))[0]
    np.testing.assert_allclose(closed_form(0.0), label, rtol=1e-9)


def test_mixup_contradicts_the_data_and_genlabel_does_not(results):
    rows = by_strategy(results[0])
    assert rows["mixup"]["label"] == [0.0, 1.0]
    assert {name for name, row in rows.items() if row["conflict"]} == {"mixup"}


def test_with_noise_the_labels_are_near_those_of_the_population(results):
    rows = by_strategy(results[0])
    for name in ("genlabel-gm", "genlabel-kde"):
        np.testing.assert_allclose(rows[name]["label"], rows[name]["closed_form"], atol=0.01)


def test_a_ninth_of_the_mixed_points_intrudes(results):
    # outer with outer: 2/9 of the pairs; nearest to the middle: half of all λ; 50 draws of λ
    rate = by_strategy(results[0])["mixup"]["diagnostics"]["intrusion_rate"]
    assert rate == pytest.approx(1 / 9, abs=4 * 2 / 9 * 0.5 / np.sqrt(50))


def test_the_figure_is_small_and_the_same_every_time(results, tmp_path):
    run(tmp_path)
    for kind in ("svg", "png"):
        first, second = (folder / f"figures/toy.{kind}" for folder in (results[1], tmp_path))
        assert first.read_bytes() == second.read_bytes()
        assert first.stat().st_size < 50_000
    text = (tmp_path / "figures/toy.svg").read_text()
    ElementTree.fromstring(text)  # noqa: S314  our own file
    assert "Three points on a line" in text


def test_the_report_says_what_was_measured(results):
    text = markdown(results[0])
    for row in results[0]["rows"]:
        assert f"| {row['strategy']} | {row['label'][0]:.3f} | {row['label'][1]:.3f} |" in text
    assert "(figures/toy.svg)" in text

"""The pytest plugin: a fixture that compares a model with its stored baseline.

``robustness.check(model, x, y)`` fails the test if the model is less robust than the baseline by
more than allowed. Nothing heavy is imported until it is called.
"""

import pytest

from genlabel_robust.pytest_plugin.check import FOLDER, Robustness, RobustnessWarning
from genlabel_robust.pytest_plugin.marker import MARKER

__all__ = ["Robustness", "RobustnessWarning", "robustness"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's command-line options."""
    group = parser.getgroup("robustness", "robustness against stored baselines")
    group.addoption(
        "--robustness-baseline",
        metavar="FOLDER",
        default=None,
        help=f"Folder of the baselines, one .zip per check. [default: {FOLDER} in the rootdir]",
    )
    group.addoption(
        "--robustness-update",
        action="store_true",
        help="Make the baselines of the tests that run, or update them, instead of comparing.",
    )
    group.addoption(
        "--robustness-moved-from",
        metavar="TEST",
        default=None,
        help="Take over the baselines of a test that was moved or renamed to the one that runs: "
        "its old id, or its old file if that moved with all its tests.",
    )
    group.addoption(
        "--robustness-inconclusive",
        choices=("fail", "warn", "pass"),
        default="fail",
        help="What a test does whose rows are too few to decide. [default: fail]",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and resolve the folder of the baselines."""
    config.addinivalue_line("markers", MARKER)
    option = config.option.robustness_baseline
    folder = config.rootpath / FOLDER if option is None else config.invocation_params.dir / option
    # absolute, as the workers of pytest-xdist get the options in this form
    config.option.robustness_baseline = str(folder)


@pytest.fixture
def robustness(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Robustness:
    """Compare a model with its stored baseline: ``robustness.check(model, x, y)``."""
    return Robustness(request.node, tmp_path_factory)

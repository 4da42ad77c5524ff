"""Every user error gives one message and exit code 2, and writes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.left_behind import left_by

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished

#: Options that a case may win over: the last of two counts.
BASE = (
    "evaluate",
    "--seeds",
    "1",
    "--suite",
    "quick",
    "--set",
    "train.epochs=1",
    "--jobs",
    "1",
)

DATA = ("--dataset", "iris")
STRATEGY = ("--strategy", "vanilla")
ARCH = ("--arch", "logistic")

ROWS = "".join(f"{i},{i * i % 7},{'ab'[i % 2]}\n" for i in range(20))
FILES: dict[str, str | bytes] = {
    "good.csv": "u,v,y\n" + ROWS,
    "empty.csv": "",
    "header.csv": "u,v,y\n",
    "one-class.csv": "u,y\n" + "".join(f"{i},a\n" for i in range(9)),
    "lonely.csv": "u,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(9)) + "9,c\n",
    "inf.csv": "u,v,y\n1,inf,a\n" + ROWS,
    "no-label.csv": "u,v,y\n1,2,\n" + ROWS,
    "twice.csv": "u,u,y\n" + ROWS,
    "ragged.csv": "u,v,y\n1,2,a,5\n" + ROWS,
    "latin.csv": "u,v,y\n1,2,caf\xe9\n".encode("latin-1") + ROWS.encode(),
    "binary.csv": b"PK\x03\x04\0\0\0\0\x14\0",
    "ids-only.csv": "id,y\nr1,a\nr2,b\nr3,a\nr4,b\n",
    "fractions.csv": "u,y\n" + "".join(f"{i},{i / 4}\n" for i in range(12)),
    "fake.parquet": "not parquet at all",
    "unseen.csv": "u,v,y\n1,2,zebra\n3,4,a\n",
    "missing-column.csv": "u,y\n1,a\n2,b\n",
    "unknown-key.toml": 'strategis = ["mixup"]\n',
    "malformed.toml": "eps = = 3\n",
    "latin.toml": 'out = "caf\xe9"\n'.encode("latin-1"),
    "typed-seeds.toml": 'seeds = "three"\n',
    "typed-bool.toml": "seeds = true\n",
    "typed-norm.toml": "norm = 2\n",
    "typed-eps.toml": "eps = [0.1, true]\n",
    "zero-eps.toml": "eps = [0.1, 0]\n",
    "typed-datasets.toml": "datasets = [1]\n",
    "typed-tune.toml": 'tune = "yes"\n',
    "flat-strategy.toml": "[strategy]\nmixup = 5\n",
    "train-value.toml": "train = 5\n",
    "unknown-train.toml": "[train]\nepoch = 5\n",
    "unknown-attack.toml": "[attack.pdg]\nsteps = 5\n",
    "no-column.toml": '[constraints]\nimmutable = ["petal widht (cm)"]\n',
    "no-constraint.toml": '[constraints]\nimutable = ["petal width (cm)"]\n',
    "free-weight.toml": "[constraints.weights]\n'petal width (cm)' = 0\n",
    "flat-constraints.toml": 'constraints = "age"\n',
    "nosuch-attack-1.toml": 'name = "nosuch-attack"\nversion = 1\nnorms = ["linf"]\n'
    '[[attack]]\nname = "fgms"\n',
    "nosuch-setting-1.toml": 'name = "nosuch-setting"\nversion = 1\nnorms = ["linf"]\n'
    '[[attack]]\nname = "pgd"\nstep = 5\n',
    "no-attack-1.toml": 'name = "no-attack"\nversion = 1\nnorms = ["linf"]\n',
    "other-name-1.toml": 'name = "another"\nversion = 1\nnorms = ["linf"]\n',
}

#: (what is wrong, the options that say so, what the message must tell)
CASES: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    # names, each with the nearest known one
    ("an unknown dataset", ("--dataset", "irsi"), ("dataset 'irsi'", "did you mean 'iris'")),
    ("no name of a dataset", ("--dataset", ""), ("there is no dataset ''",)),
    ("an unknown strategy", ("--strategy", "mixpu"), ("strategy 'mixpu'", "mean 'mixup'")),
    ("an unknown architecture", ("--arch", "mpl"), ("architecture 'mpl'", "mean 'mlp'")),
    ("an unknown estimator", ("--arch", "sklearn:random-forst"), ("mean 'random-forest'",)),
    ("no name of an estimator", ("--arch", "sklearn:"), ("scikit-learn classifier ''",)),
    ("an estimator around others", ("--arch", "sklearn:voting"), ("around other estimators",)),
    ("an unknown suite", ("--suite", "standrad"), ("suite 'standrad'", "'standard'")),
    ("an unknown version of a suite", ("--suite", "quick-99"), ("suite 'quick-99'", "'quick-1'")),
    ("an unknown attack", ("--attack", "pdg"), ("attack 'pdg'", "did you mean 'pgd'")),
    ("an unknown norm", ("--norm", "l7"), ("'l7' is not one of", "linf")),
    ("an unknown unit", ("--unit", "percent"), ("'percent' is not one of", "global-range")),
    ("an unknown split", ("--split", "stratifed"), ("mean 'stratified'",)),
    ("an unknown scaling", ("--scaling", "rnge"), ("mean 'range'",)),
    ("an unknown format", ("--format", "yaml"), ("'yaml' is not one of",)),
    ("an unknown option", ("--epsilon", "0.1"), ("No such option", "--epsilon")),
    ("an argument too many", ("iris",), ("unexpected extra argument",)),
    ("an unknown device", ("--device", "gpu9"), ("device 'gpu9' cannot be used",)),
    ("a device that holds no numbers", ("--device", "meta"), ("device 'meta' cannot be used",)),
    ("no name of a device", ("--device", ""), ("device '' cannot be used",)),
    # budgets
    ("a budget of 0", ("--eps", "0"), ("eps is '0'", "above 0")),
    ("a budget below 0", ("--eps", "-1"), ("eps is '-1'",)),
    ("a budget that is no number", ("--eps", "abc"), ("eps is 'abc'",)),
    ("a budget of NaN", ("--eps", "nan"), ("eps is 'nan'",)),
    ("an infinite budget", ("--eps", "inf"), ("eps is 'inf'",)),
    ("a budget that float32 has not", ("--eps", "1e39"), ("at most 1e+30",)),
    ("a range without its count", ("--eps", "0.1:0.2"), ("FROM:TO:COUNT",)),
    ("a range of one", ("--eps", "0.1:0.2:1"), ("COUNT from 2",)),
    ("a range from 0", ("--eps", "0:0.2:3"), ("above 0",)),
    ("a range with too many parts", ("--eps", "1:2:3:4"), ("FROM:TO:COUNT",)),
    ("a range that fills the memory", ("--eps", "0.1:0.2:1000000000000"), ("to 1000",)),
    ("one bad budget of two", ("--eps", "0.1", "--eps", "-0.1"), ("eps is '-0.1'",)),
    # numbers
    ("no seeds", ("--seeds", "0"), ("seeds is 0", "at least 1")),
    ("half a seed", ("--seeds", "1.5"), ("'1.5' is not a valid int",)),
    ("a seed below 0", ("--seed", "-1"), ("seed is -1",)),
    ("a split seed below 0", ("--split-seed", "-1"), ("split_seed is -1",)),
    ("no jobs", ("--jobs", "0"), ("jobs is 0",)),
    ("no examples", ("--max-examples", "0"), ("max_examples is 0",)),
    ("a test share of 0", ("--test-share", "0"), ("test share is 0.0",)),
    ("a test share of 1", ("--test-share", "1"), ("test share is 1.0",)),
    ("a test share of NaN", ("--test-share", "nan"), ("test share is nan",)),
    ("a test share without a row of each class", ("--test-share", "0.001"), ("every class",)),
    ("no seconds", ("--max-seconds", "0"), ("max_seconds is 0.0", "above 0")),
    ("seconds below 0", ("--max-seconds", "-1"), ("max_seconds is -1.0",)),
    ("seconds without end", ("--max-seconds", "inf"), ("max_seconds is inf",)),
    ("words for seconds", ("--max-seconds", "soon"), ("'soon' is not a valid float",)),
    # settings that do not go together
    ("the paper's suite under linf", ("--suite", "paper", "--norm", "linf"), ("norm 'linf'", "l2")),
    ("boundary under linf", ("--attack", "boundary"), ("attack 'boundary'", "it allows l2")),
    ("the paper's split with another share", ("--split", "paper", "--test-share", "0.5"), ("0.3",)),
    ("a target that is dropped", ("--drop", "target"), ("'target'", "dropped as well")),
    ("an unknown column to drop", ("--drop", "petal"), ("column 'petal' to drop",)),
    ("an unknown group column", ("--group", "petal"), ("group column 'petal'",)),
    # constraints
    (
        "a constraint on no feature",
        ("--config", "{no-column.toml}"),
        ("data set 'iris'", "'petal widht (cm)' to constrain; did you mean 'petal width (cm)'"),
    ),
    (
        "no such constraint",
        ("--config", "{no-constraint.toml}"),
        ("no-constraint.toml", "'imutable'", "did you mean 'immutable'"),
    ),
    ("a weight of 0", ("--config", "{free-weight.toml}"), ("free-weight.toml", "is 0; it must be")),
    ("constraints that are none", ("--config", "{flat-constraints.toml}"), ("it must be a table",)),
    ("a constraint of no kind", ("--set", "constraints=1"), ("constraints.KIND=[NAMES]",)),
    (
        "constraints at odds",
        ("--set", "constraints.immutable=['a']", "--set", "constraints.increasing=['a']"),
        ("'a' cannot be constrained by both immutable and increasing",),
    ),
    # --set
    ("no value to set", ("--set", "train.epochs"), ("must be KEY=VALUE",)),
    ("no key to set", ("--set", "=5"), ("must be KEY=VALUE",)),
    ("an unknown key", ("--set", "epsilon=0.1"), ("setting 'epsilon' (--set)",)),
    ("a table without a setting", ("--set", "train=5"), ("train.SETTING=VALUE",)),
    ("a table without a name", ("--set", "attack.steps=5"), ("attack.NAME.SETTING=VALUE",)),
    ("a key too deep", ("--set", "train.a.b=5"), ("train.SETTING=VALUE",)),
    ("an unknown training setting", ("--set", "train.epoch=5"), ("mean 'epochs'",)),
    ("words for epochs", ("--set", "train.epochs=many"), ("epochs is 'many'",)),
    ("quoted words for epochs", ("--set", 'train.epochs="many"'), ("epochs is 'many'",)),
    ("a truth for epochs", ("--set", "train.epochs=true"), ("epochs is True",)),
    ("half an epoch", ("--set", "train.epochs=0.5"), ("epochs is 0.5",)),
    ("no learning rates", ("--set", "train.learning_rates=[]"), ("at least one value",)),
    ("a text as learning rates", ("--set", 'train.learning_rates=["a"]'), ("wrong type",)),
    ("a learning rate of 0", ("--set", "train.learning_rate=0"), ("learning_rate 0",)),
    ("a list as learning rate", ("--set", "train.learning_rate=[1]"), ("wrong type",)),
    ("one γ for a list", ("--set", "train.gammas=0.5"), ("wrong type",)),
    ("a γ above 1", ("--set", "train.gammas=[2.0]"), ("gammas holds 2.0",)),
    ("a text as weight decay", ("--set", "train.weight_decay=x"), ("wrong type",)),
    ("one fold", ("--set", "train.folds=1"), ("folds is 1",)),
    ("no seeds by --set", ("--set", "seeds=0"), ("seeds is 0",)),
    ("no datasets by --set", ("--set", "datasets=[]"), ("datasets is empty",)),
    ("no budgets by --set", ("--set", "eps=[]"), ("eps is empty",)),
    ("a NaN budget by --set", ("--set", "eps=[nan]"), ("eps is nan",)),
    ("an unknown setting of an attack", ("--set", "attack.pgd.step=3"), ("mean 'steps'", "quick")),
    ("a setting of an attack that has none", ("--set", "attack.fgsm.x=3"), ("known: none",)),
    ("no steps", ("--set", "attack.pgd.steps=0"), ("steps is 0",)),
    ("words for steps", ("--set", "attack.pgd.steps=few"), ("steps is 'few'",)),
    ("a NaN step ratio", ("--set", "attack.pgd.step_ratio=nan"), ("step_ratio is nan",)),
    ("an attack that is not run", ("--set", "attack.boundary.sample=3"), ("'boundary'", "fgsm")),
    ("a strategy that is not run", ("--set", "strategy.mixup.alpha=1"), ("'mixup'", "vanilla")),
    ("an architecture that is not run", ("--set", "architecture.mlp.widths=[3]"), ("'mlp'",)),
    (
        "an unknown setting of a strategy",
        ("--strategy", "mixup", "--set", "strategy.mixup.alpa=3"),
        ("did you mean 'alpha'",),
    ),
    ("a text as α", ("--strategy", "mixup", "--set", "strategy.mixup.alpha=x"), ("alpha", "'x'")),
    ("an α of 0", ("--strategy", "mixup", "--set", "strategy.mixup.alpha=0"), ("alpha is 0",)),
    (
        "an unknown setting of an architecture",
        ("--arch", "mlp", "--set", "architecture.mlp.width=[3]"),
        ("mean 'widths'",),
    ),
    (
        "a width that is no list",
        ("--arch", "mlp", "--set", "architecture.mlp.widths=7"),
        ("widths is 7", "list"),
    ),
    ("a width of 0", ("--arch", "mlp", "--set", "architecture.mlp.widths=[0]"), ("width 0",)),
    (
        "a text as width",
        ("--arch", "mlp", "--set", 'architecture.mlp.widths=["a"]'),
        ("width 'a'",),
    ),
    (
        "widths of a model without hidden layers",
        ("--set", "architecture.logistic.widths=[3]"),
        ("no hidden layers",),
    ),
    (
        "an unknown setting of an estimator",
        (
            "--arch",
            "sklearn:random-forest",
            "--set",
            "architecture.sklearn:random-forest.n_estimator=3",
        ),
        ("mean 'n_estimators'",),
    ),
    # files
    ("a missing file", ("--dataset", "{absent.csv}#y"), ("there is no file", "absent.csv")),
    ("an empty file", ("--dataset", "{empty.csv}#y"), ("is empty",)),
    ("a file of one header", ("--dataset", "{header.csv}#y"), ("no rows",)),
    ("no target named", ("--dataset", "{good.csv}"), ("after a '#'",)),
    ("an empty target", ("--dataset", "{good.csv}#"), ("after a '#'",)),
    ("no such target column", ("--dataset", "{good.csv}#yy"), ("target column 'yy'", "mean 'y'")),
    ("a target that is a measure", ("--dataset", "{fractions.csv}#y"), ("classification",)),
    ("one class only", ("--dataset", "{one-class.csv}#y"), ("only one class",)),
    ("a class with one example", ("--dataset", "{lonely.csv}#y"), ("fewer than 2", "'c'")),
    ("an infinite value", ("--dataset", "{inf.csv}#y"), ("infinite values in 'v' (1 row)",)),
    ("a missing label", ("--dataset", "{no-label.csv}#y"), ("no label in 1 row",)),
    ("duplicated columns", ("--dataset", "{twice.csv}#y"), ("more than one column", "'u'")),
    ("a row with too many fields", ("--dataset", "{ragged.csv}#y"), ("not well-formed CSV",)),
    ("a file that is not UTF-8", ("--dataset", "{latin.csv}#y"), ("UTF-8",)),
    ("a binary file", ("--dataset", "{binary.csv}#y"), ("not text",)),
    ("a file that is no Parquet", ("--dataset", "{fake.parquet}#y"), ("Parquet",)),
    ("a directory as a file", ("--dataset", "{folder.csv}#y"), ("is a directory",)),
    ("identifiers only", ("--dataset", "{ids-only.csv}#y"), ("no feature column", "'id'")),
    ("a file of another kind", ("--dataset", "{good.xlsx}#y"), ("path.csv#TARGET",)),
    (
        "two files of one name",
        ("--dataset", "{good.csv}#y", "--dataset", "{more/good.csv}#y"),
        ("named 'good.csv#y'",),
    ),
    (
        "a missing test file",
        ("--dataset", "{good.csv}#y", "--test", "{absent.csv}"),
        ("there is no file",),
    ),
    (
        "a test label that was not trained",
        ("--dataset", "{good.csv}#y", "--test", "{unseen.csv}"),
        ("'zebra'",),
    ),
    (
        "a test file without a column",
        ("--dataset", "{good.csv}#y", "--test", "{missing-column.csv}"),
        ("lacks 'v'",),
    ),
    ("no number after openml:", ("--dataset", "openml:iris"), ("whole number",)),
    # configuration files
    ("a missing configuration", ("--config", "{absent.toml}"), ("No such file",)),
    ("a directory as configuration", ("--config", "{folder.csv}"), ("Is a directory",)),
    ("malformed TOML", ("--config", "{malformed.toml}"), ("not valid TOML",)),
    ("TOML that is not UTF-8", ("--config", "{latin.toml}"), ("not valid TOML",)),
    ("an unknown key in TOML", ("--config", "{unknown-key.toml}"), ("'strategis'", "'strategies'")),
    ("words for seeds in TOML", ("--config", "{typed-seeds.toml}"), ("seeds is 'three'",)),
    ("a truth for seeds in TOML", ("--config", "{typed-bool.toml}"), ("seeds is True",)),
    ("a number for the norm in TOML", ("--config", "{typed-norm.toml}"), ("norm is 2",)),
    ("a truth among budgets in TOML", ("--config", "{typed-eps.toml}"), ("list of numbers",)),
    ("a zero budget in TOML", ("--config", "{zero-eps.toml}"), ("eps is 0",)),
    ("numbers for datasets in TOML", ("--config", "{typed-datasets.toml}"), ("list of names",)),
    ("a text for a truth in TOML", ("--config", "{typed-tune.toml}"), ("true or false",)),
    ("a flat table in TOML", ("--config", "{flat-strategy.toml}"), ("[strategy.NAME]",)),
    ("a value for a table in TOML", ("--config", "{train-value.toml}"), ("[train]",)),
    ("an unknown training key in TOML", ("--config", "{unknown-train.toml}"), ("mean 'epochs'",)),
    ("an unknown attack in TOML", ("--config", "{unknown-attack.toml}"), ("mean 'pgd'",)),
    # suite files
    ("a missing suite file", ("--suite", "{absent-1.toml}"), ("No such file",)),
    ("a malformed suite file", ("--suite", "{malformed.toml}"), ("not valid TOML",)),
    ("an unknown attack in a suite", ("--suite", "{nosuch-attack-1.toml}"), ("mean 'fgsm'",)),
    ("an unknown setting in a suite", ("--suite", "{nosuch-setting-1.toml}"), ("mean 'steps'",)),
    ("a suite without attacks", ("--suite", "{no-attack-1.toml}"), ("at least one [[attack]]",)),
    ("a suite of another name", ("--suite", "{other-name-1.toml}"), ("file's name",)),
    # output
    ("an empty name of the folder", ("--out", ""), ("out is empty",)),
    ("a folder below a file", ("--out", "{good.csv}/run"), ("cannot write to", "--out")),
    ("a file as the folder", ("--out", "{good.csv}"), ("cannot write to", "--out")),
    ("a folder of the kernel's", ("--out", "/proc/genlabel-robust"), ("cannot write to",)),
]


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the cases name, most of them invalid."""
    folder = tmp_path_factory.mktemp("files")
    for name, content in FILES.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "folder.csv").mkdir()
    (folder / "more").mkdir()
    (folder / "more/good.csv").write_bytes((folder / "good.csv").read_bytes())
    return folder


def in_folder(files: Path, arguments: tuple[str, ...]) -> list[str]:
    return [a.replace("{", f"{files}/").replace("}", "") for a in arguments]


def assert_one_message(done: Call, expected: tuple[str, ...]) -> None:
    assert done.code == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    if lines[0].startswith("Usage:"):
        lines = [line for line in lines if line.startswith("Error: ")]
        assert len(lines) == 1, done.stderr
    else:
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("error: ")
    for fragment in expected:
        assert fragment in lines[0], lines[0]


@pytest.mark.parametrize(
    ("options", "expected"),
    [pytest.param(options, expected, id=about) for about, options, expected in CASES],
)
def test_a_mistake_gives_one_message_and_writes_nothing(
    options: tuple[str, ...],
    expected: tuple[str, ...],
    call: Callable[..., Call],
    files: Path,
    snapshot: Callable[[Path], dict[str, bytes | None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = snapshot(files)
    defaults = [
        part
        for pair in (DATA, STRATEGY, ARCH, ("--out", "run"))
        if pair[0] not in options
        for part in pair
    ]
    done = call(*BASE, *defaults, *in_folder(files, options))
    assert_one_message(done, expected)
    assert list(tmp_path.iterdir()) == []
    assert snapshot(files) == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("--eps", "0.2"), "eps"),
        (("--seeds", "3"), "seeds"),
        (("--dataset", "wine"), "datasets, the data or the suite"),
        (("--strategy", "mixup-exclude-mi"), "strategies"),
        (("--set", "train.epochs=6"), "settings"),
        (("--set", "attack.pgd.steps=3"), "the data or the suite, settings"),
        (("--scaling", "standard"), "the data or the suite, scaling"),
        (("--norm", "l2"), "the data or the suite, norm"),
        (("--eps", "0"), None),
        (("--dataset", "absent.csv#y"), None),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_a_folder_of_another_configuration_is_left_as_it_is(
    change: tuple[str, ...],
    named: str | None,
    call: Callable[..., Call],
    small: tuple[str, ...],
    finished: Finished,
    snapshot: Callable[[Path], dict[str, bytes | None]],
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished.path, run)
    (run / f"{left_by()}another-process").write_text("half")
    before = snapshot(run)
    done = call(*small, *change, "--out", run)
    expected = (f"it differs in {named})", "--out") if named else ()
    assert_one_message(done, expected)
    assert snapshot(run) == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"notes.txt": "mine"}, "is not empty and contains no run"),
        ({"cells/notes.txt": "mine"}, "is not empty and contains no run"),
        ({"manifest.json": "{"}, "is not valid JSON"),
        ({"manifest.json": "[]"}, "cannot be read as a run's manifest"),
        ({"manifest.json": '{"identity": 3}'}, "cannot be read as a run's manifest"),
    ],
)
def test_a_folder_with_anything_else_in_it_is_left_as_it_is(
    content: dict[str, str],
    expected: str,
    call: Callable[..., Call],
    small: tuple[str, ...],
    snapshot: Callable[[Path], dict[str, bytes | None]],
    tmp_path: Path,
) -> None:
    for name, text in content.items():
        path = tmp_path / "run" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    before = snapshot(tmp_path)
    assert_one_message(call(*small, "--out", tmp_path / "run"), (expected,))
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--set", "train.learning_rate=1e38"), ("diverged", "learning rate", "1e+38")),
        (
            (
                "--arch",
                "sklearn:random-forest",
                "--set",
                "architecture.sklearn:random-forest.n_estimators=0",
            ),
            ("sklearn:random-forest refuses", "'n_estimators'"),
        ),
        (
            (
                "--arch",
                "sklearn:k-neighbors",
                "--set",
                "architecture.sklearn:k-neighbors.n_neighbors=1000",
            ),
            ("sklearn:k-neighbors refuses", "n_neighbors = 1000"),
        ),
    ],
    ids=["a learning rate too large", "no trees", "more neighbours than rows"],
)
def test_a_setting_that_only_training_can_refuse_is_one_message_and_no_result(
    options: tuple[str, ...],
    expected: tuple[str, ...],
    call: Callable[..., Call],
    tmp_path: Path,
) -> None:
    arch = () if "--arch" in options else ARCH
    done = call(*BASE, *DATA, *STRATEGY, *arch, *options, "--out", tmp_path / "run")
    assert_one_message(done, expected)
    assert not (tmp_path / "run/results.json").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("lst",), "No such command 'lst'"),
        (("list",), "Missing argument"),
        (("list", "dataset"), "'dataset' is not one of"),
        (("--nosuch",), "No such option"),
        (("schema", "extra"), "unexpected extra argument"),
    ],
)
def test_a_wrong_command_is_one_message(
    arguments: tuple[str, ...], expected: str, call: Callable[..., Call]
) -> None:
    assert_one_message(call(*arguments), (expected,))

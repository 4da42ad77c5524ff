"""The split into training and test rows, from a seed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from genlabel_robust.core import (
    ConfigurationError,
    DataError,
    IntArray,
    TooFewExamplesError,
    generator,
    integer_seed,
    plural,
    unknown_name,
)
from genlabel_robust.data.table import Table

SplitKind: TypeAlias = Literal["stratified", "paper"]
SPLIT_KINDS: tuple[str, ...] = get_args(SplitKind)

PAPER_SHARE = 0.3
PAPER_SEED = 2021
#: How many splits by group are tried; the one nearest to stratified is used.
GROUP_DRAWS = 64


@dataclass(frozen=True)
class SplitConfig:
    """How a table is split; raises ``ConfigurationError`` for conflicting settings.

    ``test_share``: the share of the rows that is tested, in (0, 1). ``kind``: "stratified", or
    "paper" (not stratified, the paper's fixed share and seed). ``seed``: for the split, the row
    order, the sample and a synthetic data set. ``group``: a column whose equal values stay on one
    side of the split. ``test_file``: a file with the test part; the whole table is then used for
    training. ``max_examples``: the most test rows. ``drop``: columns to leave out; ``category``:
    columns of text; ``keep``: columns that are features although they look like identifiers.
    ``by``: columns that group test rows.
    """

    test_share: float = PAPER_SHARE
    kind: SplitKind = "stratified"
    seed: int = 0
    group: str | None = None
    test_file: str | None = None
    max_examples: int | None = None
    drop: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in SPLIT_KINDS:
            raise unknown_name("kind of split", str(self.kind), SPLIT_KINDS)
        if not 0.0 < self.test_share < 1.0:
            raise ConfigurationError(
                f"the test share is {self.test_share}; it must lie between 0 and 1, such as 0.3"
            )
        if self.seed < 0:
            raise ConfigurationError(f"the split seed is {self.seed}; it must be 0 or more")
        if self.max_examples is not None and self.max_examples < 1:
            raise ConfigurationError(
                f"max_examples is {self.max_examples}; it must be 1 or more, or left out"
            )
        if self.test_file is not None and self.group is not None:
            raise ConfigurationError(
                f"the group column {self.group!r} and the test file {self.test_file!r} both decide "
                "what is tested; give only one of them (--drop leaves a column out)"
            )
        if self.test_file is not None and self.test_share != PAPER_SHARE:
            raise ConfigurationError(
                f"the test share {self.test_share} and the test file {self.test_file!r} both "
                "decide what is tested; give only one of them"
            )
        if self.kind == "paper":
            self._check_paper()

    def _check_paper(self) -> None:
        if self.group is not None or self.test_file is not None:
            raise ConfigurationError(
                "the split 'paper' is one fixed split of one table; use the split 'stratified' "
                "with a group column or a test file"
            )
        if self.test_share != PAPER_SHARE:
            raise ConfigurationError(
                f"the split 'paper' has the test share {PAPER_SHARE}, not {self.test_share}; use "
                "the split 'stratified' for another share"
            )


def split_rows(table: Table, config: SplitConfig) -> tuple[IntArray, IntArray]:
    """Return the training rows, shuffled, and the test rows, ascending.

    Training rows come in a seeded random order: a table sorted by class would give batches of one
    class. Under "paper" they keep the order of its split. Raises ``DataError`` if the table cannot
    be split this way.
    """
    if config.kind == "paper":
        train, test = _paper(table)
    elif table.groups is not None:
        train, test = _by_group(table, table.groups, config)
    else:
        train, test = _stratified(table, config)
    if config.kind != "paper":
        train = shuffled(train, config.seed)
    return train, np.sort(test)


def shuffled(rows: IntArray, seed: int) -> IntArray:
    """Return ``rows`` in the random order of ``seed``, independent of their input order."""
    return np.asarray(generator(seed, "data", "order").permutation(np.sort(rows)))


def check_training_classes(y_train: IntArray, classes: tuple[str, ...], *, name: str) -> None:
    """Raise an error if a class has fewer than two training rows.

    ``y_train``: (n,) codes into ``classes``. Raises ``TooFewExamplesError``.
    """
    counts = np.bincount(y_train, minlength=len(classes))
    rare = int(np.argmin(counts))
    if counts[rare] < 2:
        raise TooFewExamplesError(
            f"{name}: class {classes[rare]!r} has {plural(int(counts[rare]), 'training row')}, but "
            "2 are needed; add rows of this class, remove the class, or lower the test share"
        )


def _stratified(table: Table, config: SplitConfig) -> tuple[IntArray, IntArray]:
    seed = integer_seed(config.seed, "data", "split")
    rows = np.arange(len(table.y))
    try:
        train, test = train_test_split(
            rows, test_size=config.test_share, stratify=table.y, random_state=seed
        )
    except ValueError as error:
        raise DataError(
            f"{table.name}: {plural(len(rows), 'row')} of {len(table.classes)} classes cannot be "
            f"split with a test share of {config.test_share}; each side needs a row of every "
            "class: add rows or change the share"
        ) from error
    return train, test


def _paper(table: Table) -> tuple[IntArray, IntArray]:
    rows = np.arange(len(table.y))
    train, test = train_test_split(rows, test_size=PAPER_SHARE, random_state=PAPER_SEED)
    return train, test


def _by_group(table: Table, groups: IntArray, config: SplitConfig) -> tuple[IntArray, IntArray]:
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise DataError(
            f"{table.name}: the column {config.group!r} has one group only; "
            "at least two are needed to split by group"
        )
    draws = GroupShuffleSplit(
        n_splits=GROUP_DRAWS,
        test_size=config.test_share,
        random_state=integer_seed(config.seed, "data", "split"),
    )
    try:
        train, test = min(
            draws.split(table.y, groups=groups),
            key=lambda pair: _imbalance(table.y, pair[1], config.test_share),
        )
    except ValueError as error:
        raise DataError(
            f"{table.name}: {plural(n_groups, 'group')} cannot be split with a test share of "
            f"{config.test_share}; each side needs a group: change the share"
        ) from error
    return train, test


def _imbalance(y: IntArray, test: IntArray, share: float) -> float:
    """Return the sum over classes of how far their tested share is from ``share``."""
    counts = np.bincount(y)
    tested = np.bincount(y[test], minlength=len(counts))
    return float(np.abs(tested / counts - share).sum())

from __future__ import annotations

import re
import time

import pytest
from sklearn.feature_extraction.text import CountVectorizer

from genlabel_robust.model_files.skops.patterns import is_simple


@pytest.mark.parametrize(
    "pattern",
    [CountVectorizer().token_pattern, r"\S+", "[a-z]{2,20}", r"(?i)\b[^\s,;]+\b", "x?y?z", ""],
)
def test_a_pattern_with_one_repetition_is_evaluated(pattern: str) -> None:
    assert is_simple(pattern)
    started = time.perf_counter()
    re.findall(pattern, "a" * 3000 + "!")
    assert time.perf_counter() - started < 30


@pytest.mark.parametrize(
    "pattern",
    [
        "(?:a|a)*c",
        "(a+)+",
        r"\w*\w*\w*c",
        "a|b",
        r"(a)\1*",
        "(?=a)b",
        "a{1,999}{1,999}",
        "(",
        "a" * 201,
        "(?x)a",
        3,
        re.compile("a"),
    ],
)
def test_a_pattern_that_may_try_many_ways_is_not(pattern: object) -> None:
    assert not is_simple(pattern)

"""The identity of a part: its source and its content."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent

import pytest
import torch

from genlabel_robust.core.parts.naming import named_part, part_of
from genlabel_robust.core.parts.source import source_of
from genlabel_robust.models import ARCHITECTURES

Write = Callable[[str, str], str]
NET = "from torch import nn\n\ndef wide(n, k):\n    return nn.Linear(n, k)\n"


def imported(name: str):
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def source(name: str) -> str | None:
    return source_of(imported(name).wide)


def test_the_same_file_has_the_same_source_wherever_it_lies(module: Write, tmp_path: Path) -> None:
    first = source(module("own_net", NET))
    assert first is not None
    assert source("own_net") == first
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "own_net.py").write_text(NET)
    sys.path.insert(0, str(tmp_path / "elsewhere"))
    assert source("own_net") == first


def test_a_changed_line_is_another_source(module: Write) -> None:
    first = source(module("own_net", NET))
    assert source(module("own_net", NET + "# one more line\n")) != first


def test_what_it_imports_counts_where_that_is_not_installed(module: Write) -> None:
    module("own_helper", "SIZE = 3\n")
    text = NET.replace("return", "import own_helper; return")
    first = source(module("own_net", text))
    module("own_helper", "SIZE = 4\n")
    assert source("own_net") != first


def test_of_what_is_installed_one_file_is_enough(
    module: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders, walk = [], os.walk

    def walked(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for found in walk(top):
            folders.append(found[0])
            yield found

    monkeypatch.setattr(os, "walk", walked)
    assert source(module("own_net", NET)) is not None
    assert folders == [str(Path(torch.__file__).parent)]


@pytest.mark.parametrize(
    "around",
    ["if k:\n  {}", "try:\n  pass\nexcept ValueError:\n  {}", "match k:\n  case 1:\n    {}"],
    ids=["if", "except", "case"],
)
def test_imports_count_wherever_they_stand(module: Write, around: str) -> None:
    module("own_helper", "SIZE = 3\n")
    module("own_net", f"{NET}\ndef other(k):\n" + indent(around.format("import own_helper"), "  "))
    first = source("own_net")
    module("own_helper", "SIZE = 4\n")
    assert first != source("own_net")


def test_all_files_of_a_package_count(site: Path) -> None:
    (site / "own_package").mkdir()
    (site / "own_package" / "__init__.py").write_text("")
    (site / "own_package" / "net.py").write_text(NET)
    first = source("own_package.net")
    (site / "own_package" / "other.py").write_text("SIZE = 4\n")
    assert source("own_package.net") != first


def test_a_file_that_changed_since_it_was_imported_tells_nothing(module: Write, site: Path) -> None:
    net = imported(module("own_net", NET))
    assert source_of(net.wide) is not None
    (site / "own_net.py").write_text(NET.replace("nn.Linear(n, k)", "nn.Linear(n, k + 1)"))
    assert source_of(net.wide) is None


def test_a_function_without_a_file_has_no_source_and_is_like_no_other() -> None:
    space: dict = {"__name__": "nowhere"}
    exec(NET, space)  # noqa: S102  as a notebook does
    first, again = (part_of(ARCHITECTURES, space["wide"]) for _ in range(2))
    assert first.source is None
    assert first.record != again.record


def test_what_a_function_closes_over_tells_it_from_others(module: Write) -> None:
    text = "def make(size):\n    def wide(n, k):\n        return size\n    return wide\n"
    make = imported(module("own_factory", text)).make
    first, again, other = (part_of(ARCHITECTURES, make(size)).source for size in (3, 3, 4))
    assert first == again != other
    assert part_of(ARCHITECTURES, make(object())).source is None


def test_the_working_folder_is_looked_at_last(site: Path, tmp_path: Path) -> None:
    (tmp_path / "lies_here.py").write_text(NET)
    assert os.path.realpath(Path.cwd()) == os.path.realpath(tmp_path)
    part = named_part(ARCHITECTURES, "lies_here:wide")
    assert part is not None
    assert sys.path[-1] == str(Path.cwd())

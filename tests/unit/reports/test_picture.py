from __future__ import annotations

import struct
from pathlib import Path

PICTURE = Path(__file__).parents[3] / "docs" / "images" / "report.png"


def test_the_picture_of_the_report_is_there_and_small() -> None:
    content = PICTURE.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert width == 1280
    assert 600 <= height <= 1400
    assert 20_000 < len(content) < 300_000

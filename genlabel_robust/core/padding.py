"""Numbers of rows at which a product gives each row the same bits, in any company."""

#: Eight are not enough: with AVX-512, products of eight rows add up in another order than more.
PAD = 16
#: Rows of one product beside the processor, where every size may have a kernel of its own.
DEVICE_ROWS = 1024


def padded(n: int, multiple: int = PAD) -> int:
    """Return the least multiple of ``multiple`` that is at least ``n``."""
    return -(-n // multiple) * multiple


def rows_at_once(device: str) -> int | None:
    """Return how many rows a product on ``device`` has, None for any multiple of ``PAD``."""
    return None if device == "cpu" else DEVICE_ROWS

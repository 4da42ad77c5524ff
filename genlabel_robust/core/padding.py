"""Padding of row counts, so that a product gives each row the same bits in any batch."""

#: Eight is not enough: with AVX-512, products of eight rows are summed in another order.
PAD = 16
#: Rows of each product on an accelerator, where every size may use another kernel.
DEVICE_ROWS = 1024


def padded(n: int, multiple: int = PAD) -> int:
    """Return the least multiple of ``multiple`` that is at least ``n``."""
    return -(-n // multiple) * multiple


def rows_at_once(device: str) -> int | None:
    """Return how many rows each product on ``device`` has, None for any multiple of ``PAD``."""
    return None if device == "cpu" else DEVICE_ROWS

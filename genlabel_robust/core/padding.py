"""Numbers of rows at which a product gives each row the same bits, in any company."""

#: Eight are not enough: with AVX-512, products of eight rows add up in another order than more.
PAD = 16


def padded(n: int, multiple: int = PAD) -> int:
    """Return the least multiple of ``multiple`` that is at least ``n``."""
    return -(-n // multiple) * multiple

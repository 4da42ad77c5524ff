"""``python -m genlabel_robust``."""

import sys


def main() -> None:
    """Run the command line."""
    from genlabel_robust.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

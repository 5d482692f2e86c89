"""``python -m eyot keygen``: prints a new key for ``EYOT_KEYS``."""

from __future__ import annotations

import argparse

from . import generate_key


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m eyot", description="Server islands for Python web servers.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("keygen", help="print a new key for EYOT_KEYS")
    parser.parse_args()
    print(generate_key())


if __name__ == "__main__":
    main()

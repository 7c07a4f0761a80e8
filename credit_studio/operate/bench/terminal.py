"""What is said while it is measured: on stderr, so that what a machine reads stays clean."""

import sys


def say(line: str) -> None:
    """A line for who waits."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the terminal is this door's page

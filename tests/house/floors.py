"""import-linter, as `make test` runs it, over any copy of the project."""

import subprocess
import sys
from pathlib import Path

_LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def broken_floors(root: Path) -> str:
    """What import-linter says of the tree; nothing when every contract is kept."""
    said = subprocess.run([sys.executable, "-c", _LINT, "--no-cache", "--no-logo"], cwd=root, capture_output=True, text=True, check=False)
    return "" if said.returncode == 0 else said.stdout + said.stderr

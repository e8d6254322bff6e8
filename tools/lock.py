"""``python -m tools.lock``: export ``requirements/run.txt`` and ``dev.txt``, pinned and hashed, from pyproject.toml.

The files name no package index: whoever installs from them uses the one of their own machine.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "requirements"
LOWEST_PYTHON = "3.11"


def compiled(extra: list[str], old: Path) -> str:
    """The locked form of our dependencies and the ``extra`` ones; versions of the ``old`` file are kept where they
    still fit."""
    command = ["uv", "pip", "compile", "pyproject.toml", "-", "--quiet", "--no-header", "--generate-hashes"]
    command += ["--universal", "--python-version", LOWEST_PYTHON, "--no-emit-index-url", "--no-annotate"]
    command += ["--output-file", str(old)]
    subprocess.run(command, input="\n".join(extra), text=True, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return old.read_text()


def addresses(text: str) -> list[str]:
    """Anything in a requirement file that names a host."""
    return re.findall(r"\S*(?:https?:|--(?:extra-)?index-url|--find-links)\S*.*", text)


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    FOLDER.mkdir(exist_ok=True)
    # We are built without isolation, so what builds us is locked as well; an editable build wants editables.
    dev = [*project["dependency-groups"]["dev"], *project["build-system"]["requires"], "editables"]
    for name, extra in (("run.txt", []), ("dev.txt", dev)):
        found = addresses(compiled(extra, FOLDER / name))
        if found:
            sys.exit(f"requirements/{name} names a host: {found[0]}")


if __name__ == "__main__":
    main()

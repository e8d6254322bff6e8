"""The programs that are compared with: installed on demand below ``.bench/``, which git ignores."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUMB = str(Path(sys.executable).parent / "plumb")
_FOLDER = ROOT / ".bench"
_NODE = _FOLDER / "node_modules/node/bin/node"
_PEER = _FOLDER / "node_modules/gitlab-ci-local/dist/index.js"
_PACKAGES = ("node@22", "gitlab-ci-local@4.75.1")


class AbsentError(Exception):
    """The peer is not to be had here, and why."""


@functools.cache
def gitlab_ci_local() -> tuple[str, ...]:
    """The command that starts gitlab-ci-local with its own Node 22. Raises :class:`AbsentError`."""
    for tool in ("git", "rsync"):
        if shutil.which(tool) is None:
            raise AbsentError(f"gitlab-ci-local needs {tool}, which is not installed")
    if not (_NODE.exists() and _PEER.exists()):
        _install()
    try:
        version = subprocess.run([_NODE, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise AbsentError(f"Node 22 does not start: {error}") from error
    if not version.startswith("v22."):
        raise AbsentError(f"gitlab-ci-local needs Node 22, this is {version}")
    return (str(_NODE), str(_PEER))


def _install() -> None:
    if shutil.which("npm") is None:
        raise AbsentError("npm is not installed, so gitlab-ci-local cannot be")
    _FOLDER.mkdir(exist_ok=True)
    print(f"installing {' '.join(_PACKAGES)} below .bench/ ...", file=sys.stderr)
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(_FOLDER), *_PACKAGES],
        cwd=_FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not _PEER.exists() or not _NODE.exists():
        raise AbsentError(f"npm could not install it: {done.stderr.strip().splitlines()[-1:]}")

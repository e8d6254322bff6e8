"""The post-receive hook of a plain repository: one line that calls ``plumb notify``."""

from __future__ import annotations

import os
import shlex

from plumbline.adapters.folders import storing, write_whole
from plumbline.kernel import ErrorKind, PlumblineError, t

_MARK = "# plumbline"


def install_hook(repository: str, command: list[str]) -> str:
    """Write the hook; its path. It hands the pushed refs to ``command``, and never makes a push fail.

    Raises PlumblineError ``hook-exists`` where somebody else's hook is there.
    """
    folder = f"{repository}/hooks" if os.path.isdir(f"{repository}/hooks") else f"{repository}/.git/hooks"
    path = f"{folder}/post-receive"
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            ours = _MARK in file.read()
    except FileNotFoundError:
        ours = True
    line = f"{shlex.join(command)} || true {_MARK}"
    if not ours:
        raise PlumblineError(
            "hook-exists",
            t("{path} is there already.", path=path),
            t("Add this line to it: {line}", line=line),
            kind=ErrorKind.REFUSED,
        )
    with storing(path):
        os.makedirs(folder, exist_ok=True)
        write_whole(path, f"#!/bin/sh\n{line}\n".encode(), 0o755)
    return path

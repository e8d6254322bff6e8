"""The containers and networks of jobs whose owner was killed, found by their names and removed one by one."""

from __future__ import annotations

import shutil

_LISTING = 10.0  # seconds
_REMOVING = 30.0  # seconds for one of them
_ENGINES = (("podman", ("--time", "0")), ("docker", ()))


def remove_marked_containers(prefix: str) -> int:
    """Remove what belongs to jobs whose marker begins with ``prefix``, where an engine answers; how many are gone."""
    if not prefix:
        raise ValueError("an empty prefix")
    removed = 0
    for engine, at_once in _ENGINES:
        client = shutil.which(engine)
        if client is None:
            continue
        for listing, removing in (
            (("ps", "--all", "--format", "{{.Names}}"), ("rm", "--force", "--volumes", *at_once)),
            (("network", "ls", "--format", "{{.Name}}"), ("network", "rm")),
        ):
            found = _named(client, listing, prefix)
            for name in found:  # one at a time: podman removes none of several of which one is gone
                _client(client, (*removing, "--", name), _REMOVING)
            if found:
                removed += len(set(found) - set(_named(client, listing, prefix)))
    return removed


def _named(client: str, listing: tuple[str, ...], prefix: str) -> list[str]:
    said = _client(client, (*listing, "--filter", "name=plumbline-"), _LISTING)
    return [name for name in said.split() if name.startswith(f"plumbline-{prefix}")]


def _client(path: str, arguments: tuple[str, ...], patience: float) -> str:
    import subprocess  # here, because it is seldom needed

    try:
        done = subprocess.run(
            [path, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""

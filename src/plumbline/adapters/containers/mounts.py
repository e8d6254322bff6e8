"""Folders of this machine in a container, whatever characters are in their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.adapters.containers.engine import Engine

_QUOTED = frozenset(',"\n\r ')


class Mount(NamedTuple):
    """``source`` of this machine is ``target`` in the container. ``ours``: made for jobs, so that SELinux may label
    it anew."""

    source: str
    target: str
    writable: bool = False
    ours: bool = False


def mount_options(engine: Engine, mounts: Iterable[Mount], *, relabel: bool) -> list[str]:
    """The arguments of a client. Raises PlumblineError ``folder-refused`` for a name that docker cannot be told."""
    options: list[str] = []
    for mount in mounts:
        label = relabel and mount.ours
        if label and engine.name == "docker":  # its --mount knows no labels, and its --volume no colons
            _refuse_colons(mount)
            options += ("--volume", f"{mount.source}:{mount.target}:{'' if mount.writable else 'ro,'}z")
            continue
        fields = ["type=bind", f"source={mount.source}", f"target={mount.target}"]
        fields += [] if mount.writable else ["readonly"]
        fields += ["relabel=shared"] if label else []
        options += ("--mount", ",".join(_field(field) for field in fields))
    return options


def file_option(engine: Engine, option: str, path: str) -> str:
    """An option whose value is one file; podman reads comma-separated values there too."""
    return f"{option}={_field(path) if engine.name == 'podman' else path}"


def volumes(given: Iterable[str]) -> list[Mount]:
    """Of ``/path``, ``/path:/inside`` and ``/path:/inside:ro``. Raises PlumblineError ``volume-wrong``."""
    return [_volume(text) for text in given]


def _volume(text: str) -> Mount:
    source, _, rest = text.partition(":")
    target, _, mode = rest.partition(":")
    target = target or source
    if not (source.startswith("/") and target.startswith("/") and mode in ("", "ro", "rw")):
        raise PlumblineError(
            "volume-wrong",
            t("'{volume}' is no volume of containers.", volume=text),
            t("Write /path, /path:/inside or /path:/inside:ro in the setting ci.container_volumes."),
            kind=ErrorKind.CONFIGURATION,
        )
    return Mount(source, target, mode != "ro")


def _field(text: str) -> str:
    """As one field of comma-separated values, which is what clients read."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.intersection(text) else text


def _refuse_colons(mount: Mount) -> None:
    for path in (mount.source, mount.target):
        if ":" in path:
            raise PlumblineError(
                "folder-refused",
                t("docker cannot label a folder whose name holds a colon: {path}", path=path),
                t("Use podman, or switch the setting ci.container_relabel off."),
                kind=ErrorKind.ENVIRONMENT,
            )

"""What a job sees besides its working copy, as folders to show and variables to set: one answer for every executor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.model.job_setup import JobView

CACHE = "/cache/plumbline"  # where jobs find the caches of their package managers

# What keeps package managers' files in a folder of CACHE; none of it is for anything but what can be fetched again.
_CACHED = {
    "PIP_CACHE_DIR": "pip",
    "UV_CACHE_DIR": "uv",
    "POETRY_CACHE_DIR": "poetry",
    "npm_config_cache": "npm",
    "YARN_CACHE_FOLDER": "yarn",
    "YARN_GLOBAL_FOLDER": "yarn-berry",
    "pnpm_config_store_dir": "pnpm",
    "npm_config_store_dir": "pnpm",
    "BUN_INSTALL_CACHE_DIR": "bun",
    "DENO_DIR": "deno",
    "CARGO_HOME": "cargo",
    "GOMODCACHE": "go/mod",
    "GOCACHE": "go/build",
    "GRADLE_USER_HOME": "gradle",
    "MAVEN_USER_HOME": "maven",
    "COMPOSER_CACHE_DIR": "composer",
    "NUGET_PACKAGES": "nuget/packages",
    "NUGET_HTTP_CACHE_PATH": "nuget/http",
    "BUNDLE_USER_CACHE": "bundle",
}
# A folder of tools, by its name without a leading dot: the variable that names it, and what of it belongs on PATH.
_KINDS = {
    "rustup": ("RUSTUP_HOME", ()),
    "cargo": ("", ("bin",)),
    "pyenv": ("PYENV_ROOT", ("bin", "shims")),
    "rbenv": ("RBENV_ROOT", ("bin", "shims")),
    "goenv": ("GOENV_ROOT", ("bin", "shims")),
    "nodenv": ("NODENV_ROOT", ("bin", "shims")),
    "asdf": ("ASDF_DATA_DIR", ("bin", "shims")),
    "nvm": ("NVM_DIR", ()),
    "volta": ("VOLTA_HOME", ("bin",)),
    "sdkman": ("SDKMAN_DIR", ()),
    "dotnet": ("DOTNET_ROOT", ("",)),
    "deno": ("", ("bin",)),
    "bun": ("BUN_INSTALL", ("bin",)),
    "ghcup": ("", ("bin",)),
    "go": ("", ("bin",)),
}
# Settings that a program looks for beside its cache: the folder it is in, the variable of the cache, the names.
_SETTINGS = {
    ".cargo": ("CARGO_HOME", ("config.toml", "config", "credentials.toml", "credentials")),
    ".gradle": ("GRADLE_USER_HOME", ("gradle.properties", "init.gradle", "init.gradle.kts", "init.d")),
}
# Folders that a sandbox makes itself, so that none of the machine's can stand there.
_OWN = frozenset(("/", "/builds", "/cache", "/dev", "/etc", "/proc", "/run", "/sys", "/tmp", "/var", "/var/run"))  # noqa: S108


class Bind(NamedTuple):
    """A file or folder of this machine, and where a job sees it."""

    source: str
    target: str
    writable: bool = False


class Shown(NamedTuple):
    """``binds`` in the order in which they are made; ``environ`` goes below the job's own variables; ``path`` goes
    before what PATH is otherwise; ``missing``: declared, and not on this machine."""

    binds: tuple[Bind, ...]
    environ: dict[str, str]
    path: tuple[str, ...]
    missing: tuple[str, ...]


def shown(view: JobView, home: str, hidden: Iterable[str] = ()) -> Shown:
    """What ``view`` shows to a job whose home is ``home`` (as the job sees it). ``hidden``: folders of the server.

    A tool below the home of this user stands at the same place in the job's home, and at its own path as well: what it
    installed says where it is. Raises PlumblineError ``tools-refused`` for what would show a folder of ``hidden``, the
    whole home, or the machine.
    """
    own_home = _home()
    tools = [(given, _absolute(given, own_home)) for given in view.tools]
    for given, path in tools:
        _check(given, path, own_home, [os.path.realpath(folder) for folder in hidden])
    there = [path for _, path in tools if os.path.exists(path)]
    environ = _cache_variables(view)
    seen = {path: _seen_at(path, own_home, home) for path in there}
    binds = [Bind(view.caches, CACHE, writable=True)] if view.caches else []
    for path in there:
        binds += [Bind(os.path.realpath(path), target) for target in dict.fromkeys((path, seen[path]))]
        binds += _beside_cache(path, environ, home)
    folders: list[str] = []
    for path in there:
        folders += _of_kind(path, seen[path], environ)
    missing = tuple(given for given, path in tools if path not in seen)
    return Shown(tuple(dict.fromkeys(binds)), environ, tuple(dict.fromkeys(folders)), missing)


def open_caches(view: JobView) -> None:
    """Make the folder of caches before a job sees it, and note that it is used. Raises OSError."""
    if view.caches:
        os.makedirs(view.caches, 0o700, exist_ok=True)
        os.utime(view.caches)


def _home() -> str:
    home = os.path.expanduser("~")
    return os.path.normpath(home) if os.path.isabs(home) else ""


def _absolute(given: str, home: str) -> str:
    path = home + given[1:] if home and (given == "~" or given.startswith("~/")) else given
    if not os.path.isabs(path) or "\0" in path:
        raise _refused(given, t("It is no path from the root on."))
    return os.path.normpath(path)


def _check(given: str, path: str, home: str, hidden: Iterable[str]) -> None:
    real = os.path.realpath(path)
    for folder in hidden:
        if _within(folder, real) or _within(real, folder):
            raise _refused(given, t("The server keeps its own files there."))
    for one in {path, real}:
        if one in _OWN:
            raise _refused(given, t("Every job has a folder of its own there."))
        if home and (_within(home, one) or _within(os.path.realpath(home), one)):
            raise _refused(given, t("The home of this user is there, with its keys."))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _refused(given: str, why: object) -> PlumblineError:
    return PlumblineError(
        "tools-refused",
        t("Jobs cannot be shown {path}: {reason}", path=given, reason=str(why)),
        t("Name single tools and files, such as ~/.cargo or /opt/sdkman, in the setting ci.tools."),
        kind=ErrorKind.CONFIGURATION,
    )


def _seen_at(path: str, own_home: str, home: str) -> str:
    return home + path[len(own_home) :] if own_home and _within(path, own_home) else path


def _cache_variables(view: JobView) -> dict[str, str]:
    if not view.caches:
        return {}
    environ = {name: f"{CACHE}/{folder}" for name, folder in _CACHED.items()}
    return {**environ, "MAVEN_OPTS": f"-Dmaven.repo.local={CACHE}/maven/repository"}


def _beside_cache(path: str, environ: dict[str, str], home: str) -> Iterator[Bind]:
    """The settings of a tool whose files go to a cache, since it looks for them there: a whole ``~/.cargo``, or one
    file in it. It has to write there, so without a cache it is a folder of the job's home."""
    folder, name = os.path.split(path)
    variable, names = _SETTINGS.get(name, ("", ()))
    if variable:
        candidates = [f"{path}/{one}" for one in names]
    else:
        variable, names = _SETTINGS.get(os.path.basename(folder), ("", ()))
        candidates = [path] if name in names else []
    if candidates:
        environ.setdefault(variable, f"{home}/.cache/plumbline/{_CACHED[variable]}")
    for one in candidates:
        if os.path.exists(one):
            yield Bind(os.path.realpath(one), f"{environ[variable]}/{os.path.basename(one)}")


def _of_kind(path: str, seen: str, environ: dict[str, str]) -> Iterator[str]:
    """Set what says where a folder of tools is; what of it belongs on PATH."""
    name = os.path.basename(path).removeprefix(".")
    variable, folders = _KINDS.get(name, ("", ("bin",)))
    if not os.path.isdir(path):
        return
    if variable:
        environ[variable] = seen
    if name == "sdkman":
        folders = tuple(f"candidates/{one}/current/bin" for one in _names(f"{path}/candidates"))
        if os.path.isdir(f"{path}/candidates/java/current/bin"):
            environ["JAVA_HOME"] = f"{seen}/candidates/java/current"
    if name == "bin":
        folders = ("",)
    for folder in folders:
        if os.path.isdir(f"{path}/{folder}"):
            yield f"{seen}/{folder}".rstrip("/")


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []

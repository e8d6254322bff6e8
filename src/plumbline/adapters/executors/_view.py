"""What a job sees besides its working copy, as folders to show and variables to set: one answer for every executor."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.beneath import remove_at
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plumbline.kernel import Text
    from plumbline.model.job_setup import JobView

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
CACHE = "/cache/plumbline"  # where jobs find the caches of their package managers
OWN_BIN = ".local/bin"  # of a home: where pip and pipx put programs where they may not write to the machine

# What keeps package managers' files in a folder of CACHE; none of it is for anything but what can be fetched again.
_CACHED = {
    "PIP_CACHE_DIR": "pip",
    "UV_CACHE_DIR": "uv",
    "POETRY_CACHE_DIR": "poetry",
    "npm_config_cache": "npm",
    "YARN_CACHE_FOLDER": "yarn",
    "YARN_GLOBAL_FOLDER": "yarn-berry",
    "PNPM_HOME": "pnpm",
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
_REHASHING = frozenset(("pyenv", "rbenv", "nodenv", "goenv"))
# A tool's own folder of settings, and the names in it that hold them.
_CARGO, _CARGO_SETTINGS = ".cargo", ("config.toml", "config")
_GRADLE, _GRADLE_SETTINGS = ".gradle", ("gradle.properties", "init.gradle", "init.gradle.kts", "init.d")
_GRADLE_KEEPS = ("caches", "wrapper", "jdks")
_MAVEN, _MAVEN_SETTINGS = ".m2", ("settings.xml", "settings-security.xml", "toolchains.xml")
# Folders that a sandbox makes itself, so that none of the machine's can stand there.
_OWN = frozenset(("/", "/builds", "/cache", "/dev", "/etc", "/proc", "/run", "/sys", "/tmp", "/var", "/var/run"))  # noqa: S108


class Bind(NamedTuple):
    """A file or folder of this machine, and where a job sees it."""

    source: str
    target: str
    writable: bool = False


class Shown(NamedTuple):
    """``binds`` in the order in which they are made; ``environ`` goes below the job's own variables; ``path`` goes
    before what PATH is otherwise; ``links``: symbolic links in the home, and where they lead; ``missing``: declared,
    and not on this machine. What is below the home needs :func:`furnish` before each start."""

    binds: tuple[Bind, ...]
    environ: dict[str, str]
    path: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def shown(view: JobView, home: str, hidden: Iterable[str] = ()) -> Shown:
    """What ``view`` shows to a job whose home is ``home`` (as the job sees it). ``hidden``: folders of the server.

    A tool below the home of this user stands at the same place in the job's home, and at its own path as well: what it
    installed says where it is. Where a link leads to it, it stands at the end of the link too. What a job installs for
    its user alone comes first on PATH. Raises PlumblineError ``tools-refused`` for what would show a
    folder of ``hidden``, the whole home, or the machine.
    """
    own_home = _home()
    tools = [(given, _absolute(given, own_home)) for given in view.tools]
    for given, path in tools:
        _check(given, path, own_home, [os.path.realpath(folder) for folder in hidden])
    there = [one for _, path in tools if os.path.exists(path) for one in _to_show(path)]
    seen = {path: _seen_at(path, own_home, home) for path in there}
    environ = _cache_variables(view)
    binds = [Bind(view.caches, CACHE, writable=True)] if view.caches else []
    folders = [f"{home}/{OWN_BIN}"] if there else []
    for path in there:
        places = list(_at_its_places(path, seen[path]))
        binds += (*places, *_without_rehash(path, places))
        folders += _of_kind(path, seen[path], environ)
    if _is_go_path(own_home) and f"{own_home}/go" in seen:
        environ["GOPATH"] = f"{home}/.cache/plumbline/go"
    binds += _cargo_settings(there, environ, home)
    links = _gradle(there, environ, home, binds, cached=bool(view.caches))
    missing = tuple(given for given, path in tools if not os.path.exists(path))
    return Shown(tuple(dict.fromkeys(binds)), environ, tuple(dict.fromkeys(folders)), links, missing)


def missing_tools(view: JobView) -> tuple[Text, ...]:
    """What people should know of tools that were declared and are not on this machine."""
    missing = shown(view, "/").missing
    return (t("Not on this machine, and so not shown to jobs: {names}", names=", ".join(missing)),) if missing else ()


def furnish(what: Shown, home: str, folder: str) -> None:
    """Make, in ``folder`` of this machine, which a job sees as ``home``, the links of a view and the places that its
    binds cover. Nothing that a job left there leads out of it. Call it while none of the job's processes lives.

    Raises OSError."""
    cover(what.binds, home, folder)
    if what.links:
        top = os.open(folder, _FOLDER)
        try:
            for path, target in what.links:
                _make(top, path[len(home) + 1 :].split("/"), link=target)
        finally:
            os.close(top)


def cover(binds: Iterable[Bind], seen_as: str, folder: str) -> None:
    """Make, in ``folder``, which a job sees as ``seen_as``, what binds below it are put over; as :func:`furnish`."""
    below = [bind for bind in binds if bind.target.startswith(f"{seen_as}/")]
    if not below:
        return
    top = os.open(folder, _FOLDER)
    try:
        for bind in below:
            _make(top, bind.target[len(seen_as) + 1 :].split("/"), is_folder=os.path.isdir(bind.source))
    finally:
        os.close(top)


def open_caches(view: JobView) -> None:
    """Make the folder of caches before a job sees it, and note in the time of the folder above that it is used. Raises
    OSError."""
    if not view.caches:
        return
    above = os.path.dirname(view.caches)
    os.makedirs(above, 0o700, exist_ok=True)
    with suppress(FileExistsError):
        os.mkdir(view.caches, 0o700)
    os.utime(above)
    if any(_GRADLE in tool for tool in view.tools):
        top = os.open(view.caches, _FOLDER)
        try:
            for name in _GRADLE_KEEPS:  # where links lead to; jobs of the project write here meanwhile
                _make(top, [*f"{_CACHED['GRADLE_USER_HOME']}/{name}".split("/")], is_folder=True)
        finally:
            os.close(top)


def _make(top: int, parts: Sequence[str], *, is_folder: bool = False, link: str = "") -> None:
    """A folder, an empty file or a link below an open folder, in place of whatever else is there."""
    here = os.dup(top)
    try:
        for part in parts[:-1]:
            _put_folder(here, part)
            below = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        name = parts[-1]
        if is_folder:
            _put_folder(here, name)
        elif link:
            remove_at(name, here)
            os.symlink(link, name, dir_fd=here)
        elif not stat.S_ISREG(_mode(here, name)):
            remove_at(name, here)
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=here))
    finally:
        os.close(here)


def _put_folder(here: int, name: str) -> None:
    mode = _mode(here, name)
    if stat.S_ISDIR(mode):
        return
    if mode:
        remove_at(name, here)
    with suppress(FileExistsError):  # another job's thread was first
        os.mkdir(name, 0o700, dir_fd=here)


def _mode(here: int, name: str) -> int:
    try:
        return os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0


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


def _refused(given: str, why: Text) -> PlumblineError:
    return PlumblineError(
        "tools-refused",
        t("Jobs cannot be shown {path}: {reason}", path=given, reason=why),
        t("Name single tools and files, such as ~/.cargo or /opt/sdkman, in the setting ci.tools."),
        kind=ErrorKind.CONFIGURATION,
    )


def _seen_at(path: str, own_home: str, home: str) -> str:
    return home + path[len(own_home) :] if own_home and _within(path, own_home) else path


def _to_show(path: str) -> list[str]:
    """Of a folder that a tool both reads settings in and writes to, the settings alone."""
    if os.path.basename(path) == _MAVEN and os.path.isdir(path):
        return [f"{path}/{name}" for name in _MAVEN_SETTINGS if os.path.exists(f"{path}/{name}")]
    return [path]


def _at_its_places(path: str, seen: str) -> Iterator[Bind]:
    """Where a link leads to is one of them: programs that were installed there say so. Of /usr each sandbox shows this
    machine's anyway, and a container keeps its own."""
    real = os.path.realpath(path)
    for target in dict.fromkeys((path, real, seen)):
        if target != real or target == path or not _within(target, "/usr"):
            yield Bind(real, target)


def _without_rehash(path: str, places: Iterable[Bind]) -> Iterator[Bind]:
    """Managers of versions write to themselves after each installation, and fail where they cannot; what a job installs
    is no part of them, so that there is nothing to write."""
    name = os.path.basename(path).removeprefix(".")
    nothing = shutil.which("true") if name in _REHASHING else None
    script = f"libexec/{name}-rehash"
    if nothing and os.path.isfile(f"{path}/{script}"):
        for place in places:
            yield Bind(os.path.realpath(nothing), f"{place.target}/{script}")


def _is_go_path(home: str) -> bool:
    """Whether ~/go is where Go puts what it installs, and not Go itself."""
    return bool(home) and os.path.isdir(f"{home}/go") and not os.path.exists(f"{home}/go/bin/go")


def _cache_variables(view: JobView) -> dict[str, str]:
    if not view.caches:
        return {}
    environ = {name: f"{CACHE}/{folder}" for name, folder in _CACHED.items()}
    return {**environ, "MAVEN_OPTS": f"-Dmaven.repo.local={CACHE}/maven/repository"}


def _cargo_settings(there: Sequence[str], environ: dict[str, str], home: str) -> Iterator[Bind]:
    """Cargo writes to CARGO_HOME, so it is no read-only folder; it reads settings in every folder above the working
    copy as well. Its credentials stay where they are: jobs get tokens as variables."""
    for path in there:
        folder, name = os.path.split(path)
        if name == _CARGO:
            environ.setdefault("CARGO_HOME", f"{home}/.cache/plumbline/cargo")
            found = [f"{path}/{one}" for one in _CARGO_SETTINGS]
        elif os.path.basename(folder) == _CARGO and name in _CARGO_SETTINGS:
            found = [path]
        else:
            continue
        for one in found:
            if os.path.exists(one):
                yield Bind(os.path.realpath(one), f"/{_CARGO}/{os.path.basename(one)}")


def _gradle(
    there: Sequence[str], environ: dict[str, str], home: str, binds: list[Bind], *, cached: bool
) -> tuple[tuple[str, str], ...]:
    """Gradle looks for its settings in the folder that it writes to: that is one of the job's home then, with the
    settings in it and links to what is worth keeping."""
    settings: list[str] = []
    for path in there:
        folder, name = os.path.split(path)
        if name == _GRADLE:
            settings += [f"{path}/{one}" for one in _GRADLE_SETTINGS]
        elif os.path.basename(folder) == _GRADLE and name in _GRADLE_SETTINGS:
            settings.append(path)
    if not settings:
        return ()
    own = environ["GRADLE_USER_HOME"] = f"{home}/.cache/plumbline/gradle"
    binds += [Bind(os.path.realpath(one), f"{own}/{os.path.basename(one)}") for one in settings if os.path.exists(one)]
    kept = f"{CACHE}/{_CACHED['GRADLE_USER_HOME']}"
    return tuple((f"{own}/{name}", f"{kept}/{name}") for name in _GRADLE_KEEPS) if cached else ()


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

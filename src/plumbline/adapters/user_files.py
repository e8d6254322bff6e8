"""Files a user keeps beside a repository: ``plumbline.toml``, and files of variables."""

from __future__ import annotations

import os
import re
import tomllib
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from plumbline.adapters.repository_trust import narrowed
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.job_setup import JobLimits
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from plumbline.adapters.repository_trust import TrustedFiles

CONFIG_NAME = "plumbline.toml"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Limits(JobLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``limits``: what one job may take."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if getattr(self, name) < 0:
                raise ValueError(str(t("'{name}' is below 0", name=name)))


class UserConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``plumbline.toml`` in the repository, or ``plumbline/config.toml`` in the user's configuration folder."""

    map: dict[str, str] = {}  # project path, URL or "templates" -> local path; relative to the file
    allow_network: bool = False
    jobs: int | None = None
    isolation: str | None = None
    shell: bool = False
    default_timeout: float = 3600.0  # seconds
    keep_runs: int = 50
    take_reports: bool = False  # that no artifacts:reports names
    variable_files: list[str] = []
    container_engine: str = ""  # podman or docker; empty: the first that answers
    container_options: list[str] = []  # more arguments of every "run" of the engine
    pull_policy: tuple[str, ...] = ("if-not-present",)  # for images that name none
    tools: tuple[str, ...] = ()  # files and folders of the machine that jobs in a sandbox or a container may read
    network: Literal["host", "none"] = "host"  # what such jobs reach
    pass_environment: list[str] = []  # names of the caller's environment variables that jobs see too
    hosts: list[str] = []  # of this machine or near it, that files may be included from where the network is allowed
    limits: Limits = Limits()  # in the user's own file alone


class FoundConfig(NamedTuple):
    """``ignored``: the names of what the repository sets and may not, since nobody trusted its file."""

    config: UserConfig
    path: str  # of the repository's file
    ignored: tuple[str, ...] = ()


def read_config(repository: str, trusted: TrustedFiles, isolating: Callable[[], Collection[str]]) -> FoundConfig:
    """The repository's settings over the user's own, as far as they count; empty where there are none. ``isolating``:
    see :func:`narrowed`. Raises PlumblineError."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    user = _read_toml(os.path.join(home, "plumbline", "config.toml")) if os.path.isabs(home) else {}
    path = os.path.join(repository, CONFIG_NAME)
    content = read_file(path)
    own = _parsed(path, content) if content is not None else {}
    ignored: tuple[str, ...] = ()
    if own and content is not None and not trusted.has(path, content):
        own, ignored = narrowed(user, own, isolating() if "isolation" in own else ())
    merged = {**user, **own, "map": {**_map_of(user), **_map_of(own)}}
    try:
        return FoundConfig(msgspec.convert(merged, ready(UserConfig)), path, ignored)
    except msgspec.ValidationError as error:
        raise _wrong(path, t("{error}", error=error)) from error


def set_by(path: str, content: bytes) -> tuple[str, ...]:
    """The names that a file sets. Raises PlumblineError where it is none of settings."""
    return tuple(sorted(_parsed(path, content)))


def _map_of(settings: dict[str, Any]) -> dict[str, Any]:
    found = settings.get("map", {})
    return found if isinstance(found, dict) else {"": found}  # told by what reads it


def read_file(path: str) -> bytes | None:
    """None where there is none. Raises PlumblineError."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _wrong(path, t("{error}", error=error)) from error


def _read_toml(path: str) -> dict[str, Any]:
    content = read_file(path)
    return {} if content is None else _parsed(path, content)


def _parsed(path: str, content: bytes) -> dict[str, Any]:
    try:
        found = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, t("{error}", error=error)) from error
    folder = os.path.dirname(path)
    if isinstance(found.get("map"), dict):
        found["map"] = {name: os.path.join(folder, os.path.expanduser(str(to))) for name, to in found["map"].items()}
    if isinstance(found.get("variable_files"), list):
        found["variable_files"] = [os.path.join(folder, os.path.expanduser(str(n))) for n in found["variable_files"]]
    return found


def read_variables(path: str, source: VariableSource) -> tuple[Variable, ...]:
    """Variables from a file: YAML (``.yml``, ``.yaml``), else lines of ``NAME=VALUE``.

    In YAML a value is a text, or a map of ``value`` with ``masked``, ``file``, ``raw``, ``protected`` and
    ``environment_scope``. Raises PlumblineError with the line.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _wrong(path, t("cannot be read: {reason}", reason=reason)) from error
    if path.endswith((".yml", ".yaml")):
        return _from_yaml(path, text, source)
    return _from_lines(path, text, source)


def _from_lines(path: str, text: str, source: VariableSource) -> tuple[Variable, ...]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(name.strip()):
            raise _wrong(f"{path}:{number}", t("expected NAME=VALUE"))
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found.append(Variable(name.strip(), value, source, raw=True))
    return tuple(found)


def _from_yaml(path: str, text: str, source: VariableSource) -> tuple[Variable, ...]:
    import yaml

    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else path
        raise _wrong(place, t("{error}", error=getattr(error, "problem", None) or error)) from error
    if content is None:
        return ()
    if not isinstance(content, dict):
        raise _wrong(path, t("expected a map of variables"))
    return tuple(_from_entry(path, str(name), value, source) for name, value in content.items())


_FLAGS = {"masked": "masked", "file": "file", "raw": "raw", "protected": "protected"}


def _from_entry(path: str, name: str, entry: Any, source: VariableSource) -> Variable:
    if not _NAME.fullmatch(name):
        raise _wrong(path, t("'{name}' is not a name of a variable", name=name))
    if not isinstance(entry, dict):
        return Variable(name, _text(path, name, entry), source)
    unknown = set(entry) - {"value", "environment_scope", *_FLAGS}
    if unknown:
        raise _wrong(path, t("'{name}' has an unknown key '{key}'", name=name, key=min(map(str, unknown))))
    flags = {field: entry[key] is True for key, field in _FLAGS.items() if key in entry}
    return Variable(
        name, _text(path, name, entry.get("value")), source, scope=str(entry.get("environment_scope", "*")), **flags
    )


def _text(path: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _wrong(path, t("'{name}' has no value that is a text", name=name))


def _wrong(where: str, message: Text) -> PlumblineError:
    return PlumblineError(
        "settings-wrong", t("{where}: {message}", where=where, message=message), kind=ErrorKind.CONFIGURATION
    )

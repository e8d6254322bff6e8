"""The environment of a job: a small clean base, then the job's variables, file variables written to files."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from plumbline.pipeline import runner_expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.model.pipeline import Variable

_KEPT = frozenset({"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "XDG_RUNTIME_DIR"})
_CERTIFICATE_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO")
CERTIFICATES = (*_CERTIFICATE_FILES, "SSL_CERT_DIR")
_KEPT |= {*CERTIFICATES}
_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")
_KEPT |= {*_PROXIES, *(name.upper() for name in _PROXIES)}
_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_BUNDLES = (  # where distributions keep the certificates that they trust, in one file
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_ENVIRONMENTS = ("VIRTUAL_ENV", "CONDA_PREFIX")  # the activated environment of Python programs
_SYSTEM = ("/usr", "/usr/local", "/")  # prefixes that are nobody's own environment
_LARGEST = 128 * 1024 - 1  # bytes of NAME=VALUE with its end mark that Linux takes
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Prepared(NamedTuple):
    """What a script's shell is given."""

    environ: dict[str, str]
    large: dict[str, str]  # too big for a process environment
    values: dict[str, str]  # all variables of the job, for the runner's own expansion


def base_environment(pass_on: Iterable[str] = (), *, activated: bool = False) -> dict[str, str]:
    """Of this process's environment what any job may see: paths, locale, time zone, certificates and proxies, and the
    variables named in ``pass_on``.

    The environment of Python that this process was started from is not on the PATH, since what a job installs must not
    change it. ``activated``: another one that the user activated is, with the variable that names it.
    """
    kept = _KEPT.union(pass_on, _ENVIRONMENTS if activated else ())
    environ = {name: value for name, value in os.environ.items() if name in kept or name.startswith("LC_")}
    named = {name: os.environ[name] for name in _ENVIRONMENTS if os.environ.get(name)}
    own = set() if os.path.realpath(sys.prefix) in _SYSTEM else {os.path.realpath(sys.prefix)}
    for name, folder in named.items():
        if os.path.realpath(folder) in own or not activated:
            own.add(os.path.realpath(folder))
            if name not in pass_on:
                environ.pop(name, None)
    found = [folder for folder in environ.get("PATH", os.defpath).split(":") if folder]
    environ["PATH"] = ":".join(folder for folder in found if os.path.realpath(os.path.dirname(folder)) not in own)
    return {"TERM": "dumb", "SHELL": "/bin/sh", **environ}


def sandbox_environment(base: Mapping[str, str], shows: Iterable[str], path: Iterable[str]) -> dict[str, str]:
    """What of ``base`` means something in a sandbox that ``shows`` these folders of the machine; ``path`` comes before
    what is on its PATH otherwise, and trusted certificates are named for programs that look nowhere else."""
    shows = tuple(shows)
    environ = {name: value for name, value in base.items() if name not in ("HOME", "XDG_RUNTIME_DIR", *_ENVIRONMENTS)}
    seen = [
        folder
        for folder in base.get("PATH", "").split(":")
        if any(folder == shown or folder.startswith(f"{shown}/") for shown in shows)
    ]
    environ["PATH"] = ":".join(dict.fromkeys((*path, *seen, *_PATH)))
    bundle = next((one for one in _BUNDLES if os.path.exists(one)), "")
    trusted = dict.fromkeys(_CERTIFICATE_FILES[:3], bundle) if bundle else {}
    return {**trusted, **environ}


def prepare(
    base: Mapping[str, str], variables: Iterable[Variable], given: Mapping[str, str], files: FileVariables
) -> Prepared:
    """Variables over the base, later ones first served last; ``given`` are those that the executor itself knows.

    A value that is not raw gets the runner's expansion: ``$CI_PROJECT_DIR`` and the paths of file variables become
    known only here, whatever is still unknown becomes empty. Names that no environment can hold are left out.
    """
    values: dict[str, str] = {}
    unexpanded: dict[str, str] = {}
    for variable in variables:
        name, value = variable.name, variable.value
        unexpanded.pop(name, None)
        if variable.file:
            value = files.write(name, value)
        elif "$" in value and not variable.raw:
            unexpanded[name] = value
        values[name] = value
    values.update(given)
    for name, value in unexpanded.items():
        if name not in given:
            values[name] = runner_expand(value, values)
    environ = dict(base)
    large: dict[str, str] = {}
    names, texts = "".join(values), "".join(values.values())
    if "" not in values and "=" not in names and "\0" not in names + texts and len(names) + 4 * len(texts) < _LARGEST:
        environ |= values  # all of them as they are, which is nearly always so
        return Prepared(environ, large, values)
    for name, value in values.items():
        if not name or "=" in name or "\0" in name:
            continue
        if len(value) * 4 + len(name) > _LARGEST and len(os.fsencode(f"{name}={value}")) >= _LARGEST:
            if _IDENTIFIER.fullmatch(name):
                large[name] = value
            environ.pop(name, None)
        else:
            environ[name] = value.replace("\0", "") if "\0" in value else value
    return Prepared(environ, large, values)


class FileVariables:
    """Writes file variables below a job's scratch folder, readable by its owner alone; ``shared``: by all, for a
    container whose user is another."""

    def __init__(self, folder: str, seen_as: str, *, shared: bool = False) -> None:
        self._folder = f"{folder}/variables"
        self._seen_as = f"{seen_as}/variables"
        self._modes = (0o755, 0o644) if shared else (0o700, 0o600)
        self._names: list[str] = []

    def write(self, name: str, value: str) -> str:
        """The path at which the job finds the value."""
        if not self._names:
            Path(self._folder).mkdir(self._modes[0])
        if name not in self._names:
            self._names.append(name)
        file = name if _IDENTIFIER.fullmatch(name) else f"variable-{self._names.index(name)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(f"{self._folder}/{file}", flags, self._modes[1])
        os.fchmod(handle, self._modes[1])  # whatever the umask
        with os.fdopen(handle, "wb") as stream:
            stream.write(value.encode("utf-8", "surrogateescape"))
        return f"{self._seen_as}/{file}"

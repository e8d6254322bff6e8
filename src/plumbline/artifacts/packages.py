"""How generic packages, their versions and files are called, and nothing else passes: no slash, no dots alone."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from plumbline.kernel import ErrorKind, PlumblineError, Text, legible, t

_NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9._+~@-]{1,255}", re.ASCII)


class FileName(NamedTuple):
    """A file of a version of a package."""

    package: str
    version: str
    file: str

    @property
    def stored(self) -> str:
        """What stands for the version of an artifact that is this file."""
        return f"{self.version}/{self.file}"


def file_name(package: str, version: str, file: str) -> FileName:
    """Raises PlumblineError ``package-name-invalid``."""
    for what, given in ((t("package"), package), (t("version"), version), (t("file"), file)):
        if not _NAME.fullmatch(given):
            raise _invalid(what, given)
    return FileName(package, version, file)


def package_url(path: str, name: FileName) -> str:
    """``pkg:generic/<path of the project>/<package>/<file>@<version>``: one version of it stands for one digest."""
    return f"pkg:generic/{quote(path)}/{quote(name.package)}/{quote(name.file)}@{quote(name.version, safe='')}"


def of_stored(name: str, version: str) -> FileName:
    """Of an artifact with this name and version, as :attr:`FileName.stored` made it."""
    plain, _, file = version.partition("/")
    return FileName(name, plain, file)


def _invalid(what: Text, given: str) -> PlumblineError:
    return PlumblineError(
        "package-name-invalid",
        t("'{name}' cannot be the name of a {what}", name=legible(given[:100]), what=what),
        t("It has letters, digits, '.', '_', '-', '+', '~' and '@', at most 255 of them, and not dots alone."),
        kind=ErrorKind.CONFIGURATION,
    )

"""The package that a vulnerability of a GitLab security report is in, as a package URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.reports.values import at, mapped, text

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_MANAGER = {
    "bundler": "gem", "cargo": "cargo", "composer": "composer", "conan": "conan", "go": "golang", "gradle": "maven",
    "maven": "maven", "npm": "npm", "nuget": "nuget", "pip": "pypi", "pipenv": "pypi", "pnpm": "npm", "poetry": "pypi",
    "sbt": "maven", "setuptools": "pypi", "uv": "pypi", "yarn": "npm",
}  # fmt: skip
_BY_SYSTEM = {
    "alpine": "apk", "amazon": "rpm", "centos": "rpm", "debian": "deb", "fedora": "rpm", "openeuler": "rpm",
    "oracle": "rpm", "photon": "rpm", "redhat": "rpm", "rhel": "rpm", "rocky": "rpm", "suse": "rpm", "ubuntu": "deb",
}  # fmt: skip

_SPACED = ("composer", "golang", "maven", "npm")  # a name begins with a namespace


def package_url(location: Mapping[str, Any], manager: str) -> str:
    """Empty where no package is named. ``manager``: of the file that it was found in; a package whose kind nobody
    knows is generic."""
    from packageurl import PackageURL

    dependency = mapped(location.get("dependency"))
    name = text(at(dependency, "package", "name"), 400)
    if not name:
        return ""
    system, _, release = text(location.get("operating_system"), 100).partition(":")
    system = system.lower().split(" ")[0]
    kind = _BY_MANAGER.get(manager.split(" ")[0].lower()) or _BY_SYSTEM.get(system, "generic")
    space, _, rest = (
        name.replace(":", "/").rpartition("/") if kind in ("maven", "npm", "golang", "composer") else ("", "", name)
    )
    at_system = kind in _BY_SYSTEM.values()
    distro = f"{system}-{release.strip()}" if at_system and release else ""
    try:
        made = PackageURL(
            type=kind,
            namespace=system if at_system else space,
            name=rest,
            version=text(dependency.get("version"), 200) or None,
            qualifiers={"distro": distro} if distro else None,
        )
        return made.to_string()
    except (ValueError, TypeError):  # the library fails on a name of spaces alone
        return ""

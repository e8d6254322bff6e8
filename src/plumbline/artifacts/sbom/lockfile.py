"""What a kind of lock file is, and what one of them says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import Text, t
from plumbline.model.report import Component, Defect

if TYPE_CHECKING:
    from typing import Any

MOST_BYTES = 64 * 1024 * 1024  # of one file
MOST_PACKAGES = 100_000
_LONGEST = 1000  # characters of a name or a version
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")  # a package URL has these as they are
_PLAIN_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")


class LockError(Exception):
    """A file that cannot be read as what its name says it is."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code)
        self.code, self.message = code, message


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """What one lock file pins. ``direct``: refs of what the project itself asks for; None: the file does not say.
    ``complete``: the file shows that nothing is missing; else ``defects`` has the reason."""

    components: tuple[Component, ...] = ()
    subject: Component | None = None
    direct: tuple[str, ...] | None = None
    complete: bool = True
    defects: tuple[Defect, ...] = ()


class LockFile(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the shelf ``artifacts/sbom/locks``. ``names``: patterns of the file's name; ``beside``: files of the
    same folder that ``read`` is handed too where they are there. ``covers``: names in the same folder that say less
    than this file does. ``read`` raises LockError, and msgspec's and Python's own errors of decoding, for what is no
    such file."""

    title: Text
    names: tuple[str, ...]
    read: Callable[[str, Mapping[str, str]], Locked]  # its text; the texts of the files beside it
    beside: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    reference: str = ""  # where the format is described


def package(
    kind: str,
    name: str,
    version: str = "",
    *,
    group: str = "",
    qualifiers: Mapping[str, str] | None = None,
    **more: Any,
) -> Component:
    """A component with its package URL, which is its ref as well. Raises LockError ``bad-package``."""
    from packageurl import PackageURL

    if not name or len(name) > _LONGEST or len(version) > _LONGEST or _unprintable(name + version + group):
        raise LockError("bad-package", t("A package has no name, or one that cannot be: '{name}'.", name=name[:80]))
    plain = not group and not qualifiers and _PLAIN_NAME.fullmatch(name) and _PLAIN_VERSION.fullmatch(version)
    try:
        if plain:
            purl = f"pkg:{kind}/{name}@{version}"
        else:
            purl = PackageURL(kind, group or None, name, version or None, dict(qualifiers or {}) or None).to_string()
    except ValueError as error:
        raise LockError("bad-package", t("A package has a name that cannot be: {reason}", reason=str(error))) from None
    except TypeError:  # of a name of blanks and strokes alone
        raise LockError(
            "bad-package", t("A package has no name, or one that cannot be: '{name}'.", name=name[:80])
        ) from None
    full = f"{group}/{name}" if group and kind in ("npm", "golang") else f"{group}:{name}" if group else name
    return Component(name=full, version=version, purl=purl, ref=purl, **more)


def merged(components: Iterable[Component]) -> tuple[Component, ...]:
    """Each ref once, by ref: what is pinned several times needs what any of them needs, and is in what runs if any
    is. Raises LockError ``too-many``."""
    found: dict[str, Component] = {}
    for one in components:
        other = found.get(one.ref)
        if other is not None:
            one = msgspec.structs.replace(  # noqa: PLW2901 - the two of them as one
                one,
                depends_on=_all(other.depends_on, one.depends_on),
                digests=_all(other.digests, one.digests),
                properties=tuple(sorted({*other.properties, *one.properties})),
                scope=min((other.scope, one.scope), key=("required", "", "optional", "excluded").index),
            )
        found[one.ref] = one
        if len(found) > MOST_PACKAGES:
            raise LockError("too-many", t("It names more than {most} packages.", most=MOST_PACKAGES))
    return tuple(found[ref] for ref in sorted(found))


def _all(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return one if one == other else tuple(sorted({*one, *other}))


def scoped(components: Iterable[Component], runs: Iterable[str], beside: Iterable[str]) -> tuple[Component, ...]:
    """With the scope that follows from who asks: what ``runs`` reaches is required; what only ``beside`` reaches, such
    as tools of developers, is excluded; of the others nothing is said."""
    components = tuple(components)
    needs = {one.ref: one.depends_on for one in components}
    required, excluded = reached(needs, runs), reached(needs, beside)
    return tuple(
        msgspec.structs.replace(
            one, scope="required" if one.ref in required else "excluded" if one.ref in excluded else one.scope
        )
        for one in components
    )


def reached(needs: Mapping[str, tuple[str, ...]], roots: Iterable[str]) -> set[str]:
    """All that these need, themselves included; circles do no harm."""
    found: set[str] = set()
    waiting = [ref for ref in roots if ref in needs]
    while waiting:
        ref = waiting.pop()
        if ref not in found:
            found.add(ref)
            waiting += [other for other in needs[ref] if other in needs and other not in found]
    return found


def file_digests(digests: Iterable[str]) -> dict[str, Any]:
    """Digests of the files that a package may come as: with one file it is the package's own."""
    each = tuple(sorted(set(digests)))
    if len(each) == 1:
        return {"digests": each}
    return {"properties": tuple(("plumbline:file-digest", one) for one in each)}


def incomplete(code: str, message: Text, where: str = "") -> dict[str, Any]:
    """For a file that does not show all there is."""
    return {"complete": False, "defects": (Defect(code, message, where),)}


def _unprintable(text: str) -> bool:
    return any(sign < " " or sign == "\x7f" for sign in text)

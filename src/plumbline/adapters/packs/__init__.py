"""Packs and overlays from files: those that come with the product, and an organisation's own."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from plumbline.adapters.packs.imported import ImportedPacks
from plumbline.adapters.packs.kept import KeptFiles, KeptPacks
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity import Pack, PackFile, lay_over, read_pack, refuse_depth
from plumbline.pipeline import did_you_mean

__all__ = [
    "DEFAULT",
    "ImportedPacks",
    "KeptFiles",
    "KeptPacks",
    "bindings",
    "load_pack",
    "shipped",
    "shipped_binding",
    "text_of",
]

DEFAULT = "continuous-delivery"
_SHIPPED = files("plumbline.maturity") / "standards"
_BINDINGS = files("plumbline.maturity") / "frameworks" / "bindings"


def shipped() -> tuple[str, ...]:
    """The ids of the packs that come with the product; the one whose thresholds are worked out first."""
    names = sorted(one.name.removesuffix(".yaml") for one in _SHIPPED.iterdir() if one.name.endswith(".yaml"))
    return (DEFAULT, *(name for name in names if name != DEFAULT))


def bindings() -> tuple[str, ...]:
    """The names of the bindings of catalogues of others that come with the product."""
    return tuple(sorted(one.name.removesuffix(".yml") for one in _BINDINGS.iterdir() if one.name.endswith(".yml")))


def shipped_binding(name: str) -> str:
    return (_BINDINGS / f"{name}.yml").read_text(encoding="utf-8")


def load_pack(name: str = DEFAULT, overlays: tuple[str, ...] = ()) -> PackFile:
    """A shipped pack by its id, or one from a file, with overlays laid over it in their order.

    Raises PlumblineError ``no-such-pack``, ``pack-wrong``, ``file-unusable``.
    """
    if name in shipped():
        if not overlays:
            return _shipped(name)
        pack = _shipped(name).pack
    elif name.endswith((".yaml", ".yml", ".json")):
        pack = read_pack(_text(name), name)  # JSON is YAML
    else:
        raise PlumblineError(
            "no-such-pack",
            t("There is no pack '{name}'; there are: {names}.", name=name, names=", ".join(shipped())),
            did_you_mean(name, shipped()) or t("Name one of these, or a file that ends in .yaml."),
            kind=ErrorKind.CONFIGURATION,
        )
    return PackFile(_laid_over(pack, overlays))


def _laid_over(pack: Pack, overlays: tuple[str, ...]) -> Pack:
    for overlay in overlays:
        pack = lay_over(pack, _text(overlay), overlay)
    return pack


@lru_cache
def _shipped(name: str) -> PackFile:
    return PackFile(read_pack((_SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml"))


def text_of(path: str) -> str:
    """Of a file that somebody named. Raises PlumblineError ``file-unusable``."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise PlumblineError(
            "file-unusable",
            t("{path} cannot be used: {reason}", path=path, reason=reason),
            t("Check the path, its permissions and the free space."),
            kind=ErrorKind.CONFIGURATION,
        ) from None


def _text(path: str) -> str:
    text = text_of(path)
    refuse_depth(text, path)
    return text

"""An organisation's own thresholds, texts and switched-off items, laid over a pack without touching it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t
from plumbline.maturity.comparing import compare_packs
from plumbline.maturity.exempting import most_off
from plumbline.maturity.pack import FORMAT, Pack, Switch
from plumbline.maturity.reading import Source, blame, mistakes_in
from plumbline.model.assessment import Changed, Laid
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.kernel import Text


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    version: str
    of: str  # id of the pack
    by: str = ""  # who answers for it


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``set`` replaces fields as they stand in a pack; ``at`` changes thresholds of signals, by fact."""

    set: dict[str, Any] = {}
    at: dict[str, dict[str, Any]] = {}
    off: Switch | None = None


class Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    overlay: _Head
    roll_up: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    items: dict[str, _Change] = {}
    criteria: dict[str, _Change] = {}


def lay_over(pack: Pack, text: str, name: str) -> Pack:
    """The pack as the overlay changes it. Raises PlumblineError ``pack-wrong`` with the line of what does not fit."""
    source = Source(text, name)
    overlay = source.convert(Overlay)
    if overlay.format != FORMAT or overlay.overlay.of != pack.id:
        raise source.wrong(
            source.line(("overlay", "of")),
            t("This overlay is for the pack '{of}' in format {format}.", of=overlay.overlay.of, format=overlay.format),
        )
    plain = msgspec.to_builtins(pack)
    items = {item["id"]: item for item in _items(plain["groups"])}
    criteria = {one["id"]: one for item in items.values() for level in item["levels"].values() for one in level}
    for kind, found, changes in (("items", items, overlay.items), ("criteria", criteria, overlay.criteria)):
        for id_, change in changes.items():
            message = _apply(found.get(id_), change)
            if message is not None:
                raise source.wrong(source.line((kind, id_)), message)
    for field, values in (("roll_up", overlay.roll_up), ("defaults", overlay.defaults)):
        plain[field] = plain.get(field, {}) | values
    plain["overlays"] = [*plain.get("overlays", ()), f"{overlay.overlay.id} {overlay.overlay.version}"]
    try:
        made = msgspec.convert(plain, ready(Pack))
    except msgspec.ValidationError as error:
        reason, path = blame(plain, Pack, error)
        ancestors = _line(source, overlay, plain, path)
        raise source.wrong(ancestors, t("With this overlay the pack is not valid: {reason}.", reason=reason)) from None
    for path, message in mistakes_in(made):
        raise source.wrong(_line(source, overlay, plain, path), message)
    off = sum(item.off is not None for item in made.every_item())
    if off > most_off(made):
        message = t("It switches off {count} items; the pack allows {most}.", count=off, most=int(most_off(made)))
        raise source.wrong(source.line(("items",)), message)
    changed = tuple(
        Changed(rule=one.id, what=one.what, before=one.before, after=one.after) for one in compare_packs(pack, made)
    )
    head = overlay.overlay
    laid = Laid(id=head.id, version=head.version, by=head.by, changes=changed)
    return msgspec.structs.replace(made, laid=(*pack.laid, laid))


def _line(source: Source, overlay: Overlay, plain: Any, path: tuple[Any, ...]) -> int:
    """Of what in the overlay made this place of the pack wrong."""
    found: tuple[str, ...] = tuple(path[:2]) if path[:1] in (("roll_up",), ("defaults",)) else ()
    for step in path:
        plain = plain[step] if isinstance(plain, list | tuple) or step in plain else {}
        id_ = plain.get("id", "") if isinstance(plain, dict) else ""
        if id_ in overlay.items or id_ in overlay.criteria:
            found = ("items" if id_ in overlay.items else "criteria", id_)
    return source.line(found)


def _items(groups: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for group in groups:
        yield from group.get("items", ())
        yield from _items(group.get("groups", []))


def _apply(target: dict[str, Any] | None, change: _Change) -> Text | None:
    """Change what the overlay changes; a message where there is nothing to change."""
    if target is None:
        return t("The pack has nothing of this id.")
    target.update(change.set)
    for fact, values in change.at.items():
        signals = [signal for signal in target.get("signals", ()) if signal["fact"] == fact and "at" in signal]
        if not signals:
            return t("No threshold here is about '{fact}'.", fact=fact)
        for signal in signals:
            signal["at"] = signal["at"] | {"source": "owner"} | values
    if change.off is not None:
        if not change.off.stands:
            return t("To switch an item off takes a reason and a second person.")
        target["off"] = msgspec.to_builtins(change.off)
    return None

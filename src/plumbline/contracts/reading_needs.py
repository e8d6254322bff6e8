"""One line of a contract, as it is written."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import yaml

from plumbline.contracts.kinds import kinds
from plumbline.contracts.yaml_nodes import Fields, nearest
from plumbline.kernel import t
from plumbline.model.contract import Need, SubjectKind
from plumbline.model.report import Layer
from plumbline.model.words import Words

if TYPE_CHECKING:
    from plumbline.contracts.reading_parts import Reader

_KEYS = ("id", "title", "kind", "any", "of", "each", "covers", "tool", "layer", "min", "made_by", "from", "runner",
         "unless", "maps")  # fmt: skip
_WORD = re.compile(r"own|forge(:[a-z][a-z0-9_]{0,39})?|(source|person)(:\S.{0,199})?")
_MAP = re.compile(r"[^/\s][^/]*/\S.*")
LAYERS = tuple(layer.value for layer in Layer if layer.value)


def read_need(reader: Reader, node: Any) -> Need:
    """With problems for whatever is wrong."""
    fields = Fields(node, _KEYS, reader.problems, "need")
    id_ = reader.name(fields, "id")
    if not isinstance(node, yaml.MappingNode):
        return Need(id=id_, title=Words(id_, id_), kinds=(), of=SubjectKind.COMMIT)
    found = _kinds(reader, fields, id_)
    of = reader.chosen(fields, "of", SubjectKind, SubjectKind.COMMIT, f"need:{id_}:of")
    _check_subject(reader, fields, id_, found, of)
    each = fields.flag("each")
    if each and of is not SubjectKind.ARTIFACT:
        message = t("`each` is once for each artifact, and '{id}' is about the {of}.", id=id_, of=of.value)
        reader.problems.add("each-of-one", fields.at("each"), message, keyword=f"need:{id_}:each")
    return Need(
        id=id_,
        title=reader.words(fields, "title") or Words(id_, id_),
        kinds=found,
        of=of,
        each=each,
        covers=fields.texts("covers"),
        layer=_layer(reader, fields, id_, found),
        tools=fields.texts("tool"),
        at_least=_at_least(reader, fields, id_, found),
        made_by=_made_by(reader, fields, id_),
        runners=fields.texts("runner"),
        unless=reader.unless(fields),
        maps=_maps(reader, fields, id_),
    )


def _kinds(reader: Reader, fields: Fields, id_: str) -> tuple[str, ...]:
    if ("kind" in fields) == ("any" in fields):
        message = t("The need '{id}' has either `kind`, or `any` with a list of kinds.", id=id_)
        reader.problems.add("kind-missing", fields.node, message, keyword=f"need:{id_}:kind")
    found = []
    for node, name in fields.items("kind", "any"):
        if name in kinds():
            found.append(name)
            continue
        message = t("There is no kind of evidence '{name}'.", name=name)
        reader.problems.add("unknown-kind", node, message, nearest(name, kinds().keys()), f"need:{id_}:kind")
    return tuple(found)


def _check_subject(reader: Reader, fields: Fields, id_: str, found: tuple[str, ...], of: SubjectKind) -> None:
    for name in found:
        about = kinds()[name].of
        if "of" in fields and of not in about:
            message = t("Evidence of the kind '{kind}' is never about the {of}.", kind=name, of=of.value)
            hint = t("It is about: {names}.", names=", ".join(one.value for one in about))
            reader.problems.add("wrong-subject", fields.at("of"), message, hint, f"need:{id_}:of")


def _layer(reader: Reader, fields: Fields, id_: str, found: tuple[str, ...]) -> str:
    layer = fields.text("layer")
    if layer and layer not in LAYERS:
        message = t("'{word}' is no layer of tests.", word=layer)
        reader.problems.add("unknown-layer", fields.at("layer"), message, nearest(layer, LAYERS), f"need:{id_}:layer")
    elif layer and any(layer not in kinds()[name].layers for name in found):
        names = ", ".join(name for name in found if layer not in kinds()[name].layers)
        message = t("The layer '{layer}' is never told of: {names}.", layer=layer, names=names)
        reader.problems.add("no-layer", fields.at("layer"), message, keyword=f"need:{id_}:layer")
    return layer


def _at_least(reader: Reader, fields: Fields, id_: str, found: tuple[str, ...]) -> dict[str, float]:
    node = fields.get("min")
    if node is None:
        return {}
    keyword = f"need:{id_}:min"
    every = [kinds()[name].counts for name in found]
    known = tuple(name for name in (every[0] if every else ()) if all(name in counts for counts in every))
    inner = Fields(node, known, reader.problems, keyword) if found else None
    made = {}
    for name in known if inner is not None else ():
        if inner is None or name not in inner:
            continue
        number = _number(inner.text(name))
        if number is None:
            message = t("'{key}' is a number, 0 or more.", key=name)
            reader.problems.add("wrong-number", inner.at(name), message, keyword=f"{keyword}:{name}")
        else:
            made[name] = number
    return made


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _made_by(reader: Reader, fields: Fields, id_: str) -> tuple[str, ...]:
    found = []
    for node, word in fields.items("made_by", "from"):
        if _WORD.fullmatch(word):
            found.append(word)
            continue
        message = t("'{word}' is nobody whose word could count.", word=word)
        hint = t("Write own, forge, forge:KIND, source, source:NAME, person or person:NAME.")
        reader.problems.add("unknown-word", node, message, hint, f"need:{id_}:made_by")
    return tuple(found)


def _maps(reader: Reader, fields: Fields, id_: str) -> tuple[str, ...]:
    found = []
    for node, name in fields.items("maps"):
        if not _MAP.fullmatch(name):
            message = t("'{name}' is not of the form framework/requirement.", name=name)
            reader.problems.add("wrong-map", node, message, keyword=f"need:{id_}:maps")
        found.append(name)
    return tuple(found)

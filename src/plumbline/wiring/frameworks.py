"""Catalogues of controls in files, and what there is to write of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.adapters.packs import bindings, load_pack, shipped, shipped_binding, text_of
from plumbline.facts import definitions
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity import PackFile, digest_of
from plumbline.maturity.frameworks import make_pack, read_binding, read_gemara, read_oscal
from plumbline.model.assessment import Assessment
from plumbline.model.ready import ready
from plumbline.pipeline import did_you_mean
from plumbline.wiring.assessments import imported_packs, open_assessments
from plumbline.wiring.local import data_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.maturity.frameworks import Catalogue, Imported
    from plumbline.model.gate import Evaluation

FORMS = ("gemara", "oscal")


class Asked(NamedTuple):
    """``binding``: the name of one that comes along, or a file. ``levels``: from the lowest to the highest."""

    files: Sequence[str]
    form: str
    binding: str = ""
    levels: Sequence[str] = ()
    id: str = ""


def import_pack(asked: Asked) -> Imported:
    """Raises PlumblineError ``framework-wrong``, ``pack-wrong``, ``framework-levels``, ``file-unusable``."""
    texts = [(name, text_of(name)) for name in asked.files]
    catalogue = read_gemara(texts) if asked.form == "gemara" else read_oscal(texts, asked.id)
    binding = None
    if asked.binding:
        name, text = _binding(asked.binding)
        binding = read_binding(text, name, catalogue, definitions())
    return make_pack(_called(catalogue, asked), binding, asked.levels)


def _called(catalogue: Catalogue, asked: Asked) -> Catalogue:
    return msgspec.structs.replace(catalogue, id=asked.id) if asked.id else catalogue


def _binding(name: str) -> tuple[str, str]:
    if name in bindings():
        return f"{name}.yml", shipped_binding(name)
    if not name.endswith((".yml", ".yaml", ".json")):
        raise PlumblineError(
            "no-such-binding",
            t("There is no binding '{name}'; there are: {names}.", name=name, names=", ".join(bindings())),
            did_you_mean(name, bindings()) or t("Name one of these, or a file that ends in .yml."),
            kind=ErrorKind.CONFIGURATION,
        )
    return name, text_of(name)


def keep_pack(made: Imported, data: str | None) -> None:
    """In the data folder, so that a server grades with it. Raises PlumblineError ``pack-name``."""
    imported_packs(data_folder(data)).keep(made.pack, shipped())


def assessment_in(path: str, pack: str) -> tuple[Assessment, PackFile]:
    """What `plumb assess --json` wrote, and the pack that it was made with.

    Raises PlumblineError ``assessment-wrong``, and as :func:`load_pack` does."""
    try:
        made = msgspec.json.decode(text_of(path).encode(), type=ready(Assessment))
    except msgspec.MsgspecError as error:
        raise _wrong(path, t("This is no assessment: {reason}.", reason=error)) from None
    if digest_of(made) != made.digest:
        raise _wrong(path, t("It is not as it was written: its digest is another."))
    file = load_pack(pack)
    if file.digest != made.pack_digest:
        raise _wrong(path, t("It was made with another pack than {pack}.", pack=pack))
    return made, file


def _wrong(path: str, message: object) -> PlumblineError:
    return PlumblineError(
        "assessment-wrong",
        t("{path}: {message}", path=path, message=message),
        t("Give what `plumb assess PATH --pack FILE --json` printed, and the same pack."),
        kind=ErrorKind.REFUSED,
    )


def evaluation_in(uid: str, data: str | None, database: str | None) -> Evaluation:
    """Of a gate, as the store has it. Raises PlumblineError ``no-such-evaluation``."""
    with open_assessments(data, database) as tools, tools.units.store.view() as tx:
        found = tx.evaluations.of_uid(uid)
    if found is None:
        raise PlumblineError(
            "no-such-evaluation",
            t("There is no gate evaluation '{uid}' here.", uid=uid),
            t("`plumb gate history` lists them."),
            kind=ErrorKind.REFUSED,
        )
    return found

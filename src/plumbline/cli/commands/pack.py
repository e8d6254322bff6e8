"""``plumb pack``: catalogues of controls that others publish, made into models; and grades in the words of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.errors import OK
from plumbline.cli.help import CONTEXT, Choice, Group, command, language_option, option
from plumbline.cli.keys import written_whole
from plumbline.cli.options import wrong_usage
from plumbline.cli.serving import store_options
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.maturity import PackFile
    from plumbline.maturity.frameworks import Imported
    from plumbline.model.assessment import Assessment

_FORMS = ("gemara", "oscal")
_LOGS = ("evaluation-log", "enforcement-log", "vsa")


@language_option
def _pack() -> None:
    pass


PART = click.command(
    "pack",
    cls=Group,
    text=t("Make a model from a catalogue of controls, and write results in the forms of others."),
    details=(
        t("A catalogue says what is asked for and never what decides it. That stands in a binding: requirement to fact "
          "and threshold, or to a statement. Whatever is bound to nothing is unknown, and unknown is never a pass."),
    ),
    context_settings=CONTEXT,
)(_pack)  # fmt: skip


@command(
    "import",
    t("Make a model from a catalogue of controls."),
    t("Several files are the parts of one catalogue."),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option("--format", "form", type=Choice(_FORMS), required=True, text=t("The form of the catalogue."))
@option("--binding", default="", metavar="NAME|FILE",
        text=t("Which facts decide the requirements: a binding that comes along, or a file."))  # fmt: skip
@option("--levels", default="", metavar="A,B,...",
        text=t("The places of application that are levels, the lowest first. It is never guessed."))  # fmt: skip
@option("--id", "id_", default="", metavar="ID", text=t("What to call the model (default: as the catalogue)."))
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", text=t("Write the model into this file."))
@option("--keep", is_flag=True, text=t("Keep it in the data folder, so that a server grades with it."))
@store_options
def import_command(
    files: tuple[str, ...], form: str, binding: str, levels: str, id_: str, out: str | None, keep: bool,
    data: str | None, database: str | None,
) -> None:  # fmt: skip
    from plumbline.maturity import canonical
    from plumbline.wiring.frameworks import Asked, import_pack, keep_pack

    del database  # it stands beside --data everywhere
    order = tuple(name for word in levels.split(",") if (name := word.strip()))
    made = import_pack(Asked(files, form, binding, order, id_))
    if out:
        with written_whole(out) as file:
            file.write(canonical(made.pack) + b"\n")
    if keep:
        keep_pack(made, data)
    _tell(made)


def _tell(made: Imported) -> None:
    from plumbline.maturity import PackFile

    pack, retired = made.pack, made.pack.framework.retired if made.pack.framework else ()
    click.echo(t("{id} version {version}: {name}, {items} items, {criteria} criteria, {digest}", id=pack.id,
                 version=pack.version, name=pack.name, items=len(pack.every_item()),
                 criteria=len(made.bound) + len(made.unbound), digest=PackFile(pack).digest[:19]))  # fmt: skip
    counted = ", ".join(f"{level.id} {sum(len(one.levels.get(level.id, ())) for one in pack.every_item())}"
                        for level in pack.levels)  # fmt: skip
    click.echo(t("asked for from each level on: {counts}", counts=counted))
    click.echo(t("bound: {bound} of {all}", bound=len(made.bound), all=len(made.bound) + len(made.unbound)))
    for text, names in (
        (t("bound to nothing, and so unknown"), made.unbound),
        (t("retired, asked of nobody"), [one.id for one in retired]),
        (t("asked for above its level too, though the catalogue names that level only"), made.narrow),
        (t("applies at none of the levels, and is left out"), made.outside),
    ):
        if names:
            click.echo(f"{text} ({len(names)}): {', '.join(names)}")


@command(
    "export",
    t("Write an assessment, or what a gate did, in a form that others read."),
    t("An evaluation log is of an assessment: by its entry in the ledger, or by the JSON of `plumb assess --json` and "
      "its model. An enforcement log and a verification summary are of a gate: by the id of its evaluation."),
)  # fmt: skip
@click.argument("seq", type=click.IntRange(1), required=False, metavar="[ENTRY]")
@option("--format", "form", type=Choice(_LOGS), default="evaluation-log", text=t("What to write."))
@option("--assessment", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
        text=t("The JSON of an assessment, in place of an entry of the ledger."))  # fmt: skip
@option("--pack", default="", metavar="ID|FILE", text=t("The model that it was made with."))
@option("--gate", default="", metavar="ID", text=t("The gate evaluation."))
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", required=True, text=t("Write this file."))
@store_options
def export_command(
    seq: int | None, form: str, assessment: str | None, pack: str, gate: str, out: str,
    data: str | None, database: str | None,
) -> int:  # fmt: skip
    if form == "evaluation-log":
        if gate or bool(assessment) != bool(pack):
            raise wrong_usage("what-to-export", t("An evaluation log takes --assessment with --pack, or an entry."))
        written = _evaluation(seq, assessment, pack, data, database)
    else:
        if not gate or assessment or pack or seq:
            raise wrong_usage("what-to-export", t("This form is about a gate: name its evaluation with --gate."))
        written = _enforcement(form, gate, data, database)
    with written_whole(out) as file:
        file.write(written)
    click.echo(t("Wrote {path}.", path=out))
    return OK


def _evaluation(seq: int | None, path: str | None, pack: str, data: str | None, database: str | None) -> bytes:
    from plumbline import __version__
    from plumbline.maturity.frameworks import evaluation_log
    from plumbline.wiring.frameworks import assessment_in

    made, file = assessment_in(path, pack) if path else _from_ledger(seq, data, database)
    return _yaml(evaluation_log(made, file, __version__))


def _from_ledger(seq: int | None, data: str | None, database: str | None) -> tuple[Assessment, PackFile]:
    from plumbline.cli.assessment_records import record_of
    from plumbline.flow.assessments.assess_ledger import assessment_of
    from plumbline.wiring.assessments import open_assessments

    with open_assessments(data, database) as tools:
        record = record_of(tools, seq)
        made, file = assessment_of(tools, record), tools.kept_pack(record.pack)
    assert file is not None  # noqa: S101 - it was graded with it
    return made, file


def _enforcement(form: str, gate: str, data: str | None, database: str | None) -> bytes:
    from plumbline import __version__
    from plumbline.maturity.frameworks import enforcement_log, verification_summary
    from plumbline.wiring.frameworks import evaluation_in

    one = evaluation_in(gate, data, database)
    if form == "vsa":
        return verification_summary(one, f"urn:plumbline:{one.node or 'gates'}") + b"\n"
    return _yaml(enforcement_log(one, __version__))


def _yaml(value: dict[str, Any]) -> bytes:
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110)
    return text.encode()


for _part in (import_command, export_command):
    PART.add_command(_part)

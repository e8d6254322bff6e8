"""``plumb assess``: grade a repository, or what a server's ledger tells; export a grade and compute it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.assessment_records import record_of
from plumbline.cli.errors import JOB_FAILED, OK
from plumbline.cli.help import CONTEXT, Command, command, language_option, option
from plumbline.cli.keys import given_keys, unusable, written_whole
from plumbline.cli.options import colour_option, wrong_usage
from plumbline.cli.serving import store_options
from plumbline.kernel import ErrorKind, PlumblineError, language, t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from plumbline.cli.display.words import Paint
    from plumbline.kernel import Text
    from plumbline.maturity import Beside, PackFile
    from plumbline.model.assessment import Assessment, ItemGrade

DIFFERS = JOB_FAILED


class Group(click.Group, Command):
    """Several commands under one name; anything else is taken for a repository."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = 0  # words that are options of the group itself
        while own < len(args) and args[own].partition("=")[0] == "--language":
            own += 1 if "=" in args[own] else 2
        if own == len(args) or (own < len(args) and args[own] not in ("-h", "--help", *self.commands)):
            args = [*args[:own], "repository", *args[own:]]
        return super().parse_args(ctx, args)


@language_option
def _assess() -> None:
    pass


PART = click.command(
    "assess",
    cls=Group,
    text=t("Grade a repository, or what a server's ledger tells, against a maturity model."),
    details=(
        t("`plumb assess PATH` needs no server: it looks at the repository's history and files, and says what they "
          "show, what they do not, and what comes next. A repository alone shows little; the rest is unknown, "
          "and unknown is never a pass."),
    ),
    context_settings=CONTEXT,
)(_assess)  # fmt: skip

_pack = option("--pack", default="continuous-delivery", metavar="ID|FILE",
               text=t("The model: one that comes along (`plumb assess packs`) or a file."))  # fmt: skip
_level = option("--level", metavar="N", default="", text=t("Show what is missing for this level."))
_explain = option("--explain", metavar="ITEM", text=t("Open one item down to its events."))
_proofs = option("--proofs", "wants_proofs", is_flag=True,
                 text=t("List what assessors ask to see, and where each proof comes from."))  # fmt: skip
_json = option("--json", "as_json_", is_flag=True, text=t("As JSON."))
_html = option("--html", type=click.Path(dir_okay=False), metavar="FILE", text=t("Write the report as HTML."))
_form = option("--form", type=click.Choice(["full", "short"]), default="full",
               text=t("Of a report: all of it, or what a board reads, on at most 8 pages."))  # fmt: skip
_pdf = option("--pdf", type=click.Path(dir_okay=False), metavar="FILE", text=t("Write the report as PDF."))


def _clean(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    """An argument may have any bytes; the name of a node is UTF-8."""
    return given.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _shown(function: Any) -> Any:
    for decorate in (_form, _pdf, _html, _json, _proofs, _explain, _level, colour_option):
        function = decorate(function)
    return function


@command("repository", t("Grade a repository by its history and its files (the default)."))
@click.argument("path", default=".", metavar="[PATH|URL]")
@_pack
@option("--overlay", "overlays", multiple=True, metavar="FILE",
        text=t("An organisation's own thresholds and texts, laid over the model; repeatable."))  # fmt: skip
@option("--ref", metavar="REV", text=t("Look at this branch, tag or commit (default: the default branch)."))
@option("--items", is_flag=True, text=t("Show every item of the model, also those that git shows nothing of."))
@_shown
def repository_command(
    path: str, pack: str, overlays: tuple[str, ...], ref: str | None, items: bool, **shown: Any
) -> int:
    import os

    from plumbline.cli.display.grades import summary_lines
    from plumbline.cli.display.history import figure_lines, figures_plain, spoken_lines
    from plumbline.maturity import Beside
    from plumbline.pipeline import did_you_mean
    from plumbline.wiring.assessments import assess_repository, load_pack

    if not os.path.exists(path) and (nearest := did_you_mean(path, list(PART.commands))):
        raise wrong_usage("no-such-folder", t("There is no folder {path}.", path=path), nearest)
    found = assess_repository(path, pack, overlays, ref)
    made, level = found.assessment, shown["level"]

    def overview(paint: Paint, width: int) -> Iterator[str]:
        yield from figure_lines(found.figures, found.end, made.scope.subject, paint, width)
        yield ""
        yield from (
            summary_lines(made, paint, level=level, width=width) if items or level else spoken_lines(made, paint, width)
        )

    more = {"history": figures_plain(found.figures, found.end)}
    cut = [made.scope.subject] if found.shallow else []
    file = load_pack(pack, overlays)
    return _show(
        made, file, cut, **shown, beside=lambda: Beside(pack=file.pack, told=found.told()), overview=overview, more=more
    )


@command("now", t("Grade a project or a system by what the ledger tells, and record the result."))
@click.argument("node", metavar="NODE", callback=_clean)
@_pack
@option("--dry-run", is_flag=True, text=t("Record nothing."))
@_shown
@store_options
def now_command(node: str, pack: str, dry_run: bool, data: str | None, database: str | None, **shown: Any) -> int:
    from plumbline.flow.assessments.assess_ledger import assess_now, cut_histories, grade_now, need_records
    from plumbline.flow.assessments.report import report_for_operator
    from plumbline.wiring.assessments import open_assessments

    with open_assessments(data, database) as tools:
        need_records(tools, node)
        file = tools.load_pack(pack)
        made, record = (grade_now(tools, node, pack), None) if dry_run else assess_now(tools, node, pack)
        return _show(
            made, file, cut_histories(tools, node), **shown,
            beside=lambda: report_for_operator(tools, made, record, file.pack),
        )  # fmt: skip


@command("list", t("Show the assessments in the ledger, the newest first."))
@click.argument("node", required=False, default="", metavar="[NODE]", callback=_clean)
@_json
@store_options
def list_command(node: str, as_json_: bool, data: str | None, database: str | None) -> None:
    from plumbline.cli.display.events import as_json
    from plumbline.cli.display.table import table
    from plumbline.flow.assessments.assess_ledger import need_records, records
    from plumbline.wiring.assessments import open_assessments

    with open_assessments(data, database) as tools:
        found = records(tools, node)
        if node and not found:
            need_records(tools, node)
    if as_json_:
        import msgspec

        click.echo(as_json([msgspec.to_builtins(one) for one in found]))
        return
    head = (t("entry"), t("node"), t("model"), t("level"), t("showable here"), t("up to"), t("as of"), t("result"))
    rows = [(one.seq, one.path, f"{one.standard} {one.version}", one.grade or "-",
             (one.showable or "-") if one.heard else "", one.ceiling or "-", one.as_of, one.result[7:19])
            for one in found]  # fmt: skip
    for line in table(head, rows, right=frozenset({0, 6})):
        click.echo(line)


@command(
    "export",
    t("Write an assessment into one file that anybody can compute again."),
    t("The number is that of its entry in the ledger (`plumb assess list`); without one, the newest is written."),
)
@click.argument("seq", type=click.IntRange(1), required=False, metavar="[ENTRY]")
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", required=True, text=t("Write this file."))
@store_options
def export_command(seq: int | None, out: str, data: str | None, database: str | None) -> None:
    from plumbline.flow.assessments.assess_ledger import export
    from plumbline.wiring.assessments import open_assessments

    with open_assessments(data, database) as tools:
        record = record_of(tools, seq)
        with written_whole(out) as file:
            export(tools, record, file)
    click.echo(t("Wrote {path}: {node}, level {level}, result {result}", path=out, node=record.path,
                 level=record.grade or "-", result=record.result))  # fmt: skip


@command(
    "replay",
    t("Verify a file of `plumb assess export` and compute its result again, offline."),
    t("Exit status: 0 the same result, 1 something differs; what differs is named."),
)
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False), metavar="BUNDLE")
@option("--key", "keys", multiple=True, metavar="KEY", required=True,
        text=t("A public key, NAME+FINGERPRINT+BASE64, or a file with it; repeatable."))  # fmt: skip
@option(
    "--report",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    text=t("Write the report as well, where the result is the same: FILE ends in .pdf or .html."),
)
@option(
    "--sample",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    text=t("Draw so many events at random, to be checked by hand."),
)
@option("--seed", type=click.IntRange(0), metavar="SEED", text=t("Draw the same sample again."))
@_form
@_json
def replay_command(
    bundle: str, keys: tuple[str, ...], report: str | None, sample: int, seed: int | None, form: str, as_json_: bool
) -> int:  # fmt: skip
    import secrets
    from pathlib import Path

    from plumbline.cli.display.events import as_json
    from plumbline.cli.display.replays import replay_json, replay_lines
    from plumbline.cli.display.screen import paint_for, say, width
    from plumbline.flow.assessments.replay import replay
    from plumbline.flow.assessments.report import report_from_file
    from plumbline.wiring.assessments import shipped_pack

    kind = Path(report).suffix.lower().removeprefix(".") if report else ""
    if report and kind not in ("pdf", "html"):
        raise wrong_usage("no-such-form", t("A report ends in .pdf or .html, and not as '{name}' does.", name=report))
    with Path(bundle).open("rb") as file:
        found = replay(file, given_keys(keys), shipped_pack)
    drawn = secrets.randbelow(1 << 32) if seed is None else seed
    if as_json_:
        click.echo(as_json(replay_json(found, sample, drawn)))
    else:
        for line in replay_lines(found, sample, drawn, paint_for(None), width()):
            say(line)
    if report and found.same:
        _write(report, found.computed, kind, form, report_from_file(found))
    elif report:
        click.echo(t("No report was written: the file does not hold."), err=True)
    return OK if found.same else DIFFERS


@command(
    "compare",
    t("Show what changed between two assessments: in practice, by exemptions and statements, and in the rule."),
)
@click.argument("before", type=click.IntRange(1), metavar="ENTRY")
@click.argument("after", type=click.IntRange(1), metavar="ENTRY")
@store_options
def compare_command(before: int, after: int, data: str | None, database: str | None) -> None:
    from plumbline.flow.assessments.assess_ledger import compare
    from plumbline.wiring.assessments import open_assessments

    with open_assessments(data, database) as tools:
        items, rules = compare(tools, record_of(tools, before), record_of(tools, after))
    for item in items:
        if item.practice_changed:
            click.echo(t("practice changed: {item} {before} -> {after}", item=item.item, before=item.before or "-",
                         after=item.same_word or "-"))  # fmt: skip
        if item.word_changed:
            click.echo(t("exemption or statement changed: {item} {before} -> {after}", item=item.item,
                         before=item.same_word or "-", after=item.same_rule or "-"))  # fmt: skip
        if item.rule_changed:
            click.echo(t("rule changed: {item} {before} -> {after}", item=item.item, before=item.same_rule or "-",
                         after=item.after or "-"))  # fmt: skip
    for rule in rules:
        click.echo(t("rule: {id} {fields}: {before} -> {after}", id=rule.id, fields=", ".join(rule.what),
                     before=rule.before or "-", after=rule.after or "-"))  # fmt: skip
    if not items and not rules:
        click.echo(t("Nothing changed."))


@command("packs", t("Show the models that come along, or check a file of your own."))
@click.argument("files", nargs=-1, metavar="[PACK [OVERLAY...]]")
def packs_command(files: tuple[str, ...]) -> None:
    from plumbline.wiring.assessments import load_pack, shipped

    chosen = [load_pack(files[0], files[1:])] if files else [load_pack(name) for name in shipped()]
    for one in chosen:
        pack = one.pack
        click.echo(t("{id} version {version}: {name}, {items} items, {criteria} criteria, {digest}", id=pack.id,
                     version=pack.version, name=pack.name, items=len(pack.every_item()),
                     criteria=len(one.criteria), digest=one.digest[:19]))  # fmt: skip


for _part in (repository_command, now_command, list_command, export_command, replay_command, compare_command,
              packs_command):  # fmt: skip
    PART.add_command(_part)


def _show(
    made: Assessment, pack: PackFile, cut: Sequence[str], level: str, explain: str | None, wants_proofs: bool,
    as_json_: bool, html: str | None, pdf: str | None, form: str, colour: bool | None,
    beside: Callable[[], Beside],
    overview: Callable[[Paint, int], Iterable[str]] | None = None, more: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """``cut``: the projects of whose history only a part was there. ``beside``: what a report says besides.
    ``overview``: lines for a terminal of some width, where not the usual ones; ``more``: what stands in the JSON
    besides."""
    from plumbline.cli.display.events import as_json
    from plumbline.cli.display.grades import item_lines, proof_lines, summary_lines
    from plumbline.cli.display.screen import paint_for, say, width
    from plumbline.maturity import plain, proofs

    if level and level not in dict(made.levels):
        names = ", ".join(name for name, _ in made.levels)
        raise wrong_usage("no-such-level", t("There is no level '{level}'; there are: {names}.", level=level,
                                             names=names))  # fmt: skip
    for path, kind in ((html, "html"), (pdf, "pdf")):
        if path:
            _write(path, made, kind, form, beside())
    if as_json_:
        click.echo(as_json({**plain(made), **(more or {})}))
    elif explain is not None:
        for line in item_lines(_item(made, explain), paint_for(colour), heard=bool(made.scope.heard)):
            say(line)
    elif wants_proofs:
        for line in proof_lines(proofs(pack.pack, made), level, width()):
            say(line)
    elif not (html or pdf):
        paint = paint_for(colour)
        for line in overview(paint, width()) if overview else summary_lines(made, paint, level=level, width=width()):
            say(line)
    for project in cut:
        click.echo(_cut(project), err=bool(as_json_ or explain or wants_proofs or html or pdf))
    return OK


def _cut(project: str) -> Text:
    return t(
        "Only a part of the history of {project} was there (a shallow clone): figures about its history are not "
        "whole. `git fetch --unshallow` brings the rest.",
        project=project,
    )


def _write(path: str, made: Assessment, kind: str, form: str, beside: Beside) -> None:
    from pathlib import Path

    from plumbline.wiring.assessments import render_assessment

    rendered = render_assessment(made, language(), kind, form, beside)
    try:
        Path(path).write_bytes(rendered.data)
    except OSError as error:
        raise unusable(path, error) from error
    click.echo(t("Wrote {path}.", path=path), err=True)
    for warning in rendered.warnings:
        click.echo(warning, err=True)


def _item(made: Assessment, name: str) -> ItemGrade:
    wanted = " ".join(name.split()).casefold()
    for item in made.every_item():
        names = (item.id, item.name.en, item.name.zh, *(one.criterion for one in item.verdicts))
        if wanted in (one.casefold() for one in names):
            return item
    from plumbline.pipeline import did_you_mean

    known = [word for item in made.every_item() for word in (item.id, item.name.en, item.name.zh)]
    raise PlumblineError(
        "no-such-item",
        t("The model has no item '{name}'.", name=name),
        did_you_mean(name, known)
        or t("`plumb assess` lists the items; give an id such as {id}.", id=made.every_item()[0].id),
        kind=ErrorKind.CONFIGURATION,
    )

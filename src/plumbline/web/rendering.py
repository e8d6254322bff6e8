"""From a template and its values to HTML, in the language that is in use."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from plumbline import __version__
from plumbline.flow.people.people import title_of
from plumbline.kernel import LANGUAGES, language, t
from plumbline.maturity import left_out, needs_in_words, reservations, words_of
from plumbline.web import gate_words, outcomes, reported, stages, states, words
from plumbline.web.begun import begun
from plumbline.web.isolation import Isolating, held, isolated
from plumbline.web.limits import LARGEST_AT_THE_DOOR, LARGEST_FORM, LONGEST
from plumbline.web.rail import installation_path, rail_of
from plumbline.web.report_rows import flag_of, reason_of, short_ref, told_by
from plumbline.web.sentences import Translated, say, say_number
from plumbline.web.shortcuts import shortcuts
from plumbline.web.tree import EVENTS
from plumbline.web.zone import there

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plumbline.kernel import Text
    from plumbline.web.page import Ask
    from plumbline.web.shortcuts import Part


def render(template: str, values: Mapping[str, Any], ask: Ask) -> str:
    return (
        _environment(language())
        .get_template(template)
        .render(
            {
                "me": ask.actor.person if ask.actor.signed_in else None,
                "csrf": ask.actor.csrf if ask.actor.signed_in else "",
                "now": ask.now,
                "head": ask.head,
                "here": ask.path,
                "rail": rail_of(ask, values.get("ancestors", ())),
                "installation": installation_path(ask) if ask.actor.signed_in else "",
                "folded": ask.folded,
                "waiting": ask.counts.of(ask.actor, ask.tools) if ask.actor.signed_in else 0,
                "helps": _helps(language(), ask.actor.person.id, shortcuts(ask)) if ask.actor.signed_in else "",
                "theme": ask.theme,
                "command": "",
                "typed": {},
                "called": partial(_called, ask, {}),
                "done": ask.done,
                "language": language(),
                "version": __version__,
                **values,
            }
        )
    )


def _called(ask: Ask, known: dict[str, str], name: str) -> Markup:
    """A person by their title, with the name that they sign in with on hover."""
    if name not in known:
        known[name] = title_of(ask.actor, ask.tools.people, name) if name and ":" not in name else name
    title = known[name]
    return (
        Markup('<span title="{name}">{title}</span>').format(name=name, title=title) if title != name else escape(name)
    )


@lru_cache(maxsize=512)
def _helps(code: str, who: int, parts: tuple[Part, ...]) -> Markup:
    """What is the same on every page that somebody reads: the palette and the list of shortcuts."""
    made = _environment(code).get_template("helps.html").render({"who": who, "shortcuts": parts})
    return Markup(made)  # noqa: S704 - a template of ours, which escapes


def prepare() -> Iterator[None]:
    """Compile every template, one at each step, so that nobody waits for it later."""
    for code in LANGUAGES:
        for name in _environment(code).list_templates():
            _environment(code).get_template(name)
            yield


@cache
def _environment(code: str) -> Environment:
    """One for each language: most sentences are translated when a template is compiled."""
    made = Environment(
        loader=PackageLoader("plumbline.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=[Translated, Isolating],
    )
    made.extend(plumbline_language=code)
    made.globals.update(
        _=say,
        isolated=isolated,
        held=held,
        ngettext=say_number,
        icon=states.icon,
        state_title=states.title,
        look=states.look,
        look_of=states.look_of,
        shape=states.shape,
        begun_said=begun,
        stage_look=stages.stage_look,
        stage_said=stages.stage_said,
        outcome=outcomes.outcome,
        judged=outcomes.judged,
        outcome_title=outcomes.title_of,
        measured=outcomes.measured,
        limit=outcomes.limit,
        bound=outcomes.bound,
        event_title=lambda event: EVENTS[event],
        **{name: getattr(gate_words, name) for name in gate_words.IN_TEMPLATES},
        case_outcome=reported.case_outcome,
        told_by=told_by,
        reason_of=reason_of,
        flag_of=flag_of,
        severity=reported.severity,
        stage_earned=reported.stage_earned,
        percent=reported.percent,
        layer_title=reported.layer_title,
        scan_title=reported.scan_title,
        longest=LONGEST,
        largest_form=LARGEST_FORM,
        largest_at_the_door=LARGEST_AT_THE_DOOR,
    )
    made.filters.update(
        duration=words.duration,
        ago=words.ago,
        moment=words.moment,
        there=there,
        iso=iso,
        short=lambda sha: str(sha)[:8],
        size=words.size,
        digest=reported.digest,
        ref=short_ref,
        took=reported.took,
        event_type=event_type,
        addressed=addressed,
        reservations=reservations,
        left_out=left_out,
        needs=needs_in_words,
        words=words_of,
    )
    return made


def iso(micros: int) -> Markup:
    return Markup(datetime.fromtimestamp(micros / 1e6, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))  # noqa: S704


def addressed(hint: Text) -> str:
    """What to do about a refusal; a command is for whoever has a terminal at the server, which who reads a page may
    not have."""
    told = t("For whoever runs the server: {hint}", hint=hint) if "`plumb " in hint.msgid else hint
    return str(told)


def event_type(name: str) -> str:
    """What an event is called among people: without the prefix that all have, and without its version."""
    for prefix in ("dev.cdevents.", "dev.cdeventsx."):
        if name.startswith(prefix):
            subject, _, predicate = name[len(prefix) :].partition(".")
            return f"{subject}.{predicate.partition('.')[0]}"
    return name

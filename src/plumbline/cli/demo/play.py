"""Plays the demo: the server, the story, what to look at, and the end."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.demo.checks import Finding, compute_again, examine, stop_ourselves, verify
from plumbline.cli.demo.folder import checkout, fresh_folder
from plumbline.cli.demo.people import POSTS, QUOTES, Staff, move_in
from plumbline.cli.demo.repositories import BRANCH
from plumbline.cli.demo.server import DemoServer
from plumbline.cli.demo.story import Story, say, tell
from plumbline.cli.errors import JOB_FAILED, OK, show_error
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from plumbline.kernel import Text


class _Ended(BaseException):
    """Somebody wants the demo to end."""


def play(data: Path, listen: str, *, leave: bool) -> int:
    """The exit status. ``leave``: check the story and end; else serve until told to end."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    began = time.monotonic()
    try:
        with fresh_folder(data) as own, DemoServer(data, listen, own / "server.log") as server:
            say(t("The server is up at {url}; everything it keeps is in {path}", url=server.url, path=data))
            staff = move_in(server.url, server.link, own=checkout() is not None)
            if not leave:
                return _show(server, staff, own, data, began)
            return _examine(server, tell(staff, own), own, data, began)
    except _Ended:
        return OK if not leave else JOB_FAILED


def _show(server: DemoServer, staff: Staff, own: Path, data: Path, began: float) -> int:
    _show_people(staff)
    try:
        story = tell(staff, own)
    except PlumblineError as error:
        show_error(error)  # what is there can be looked at all the same
    else:
        _show_sights(story, data)
    say(t("That took {seconds} s. The server goes on until Ctrl-C.", seconds=_seconds(began)))
    server.wait()
    say(t("The server ended by itself; see {path}", path=own / "server.log"))
    return JOB_FAILED


def _examine(server: DemoServer, story: Story, own: Path, data: Path, began: float) -> int:
    _show_people(story.staff)
    stop_ourselves(story)
    say(t("Did it really happen?"))
    wrong = [finding for finding in examine(story, data, own) if _report(finding)]
    size = story.staff.clients["auditor"].get("/api/v1/ledger/state")["size"]
    status = server.end()
    ended = Finding(t("the server ends in order when it is told to"), "" if status == OK else str(status))
    wrong += [finding for finding in (ended, verify(data, size), compute_again(story, data, own)) if _report(finding)]
    if wrong:
        say(t("This did not happen: {steps}", steps="; ".join(str(finding.step) for finding in wrong)))
        return JOB_FAILED
    say(t("All of it happened, in {seconds} s, with {count} entries in the ledger.", seconds=_seconds(began),
          count=size))  # fmt: skip
    return OK


def _report(finding: Finding) -> bool:
    """Tell of it; whether it is wrong."""
    if finding.wrong:
        say(t("  NO   {step} ({reason})", step=finding.step, reason=finding.wrong))
    else:
        say(t("  yes  {step}", step=finding.step))
    return bool(finding.wrong)


def _show_people(staff: Staff) -> None:
    say(t("People, with passwords that are shown this once:"))
    width = max(len(post.name) for post in POSTS)
    for post in POSTS:
        click.echo(
            f"  {post.name:{width}}  {staff.passwords[post.name]}  {post.title}, {post.place or '/'}: {post.work}"
        )


def _show_sights(story: Story, data: Path) -> None:
    url, work = story.staff.clients["admin"].url, data / "demo" / "quotes"
    say(t("What to look at, signed in as one of the people above:"))
    for address, why in _sights(story):
        click.echo(f"  {url}{address}\n      {why}")
    for command, why in (
        (f"plumb ledger verify --data {data}", t("that nothing in the ledger was changed; from another terminal")),
        (f"git -C {work} commit --allow-empty -m Again", t("a change, which then is to be pushed:")),
        (f"git -C {work} push origin {BRANCH}", t("the next pipeline begins at once")),
    ):
        click.echo(f"  {command}\n      {why}")


def _sights(story: Story) -> list[tuple[str, Text]]:
    found = [
        ("/", t("home: what waits for you, and how everything stands")),
        (f"/projects/{story.staff.nodes[QUOTES]}", t("the quote service and its pipelines")),
        (f"/pipelines/{story.pipelines['red']}", t("what failed, and why the rest was skipped")),
        (f"/jobs/{story.jobs['first']}", t("the log of the failed test; jump to its first error")),
        (f"/pipelines/{story.pipelines['green']}", t("the graph of what passed")),
        (f"/pipelines/{story.pipelines['found']}/gates", t("what the gate checked, and who let it through")),
        (f"/assessments/{story.grade['seq']}", t("the grade, open down to the events")),
        ("/ledger", t("every step as an event, each with its proof")),
    ]
    if "own" in story.pipelines:
        found.insert(5, (f"/pipelines/{story.pipelines['own']}", t("Plumbline's own pipeline, still at work")))
    return found


def _seconds(began: float) -> str:
    return f"{time.monotonic() - began:.1f}"


def _end(_number: int, _frame: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Ended

"""What happens in the demo: a mistake is pushed, found, mended and deployed, and every step runs on the server."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.demo import guarding
from plumbline.cli.demo.folder import checkout, sample
from plumbline.cli.demo.grading import decided, grade
from plumbline.cli.demo.people import OWN, QUOTES, Staff
from plumbline.cli.demo.repositories import Repository
from plumbline.cli.demo.reviews import CHANGES, tell_of_reviews
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plumbline.cli.demo.client import Client
    from plumbline.kernel import Text

SECRET = "SERVICE_TOKEN"  # noqa: S105 - the name of a variable
ENDED = ("success", "failed", "canceled", "skipped")
RIGHT, WRONG = "yearly_percent / 1200", "yearly_percent / 1000"  # in the arithmetic of the sample
TESTED, UNTESTED = "def test_limits", "def later_limits"  # one operation of the interface
STATEMENT = "run-statement.jsonl"
_QUALITY = "ci/quality.yml"
_ARITHMETIC, _INTERFACE_TESTS = "quotes/rates.py", "tests/interface/test_interface.py"
_PATIENCE = 45.0  # seconds for one pipeline
_BETWEEN = 0.2  # seconds between two looks


@dataclass
class Story:
    """What was done so far, for those who check it."""

    staff: Staff
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    commits: dict[str, str] = field(default_factory=dict)  # "red", "green", "own", "unscanned", "found"
    pipelines: dict[str, int] = field(default_factory=dict)  # by the same names
    jobs: dict[str, int] = field(default_factory=dict)  # "first", "again", "deploy"
    refusals: dict[str, int] = field(default_factory=dict)  # status by what was tried
    waiver: dict[str, Any] = field(default_factory=dict)
    grade: dict[str, Any] = field(default_factory=dict)  # the record of the assessment
    prepared: bool = False  # the tools of this project's own pipeline are there already

    def project(self, path: str) -> str:
        return f"/api/v1/projects/{self.staff.nodes[path]}"


def tell(staff: Staff, folder: Path) -> Story:
    """Do everything. Raises PlumblineError with the step that could not be done."""
    story = Story(staff)
    quotes = Repository(folder, "quotes")
    _register(story, quotes)
    root = checkout()
    if root is not None:
        _push_ourselves(story, Repository(folder, "plumbline"), root)
    _push_the_mistake(story, quotes)
    _try_again(story)
    _mend(story, quotes)
    _deploy(story)
    _intrude(story)
    _leave_the_scan_out(story, quotes)
    _scan_again(story, quotes, folder)
    _review(story, folder)
    _grade(story, folder)
    return story


def _register(story: Story, quotes: Repository) -> None:
    admin = story.staff.clients["admin"]
    quotes.create()
    quotes.start_from(sample())
    quotes.bind(admin, story.staff.nodes[QUOTES])
    variable = {"value": story.token, "masked": True}
    maintainer = story.staff.clients["maintainer"]
    maintainer.ask("PUT", f"/api/v1/nodes/{story.staff.nodes[QUOTES]}/variables/{SECRET}", variable)
    published = {"value": "yes", "masked": False}
    maintainer.ask("PUT", f"/api/v1/nodes/{story.staff.nodes[QUOTES]}/variables/PUBLISH", published)
    taken = {"settings": {"ci.take_reports": True}}  # what tests called has no key of artifacts:reports
    maintainer.ask("PATCH", f"/api/v1/nodes/{story.staff.nodes[QUOTES]}", taken)
    say(t("A repository for the quote service, with a hook that tells the server of pushes: {path}", path=quotes.bare))


def _push_ourselves(story: Story, own: Repository, root: Path) -> None:
    """This project runs its own pipeline; with the tools that are here already, where they are those it wants."""
    admin, node = story.staff.clients["admin"], story.staff.nodes[OWN]
    own.create()
    own.clone_of(root)
    own.bind(admin, node)
    # Its tests start sandboxes and servers of their own, and use the environment that it was installed into.
    admin.ask("PATCH", f"/api/v1/nodes/{node}", {"settings": {"ci.isolation": "none"}})
    story.prepared = _is_prepared(own.work)
    variables = {"PLUMBLINE_DEMO": "yes", "MAKEFLAGS": _make_flags(sys.prefix if story.prepared else "")}
    for name, value in variables.items():
        admin.ask("PUT", f"/api/v1/nodes/{node}/variables/{name}", {"value": value, "masked": False})
    story.commits["own"] = own.head
    story.pipelines["own"] = _pushed(story, own, OWN)
    say(t("Plumbline itself is pushed too; its own pipeline goes on beside the rest: {url}",
          url=_page(admin, "pipelines", story.pipelines["own"])))  # fmt: skip


def _make_flags(environment: str) -> str:
    """Its checks would take the machine for a minute: they wait for whatever else there is to do. ``environment``:
    the one to be used; empty: its own."""
    python = rf"PY=nice\ -n\ 19\ {environment or '.venv'}/bin/python"
    return f"VENV={environment} {python}" if environment else python


def _is_prepared(work: Path) -> bool:
    """Whether `make setup` would have nothing to do in this environment."""
    try:
        done = subprocess.run(
            ["make", "--question", "setup", f"VENV={sys.prefix}"], cwd=work, capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def _push_the_mistake(story: Story, quotes: Repository) -> None:
    _replace(quotes.work / _ARITHMETIC, RIGHT, WRONG)
    _replace(quotes.work / _INTERFACE_TESTS, TESTED, UNTESTED)
    developer = story.staff.clients["developer"]
    story.commits["red"] = quotes.commit("Quote the monthly rate")
    pipeline = story.pipelines["red"] = _pushed(story, quotes, QUOTES)
    say(t("The developer pushes, and a pipeline begins: {url}", url=_page(developer, "pipelines", pipeline)))
    _expect(developer, pipeline, "failed")
    first = story.jobs["first"] = newest(developer, pipeline, "unit")["id"]
    say(t("  It fails: a test found a wrong sum. The log shows where: {url}", url=_page(developer, "jobs", first)))
    _say_interface(developer, pipeline)


def _try_again(story: Story) -> None:
    developer, pipeline = story.staff.clients["developer"], story.pipelines["red"]
    again = story.jobs["again"] = developer.ask("POST", f"/api/v1/jobs/{story.jobs['first']}/retry")["id"]
    _until(t("the second attempt"), lambda: developer.get(f"/api/v1/jobs/{again}")["state"] in ENDED)
    _expect(developer, pipeline, "failed")
    say(t("The developer tries the job again, and it fails again: no accident."))


def _mend(story: Story, quotes: Repository) -> None:
    _replace(quotes.work / _ARITHMETIC, WRONG, RIGHT)
    _replace(quotes.work / _INTERFACE_TESTS, UNTESTED, TESTED)
    developer = story.staff.clients["developer"]
    story.commits["green"] = quotes.commit("A year has twelve months, not ten")
    pipeline = story.pipelines["green"] = _pushed(story, quotes, QUOTES)
    say(t("The mended sum is pushed: {url}", url=_page(developer, "pipelines", pipeline)))
    _expect(developer, pipeline, "success")
    say(t("  It passes; what deploys it waits for somebody to press the button."))
    _say_interface(developer, pipeline)
    if shutil.which("mvn"):
        say(t("  Its library in Java is built by Maven as soon as somebody plays the job java: {url}",
              url=_page(developer, "jobs", newest(developer, pipeline, "java")["id"])))  # fmt: skip
    else:
        say(t("  Its library in Java is not built: there is no Maven on this machine."))


def _say_interface(developer: Client, pipeline: int) -> None:
    """Of openapi.json of the sample, by what its tests really called."""
    for one in interfaces(developer, pipeline):
        missing = [f"{each['verb']} {each['name']}" for each in one["operations"] if each["standing"] != "covered"]
        counted = t("  {covered} of {declared} operations of its interface are tested", covered=one["covered"],
                    declared=one["declared"])  # fmt: skip
        say(t("{counted}; not: {missing}", counted=counted, missing=", ".join(missing)) if missing else counted)


def interfaces(client: Client, pipeline: int) -> list[dict[str, Any]]:
    """The contracts of a pipeline, with what its tests called of them."""
    found: list[dict[str, Any]] = client.get(f"/api/v1/pipelines/{pipeline}/contracts")["contracts"]
    return found


def _deploy(story: Story) -> None:
    operator, pipeline = story.staff.clients["operator"], story.pipelines["green"]
    waiting = newest(operator, pipeline, "deploy")["id"]
    deploy = story.jobs["deploy"] = operator.ask("POST", f"/api/v1/jobs/{waiting}/play")["id"]
    _until(t("the deployment"), lambda: operator.get(f"/api/v1/jobs/{deploy}")["state"] in ENDED)
    _expect(operator, pipeline, "success")
    say(t("The operator deploys it to production: {url}", url=_page(operator, "jobs", deploy)))


def _intrude(story: Story) -> None:
    """What must not work, and is recorded."""
    viewer = story.staff.clients["viewer"]
    path = f"/api/v1/jobs/{story.jobs['deploy']}/retry"
    story.refusals["role"] = viewer.send("POST", path).status
    forged = b'{"ref": "refs/heads/main", "after": "%s"}' % story.commits["red"].encode()
    headers = {"X-Plumbline-Delivery": "forged", "X-Plumbline-Signature": f"sha256={'0' * 64}"}
    hook = f"/hooks/git/{story.staff.nodes[QUOTES]}"
    story.refusals["forged"] = viewer.send("POST", hook, forged, headers).status
    say(t("The viewer may not deploy again, and a forged webhook is not believed; both are in the ledger."))


def _leave_the_scan_out(story: Story, quotes: Repository) -> None:
    """Whoever deletes the job that would find something is stopped, since the server knows what is due."""
    developer, security = story.staff.clients["developer"], story.staff.clients["security"]
    guarding.set_rules(security, story.staff.nodes[QUOTES])
    say(t("Whoever writes the rules says what has to be there of each build: unit tests and a scan of the source."))
    _replace(quotes.work / _QUALITY, guarding.SCANNED, "")
    (quotes.work / "quotes" / "formula.py").write_text(guarding.FORMULA)
    story.commits["unscanned"] = quotes.commit("Take rates that are formulas")
    pipeline = story.pipelines["unscanned"] = _pushed(story, quotes, QUOTES)
    _expect(developer, pipeline, "success")
    collection = guarding.closed(developer, pipeline)
    guarding.judged(developer, pipeline, ("fail",))
    say(t("A change deletes the job that scans, and its pipeline passes. Its contract stops it: nothing came for "
          "{missing}: {url}", missing=", ".join(guarding.missing(collection)),
          url=f"{developer.url}/collections/{collection['uid']}"))  # fmt: skip


def _scan_again(story: Story, quotes: Repository, folder: Path) -> None:
    developer, security = story.staff.clients["developer"], story.staff.clients["security"]
    with (quotes.work / _QUALITY).open("a") as file:
        file.write(guarding.SCANNED)
    story.commits["found"] = quotes.commit("Scan the source again")
    pipeline = story.pipelines["found"] = _pushed(story, quotes, QUOTES)
    _expect(developer, pipeline, "success")
    guarding.closed(developer, pipeline)
    said = guarding.judged(developer, pipeline, ("fail",))
    refused = [name for name, outcome in guarding.outcomes(said).items() if outcome != "pass"]
    say(t("The job is back, and all is there. Now the gate refuses for a reason ({check}): the scan found what the "
          "change brought: {url}", check=", ".join(refused), url=f"{developer.url}{said['page']}"))  # fmt: skip
    story.waiver = guarding.waive(developer, security, story.staff.nodes[QUOTES], story.commits["found"])
    guarding.judged(developer, pipeline, ("waived",))
    say(t("The developer asks for a week, and a second person agrees: it may go on, and everybody sees why."))
    auditor = story.staff.clients["auditor"]
    guarding.statement(auditor, guarding.closed(auditor, pipeline)["uid"], folder / STATEMENT)
    say(t("  The auditor takes the signed statement about the run along: {path}", path=folder / STATEMENT))


def _review(story: Story, folder: Path) -> None:
    tell_of_reviews(story.staff, folder)
    say(t("A forge tells of {count} changes of the tariffs: the developer wrote them, the maintainer approved them.",
          count=CHANGES))  # fmt: skip


def _grade(story: Story, folder: Path) -> None:
    story.grade = grade(story.staff, folder)
    assessor = story.staff.clients["assessor"]
    say(t("The assessor accepts a statement and grades the system: level {level}, up to {ceiling} were it not for what "
          "is unknown: {url}", level=story.grade["grade"] or "-", ceiling=story.grade["ceiling"] or "-",
          url=_page(assessor, "assessments", story.grade["seq"])))  # fmt: skip
    records, whole = decided(assessor, story.grade, "3")
    say(
        t("  {records} of the {whole} demands of level 3 are decided from records alone.", records=records, whole=whole)
    )
    say(t("  The report is in {path}", path=folder / "report.pdf"))


def say(text: Text) -> None:
    click.echo(text)
    sys.stdout.flush()


def newest(client: Client, pipeline: int, name: str) -> dict[str, Any]:
    """The newest attempt at a job."""
    jobs = [job for job in client.get(f"/api/v1/pipelines/{pipeline}")["jobs"] if job["name"] == name]
    if not jobs:
        raise PlumblineError("demo-no-job", t("Pipeline {pipeline} has no job {name}.", pipeline=pipeline, name=name))
    return max(jobs, key=lambda job: job["attempt"])


def _pushed(story: Story, repository: Repository, project: str) -> int:
    """Push what is committed; the pipeline that came of it."""
    developer = story.staff.clients["admin" if project == OWN else "developer"]
    repository.push(developer.name)
    sha, path = repository.head, f"/api/v1/pipelines?project={story.staff.nodes[project]}"
    found: list[int] = []

    def begun() -> bool:
        found[:] = [one["id"] for one in developer.get(path)["pipelines"] if one["sha"] == sha and not one["upstream"]]
        return bool(found)

    _until(t("the pipeline of the push"), begun)
    return found[0]


def _expect(client: Client, pipeline: int, state: str) -> None:
    path = f"/api/v1/pipelines/{pipeline}"
    _until(t("pipeline {pipeline}", pipeline=pipeline), lambda: client.get(path)["pipeline"]["state"] in ENDED)
    ended = client.get(path)
    if ended["pipeline"]["state"] != state:
        states = ", ".join(f"{job['name']}: {job['state']}" for job in ended["jobs"])
        raise PlumblineError(
            "demo-other-end",
            t("Pipeline {pipeline} ended as {state} and should be {wanted}. Its jobs: {jobs}", pipeline=pipeline,
              state=ended["pipeline"]["state"], wanted=state, jobs=states),
        )  # fmt: skip


def _until(what: Text, done: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > end:
            raise PlumblineError(
                "demo-too-slow",
                t("After {seconds} seconds there is still to come: {what}", seconds=int(_PATIENCE), what=what),
                t("Look into server.log in the folder of the demo, or try again when the machine has less to do."),
            )
        time.sleep(_BETWEEN)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    if old not in text:
        raise PlumblineError("demo-incomplete", t("The sample of the demo was changed: {path}", path=path))
    path.write_text(text.replace(old, new))


def _page(client: Client, what: str, number: int) -> str:
    return f"{client.url}/{what}/{number}"

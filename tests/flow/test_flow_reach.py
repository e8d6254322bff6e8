"""Which other projects a pipeline may read and start, and which refs are protected."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World, ahead

from plumbline.flow.pipelines.cancel_retry_play import play_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.due import run_schedules
from plumbline.flow.pipelines.project_access import is_protected
from plumbline.flow.pipelines.schedules import with_next
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.tree.variables import variable_place
from plumbline.kernel import PlumblineError
from plumbline.model.change import Change, Event
from plumbline.model.job import State
from plumbline.model.person import Grant, Person, Role
from plumbline.model.server import Binding, Schedule, StoredPipeline, Webhook, WebhookKind
from plumbline.model.tree import INSTANCE, Node, NodeKind, StoredVariable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.problem import Problem

pytestmark = pytest.mark.slow

INCLUDES = "include: [{project: other/secret, file: internal.yml}]\nown: {script: [make]}\n"
TRIGGERS = "t: {trigger: {project: other/secret, strategy: depend}}\n"


class Bank(World):
    """Two projects with nothing above them in common: ``bank/pay`` and ``other/secret``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data")
        self.folder = folder
        files = {"internal.yml": "hidden: {script: ['echo kept']}\n", ".gitlab-ci.yml": "below: {script: ['true']}\n"}
        self.secret = self.project("other/secret", files)

    def project(self, path: str, files: dict[str, str] | str, *, system: bool = False) -> int:
        """A project with a repository, below an organisation and, where wanted, a system."""
        files = {".gitlab-ci.yml": files} if isinstance(files, str) else files
        home = make_repository(self.folder / path.replace("/", "-"), files)
        above: Node | None = None
        names = path.split("/")
        with self.store.change() as tx:
            for depth, name in enumerate(names):
                here = "/".join(names[: depth + 1])
                last = depth == len(names) - 1
                kind = NodeKind.PROJECT if last else NodeKind.ORGANISATION if not depth else NodeKind.SYSTEM
                node = Node(id=0, kind=kind, name=name, path=here, parent=above.id if above else None)
                above = tx.tree.at(here) or tx.tree.add(node)
            assert above is not None
            tx.bindings.put(Binding(project=above.id, kind="git", url=str(home)))
        assert system == (len(names) > 2)
        return above.id

    def home(self, path: str) -> Path:
        return self.folder / path.replace("/", "-")

    def person(self, name: str, **roles: Role) -> int:
        """Somebody with one role at each of these projects."""
        with self.store.change() as tx:
            person = tx.people.add(Person(id=0, name=name, created=1)).id
            for path, role in roles.items():
                node = INSTANCE if path == "instance" else tx.tree.at(path.replace("__", "/")).id
                tx.grants.add(Grant(person=person, node=node, role=role))
        return person

    def set(self, node: int, **settings: object) -> None:
        with self.store.change() as tx:
            found = tx.tree.get(node)
            named = {f"ci.{key}": value for key, value in settings.items()}
            tx.tree.save(msgspec.structs.replace(found, settings={**found.settings, **named}))

    def push(self, project: int, path: str, **more: Any) -> StoredPipeline:
        sha = commit(self.home(path), {"x": str(time.time_ns())})
        webhook = Webhook(forge="git", delivery=sha, kind=WebhookKind.PUSH, ref="main", after=sha, **more)
        made = self.made(project, webhook)
        assert made is not None
        return made

    def names(self, pipeline: StoredPipeline) -> set[str]:
        return {job.name for job in self.jobs(pipeline.id)}

    def run(self, pipeline: int) -> State:
        runner = self.runner()
        thread = threading.Thread(target=runner.run)
        thread.start()
        try:
            until = time.monotonic() + 60
            while not self.pipeline(pipeline).finished and time.monotonic() < until:
                time.sleep(0.02)
        finally:
            runner.stop()
            thread.join(20)
        return self.pipeline(pipeline).state

    def why(self, pipeline: int) -> str:
        [job] = self.jobs(pipeline)
        assert job.result is not None
        return str(job.result.message)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = Bank(tmp_path)
    yield made
    made.close()


def started(bank: Bank, project: int, by: int) -> StoredPipeline:
    made = start_pipeline(bank.server, Wanted(project=project, event=Event.API), by=by)
    assert made is not None
    return made


def refusal(bank: Bank, project: int, by: int) -> Problem:
    """Why a pipeline could not be made, which is kept as failed."""
    made = started(bank, project, by)
    assert made.state is State.FAILED
    with bank.store.view() as tx:
        return bank.server.plans.get(tx, made.id).errors[0]


class TestIncludes:
    def test_of_a_project_that_the_person_may_not_see_are_refused(self, bank: Bank) -> None:
        pay = bank.project("bank/pay", INCLUDES)
        error = refusal(bank, pay, bank.person("dev", bank__pay=Role.DEVELOPER))
        assert "there is no project other/secret that this pipeline may use" in str(error.message)
        assert "dev started it and needs a role with 'project.view'" in str(error.hint)
        assert not (Path(bank.data) / "mirrors" / f"{bank.secret}.git").exists()

    def test_are_told_in_the_same_words_where_there_is_no_such_project(self, bank: Bank) -> None:
        dev, told = bank.person("dev"), []
        for name in ("secret", "absent"):
            pay = bank.project(f"bank/{name}", INCLUDES.replace("secret", name))
            error = refusal(bank, pay, dev)
            told.append((f"{error.message}".replace(name, "-"), f"{error.hint}"))
        assert told[0] == told[1]

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
    def test_of_one_that_the_person_may_see_are_read(self, bank: Bank, role: Role) -> None:
        pay = bank.project("bank/pay", INCLUDES)
        made = started(bank, pay, bank.person("dev", bank__pay=Role.DEVELOPER, other__secret=role))
        assert bank.names(made) == {"own", "hidden"}

    def test_of_a_project_that_another_file_brought_are_asked_for_too(self, bank: Bank) -> None:
        bank.project("bank/shared", {"a.yml": INCLUDES})
        pay = bank.project("bank/pay", "include: [{project: bank/shared, file: a.yml}]\n")
        dev = bank.person("dev", bank=Role.DEVELOPER)
        assert "other/secret" in str(refusal(bank, pay, dev).message)

    def test_in_rules_and_as_components_are_asked_for_too(self, bank: Bank) -> None:
        dev = bank.person("dev")
        rules = "a: {script: [make], rules: [{exists: {paths: [internal.yml], project: other/secret}}]}\n"
        assert "other/secret" in str(refusal(bank, bank.project("bank/pay", rules), dev).message)
        component = "include: [{component: $CI_SERVER_FQDN/other/secret/internal@main}]\na: {script: [make]}\n"
        assert "other/secret" in str(refusal(bank, bank.project("bank/two", component), dev).message)

    def test_of_the_project_itself_need_nobody(self, bank: Bank) -> None:
        text = "include: [{project: bank/pay, file: more.yml}, {project: /bank/pay/, file: more.yml}]\n"
        pay = bank.project("bank/pay", {".gitlab-ci.yml": text, "more.yml": "m: {script: [make]}\n"})
        assert bank.names(bank.push(pay, "bank/pay")) == {"m"}
        assert bank.names(started(bank, pay, bank.person("gone"))) == {"m"}


class TestOfAPush:
    def test_are_refused_as_an_error_of_the_pipeline(self, bank: Bank) -> None:
        pay = bank.project("bank/pay", INCLUDES)
        made = bank.push(pay, "bank/pay", user="ada", user_name="Ada")
        bank.person("ada", other__secret=Role.ADMIN)
        assert made.state is State.FAILED
        assert "no project other/secret that this pipeline may use" in made.message

    @pytest.mark.parametrize(
        ("named", "may"),
        [
            (["bank/pay"], True),
            (["elsewhere", "bank"], True),
            (["/bank/"], True),
            (["bank/pa"], False),
            ([""], False),
            ([], False),
            ("bank/pay", False),
        ],
    )
    def test_are_read_where_the_project_lets_it_in(self, bank: Bank, named: object, may: bool) -> None:
        pay = bank.project("bank/pay", INCLUDES)
        with bank.store.view() as tx:
            above = tx.tree.at("other").id
        bank.set(above, accessible_from=named)  # what is set above holds below
        made = bank.push(pay, "bank/pay")
        assert bank.names(made) == ({"own", "hidden"} if may else set())
        assert may or "there is no project" in made.message

    def test_are_read_in_the_same_system(self, bank: Bank) -> None:
        files = {"jobs.yml": "near: {script: [make]}\n"}
        bank.project("bank/core/shared", files, system=True)
        bank.project("bank/other/shared", files, system=True)
        text = "include: [{project: bank/%s/shared, file: jobs.yml}]\n"
        near = bank.project("bank/core/near", text % "core", system=True)
        far = bank.project("bank/core/far", text % "other", system=True)
        assert bank.names(bank.push(near, "bank/core/near")) == {"near"}
        assert bank.push(far, "bank/core/far").state is State.FAILED

    def test_what_lets_a_push_in_gives_nothing_to_a_person(self, bank: Bank) -> None:
        pay = bank.project("bank/pay", INCLUDES)
        bank.set(bank.secret, accessible_from=["bank/pay"])
        refusal(bank, pay, bank.person("dev", bank__pay=Role.DEVELOPER))


class TestSchedules:
    def fire(self, bank: Bank, **roles: Role) -> StoredPipeline:
        """A schedule of nobody, or of somebody with these roles."""
        pay = bank.project("bank/pay", INCLUDES)
        owner = bank.person("ada", **roles) if roles else 0
        plain = Schedule(project=pay, cron="0 * * * *", owner=owner)
        with bank.store.change() as tx:
            tx.schedules.add(with_next(plain, bank.server.clock()))
        ahead(bank, 3601)
        [made] = run_schedules(bank.server)
        return made

    def test_may_what_their_owner_may(self, bank: Bank) -> None:
        made = self.fire(bank, bank__pay=Role.DEVELOPER, other__secret=Role.VIEWER)
        assert bank.names(made) == {"own", "hidden"}

    @pytest.mark.parametrize("roles", [{"bank__pay": Role.DEVELOPER}, {}])
    def test_of_others_are_refused(self, bank: Bank, roles: dict[str, Role]) -> None:
        assert self.fire(bank, **roles).state is State.FAILED


class TestTriggers:
    def test_need_to_be_allowed_to_start_pipelines_there(self, bank: Bank) -> None:
        pay = bank.project("bank/pay", TRIGGERS)
        made = started(bank, pay, bank.person("dev", bank__pay=Role.DEVELOPER, other__secret=Role.VIEWER))
        assert bank.run(made.id) is State.FAILED
        assert "dev is viewer at 'other/secret'; 'pipeline.run' (start pipelines) is for:" in bank.why(made.id)
        assert "ask whoever grants roles at other/secret" in bank.why(made.id)

    def test_say_nothing_of_a_project_that_may_not_be_seen(self, bank: Bank) -> None:
        dev = bank.person("dev")
        hidden = started(bank, bank.project("bank/pay", TRIGGERS), dev)
        absent = started(bank, bank.project("bank/two", TRIGGERS.replace("secret", "absent")), dev)
        assert bank.run(hidden.id) is bank.run(absent.id) is State.FAILED
        assert bank.why(hidden.id) == bank.why(absent.id).replace("absent", "secret")
        with bank.store.view() as tx:
            assert not tx.pipelines.downstream(bank.jobs(hidden.id)[0].id)

    def test_are_the_persons_who_started_the_pipeline(self, bank: Bank) -> None:
        dev = bank.person("dev", other__secret=Role.DEVELOPER)
        made = started(bank, bank.project("bank/pay", TRIGGERS), dev)
        assert bank.run(made.id) is State.SUCCESS
        assert bank.pipeline(made.id + 1).by == dev

    def test_are_the_persons_who_played_them(self, bank: Bank) -> None:
        pay = bank.project("bank/pay", TRIGGERS.replace("t: {", "t: {when: manual, allow_failure: false, "))
        bank.person("dev", bank__pay=Role.DEVELOPER, other__secret=Role.DEVELOPER)
        made = bank.push(pay, "bank/pay")
        play_job(bank.actor("dev"), bank.server, bank.jobs(made.id)[0].id)
        assert bank.run(made.id) is State.SUCCESS

    def test_of_a_push_need_to_be_let_in(self, bank: Bank) -> None:
        pay = bank.project("bank/pay", TRIGGERS)
        made = bank.push(pay, "bank/pay")
        assert bank.run(made.id) is State.FAILED
        assert "ci.accessible_from names bank/pay" in bank.why(made.id)
        bank.set(bank.secret, accessible_from=["bank/pay"])
        made = bank.push(pay, "bank/pay")
        assert bank.run(made.id) is State.SUCCESS

    def test_hold_for_what_a_child_pipeline_includes(self, bank: Bank) -> None:
        text = "t: {trigger: {include: [{project: other/secret, file: internal.yml}], strategy: depend}}\n"
        pay = bank.project("bank/pay", text)
        refused = started(bank, pay, bank.person("dev"))
        allowed = started(bank, pay, bank.person("ada", other__secret=Role.VIEWER))
        assert bank.run(refused.id) is State.FAILED
        assert "other/secret" in bank.why(refused.id)
        assert bank.run(allowed.id) is State.SUCCESS

    def test_of_children_of_the_same_project_need_nothing(self, bank: Bank) -> None:
        files = {".gitlab-ci.yml": "t: {trigger: {include: child.yml, strategy: depend}}\n"}
        pay = bank.project("bank/pay", files | {"child.yml": "c: {script: ['true']}\n"})
        assert bank.run(bank.push(pay, "bank/pay").id) is State.SUCCESS


class TestProtected:
    """What a ref's name gives: only branches are compared with branches, and tags with tags."""

    def values(self, bank: Bank, project: int, kind: WebhookKind, ref: str) -> tuple[bool, str]:
        sha = run_git(bank.home("bank/pay"), "rev-parse", f"{ref}^{{commit}}")
        name = ref.removeprefix("refs/tags/").removeprefix("refs/heads/")
        webhook = Webhook(forge="git", delivery=ref, kind=kind, ref=name, after=sha)
        made = bank.made(project, webhook)
        assert made is not None
        with bank.store.view() as tx:
            return made.change.protected, tx.pipelines.get(made.id).name

    @pytest.fixture
    def pay(self, bank: Bank) -> int:
        """A default branch, a branch for releases, and tags with the names of both at a commit of a feature."""
        text = 'workflow: {name: "with $KEY"}\na: {script: [make], rules: [{when: always}]}\n'
        number = bank.project("bank/pay", text)
        home = bank.home("bank/pay")
        run_git(home, "branch", "release/1")
        run_git(home, "checkout", "-q", "-b", "feature")
        commit(home, {"f": "1"})
        for tag in ("main", "release/1", "v1"):
            run_git(home, "tag", tag)
        run_git(home, "checkout", "-q", "main", "--")
        with bank.store.change() as tx:
            sealed = bank.vault.seal(b"known", variable_place(number, "KEY", "*"))
            tx.variables.put(StoredVariable(node=number, name="KEY", sealed=sealed, protected=True))
        bank.set(number, protected_refs=["release/*"], protected_tags=["v*"])
        return number

    @pytest.mark.parametrize(
        ("kind", "ref", "protected"),
        [
            (WebhookKind.PUSH, "refs/heads/main", True),
            (WebhookKind.PUSH, "refs/heads/release/1", True),
            (WebhookKind.PUSH, "refs/heads/feature", False),
            (WebhookKind.TAG, "refs/tags/main", False),
            (WebhookKind.TAG, "refs/tags/release/1", False),
            (WebhookKind.TAG, "refs/tags/v1", True),
        ],
    )
    def test_variables_are_for_protected_refs(
        self, bank: Bank, pay: int, kind: WebhookKind, ref: str, protected: bool
    ) -> None:
        found, name = self.values(bank, pay, kind, ref)
        assert found is protected
        assert ("known" in name) is protected

    def test_no_tag_is_protected_by_itself(self, bank: Bank, pay: int) -> None:
        bank.set(pay, protected_refs=["*"], protected_tags=[])
        assert self.values(bank, pay, WebhookKind.TAG, "refs/tags/v1")[0] is False

    def test_a_commit_that_is_no_branch_starts_nothing_and_is_not_protected(self, bank: Bank, pay: int) -> None:
        bank.set(pay, protected_refs=["*"])
        sha = run_git(bank.home("bank/pay"), "rev-parse", "feature")
        with pytest.raises(PlumblineError) as caught:
            start_pipeline(bank.server, Wanted(project=pay, event=Event.API, ref=sha), by=0)
        assert caught.value.code == "ref-is-a-commit"
        served = bank.server.projects.project(pay)
        assert is_protected(Change(project=served.project, sha=sha), served) is False

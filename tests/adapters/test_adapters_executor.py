"""One job, from its working copy to its verdict."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.jobs import Host, LocalExecutor, LocalSettings
from plumbline.adapters.processes.table import marker_of
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import CacheUse, FailureReason, JobOrder, JobResult, KeptFile, ScriptStep, State, When
from plumbline.model.job_setup import JobLimits
from plumbline.model.pipeline import Artifacts, Cache, CacheKey, Image, Report, Variable
from plumbline.model.ports.jobs import Kept

pytestmark = pytest.mark.slow
MARKED = f"t-{os.getpid()}-"


class Folder:
    """A plain folder as a working copy."""

    notices = ()

    def __init__(self, home: Path) -> None:
        self.home, self.root, self.scratch = home, str(home / "project"), str(home / ".scratch")
        Path(self.root).mkdir(parents=True)
        Path(self.scratch).mkdir()

    def close(self) -> None:
        shutil.rmtree(self.home)


class Folders:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.error: Exception | None = None

    def open(self, order: JobOrder) -> Folder:
        if self.error:
            raise self.error
        return Folder(self.home / str(order.id))


class Store:
    """Keeps nothing, and remembers what it was asked."""

    # ruff: noqa: ARG002
    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.kept = Kept()

    def keep(self, job_id: int, artifacts: Artifacts, root: str, *, succeeded: bool) -> Kept:
        self.asked.append(("keep", artifacts, sorted(p.name for p in Path(root).iterdir()), succeeded))
        return self.kept

    def unpack(self, job_id: int, root: str) -> int:
        if job_id == 404:
            raise PlumblineError("artifacts-missing", t("the archive of job {job} is gone", job=job_id))
        Path(root, f"from-{job_id}").write_text("x")
        return 1

    def restore(self, cache: Cache, root: str) -> CacheUse:
        self.asked.append(("restore", cache))
        return CacheUse(key=cache.key.text, message=t("broken") if cache.key.text == "broken" else None)

    def save(self, cache: Cache, root: str) -> CacheUse:
        self.asked.append(("save", cache))
        return CacheUse(key=cache.key.text, action="save", files=2)


JUNIT = '<testsuite><testcase name="x" classname="C"/></testsuite>'


class Log:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    @property
    def text(self) -> str:
        return self.data.decode()


class Bench:
    """An executor with everything around it."""

    def __init__(self, home: Path) -> None:
        self.folders, self.store, self.log, self.cancel = Folders(home), Store(), Log(), PipeCancellation()
        self.executor = LocalExecutor(self.folders, self.store, self.store, LocalSettings(marker=MARKED, grace=0.3))

    def run(self, *script: str, after: tuple[str, ...] = (), **order) -> JobResult:
        steps = [ScriptStep(name="script", lines=script)]
        if after:
            steps.append(ScriptStep(name="after_script", lines=after, always=True, allow_failure=True))
        order = {"id": 7, "name": "job", "stage": "test", "steps": tuple(steps), **order}
        return self.executor.run(JobOrder(**order), self.log, self.cancel)

    def says(self, *script: str, **order) -> str:
        """The output of the script alone."""
        assert self.run(*script, **order).state is State.SUCCESS, self.log.text
        text = self.log.text.partition("step_script\r")[2].partition("section_end")[0]
        return "".join(line for line in text.splitlines(keepends=True) if "\033[" not in line)


@pytest.fixture
def bench(tmp_path: Path):
    bench = Bench(tmp_path)
    yield bench
    bench.executor.close()
    bench.cancel.close()
    assert list(tmp_path.iterdir()) == []


def variables(**values: str) -> tuple[Variable, ...]:
    return tuple(Variable(name, value) for name, value in values.items())


def test_success(bench: Bench) -> None:
    result = bench.run("echo one", "echo two")
    assert (result.state, result.exit_code, result.reason, result.message) == (State.SUCCESS, 0, None, None)
    assert result.finished >= result.started > 0
    assert set(result.timings) == {"workspace", "script", "total"}
    assert "section_start:" in bench.log.text
    assert "step_script\r\033[0K\033[0K\033[36;1m" in bench.log.text
    assert "\033[32;1m$ echo one\033[0;m\none\n\033[32;1m$ echo two\033[0;m\ntwo\n" in bench.log.text
    assert bench.log.text.endswith("\033[32;1mJob succeeded\033[0;m\n")


def test_the_first_failing_line_ends_the_script(bench: Bench) -> None:
    result = bench.run("echo before", "(exit 42)", "echo never")
    assert (result.state, result.exit_code, result.reason) == (State.FAILED, 42, FailureReason.SCRIPT)
    assert str(result.message) == "exit status 42"
    assert "before\n" in bench.log.text
    assert "never" not in bench.log.text
    assert "ERROR: Job failed: exit status 42" in bench.log.text


@pytest.mark.parametrize(
    ("script", "code"), [("false | true", 1), ("if then", 2), ("no-such-command-here", 127), ("kill -9 $$", 137)]
)
def test_failures(bench: Bench, script: str, code: int) -> None:
    assert bench.run(script).exit_code == code


def test_lines_share_one_shell(bench: Bench) -> None:
    assert bench.says("x=1; cd /", "f() { echo $x $PWD; }", "f") == "1 /\n"


def test_the_environment_is_clean_and_has_the_variables(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.executor = LocalExecutor(bench.folders, bench.store, bench.store, LocalSettings(pass_environment=("MINE",)))
    monkeypatch.setenv("SECRET_OF_THE_USER", "x")
    says = bench.says(
        'echo "$A|$B|${SECRET_OF_THE_USER-clean}|$CI_JOB_STATUS"',
        '[ "$PWD" = "$CI_PROJECT_DIR" ] && [ -d "$TMPDIR" ] && [ -n "$PATH" ] && [ -n "$PLUMBLINE_JOB" ]',
        variables=(*variables(A="first", B="$$x é\n'\""), Variable("A", "last")),
    )
    assert says == "last|$x é\n'\"|clean|running\n"


def test_the_runner_expands_what_only_it_knows(bench: Bench) -> None:
    asked = (
        Variable("GOPATH", "$CI_PROJECT_DIR/.go"),
        Variable("RAW", "$CI_PROJECT_DIR", raw=True),
        Variable("GONE", "a${UNKNOWN}b"),
        Variable("KEYFILE", "content\n", file=True),
        Variable("OPTION", "--key=$KEYFILE"),
    )
    says = bench.says(
        '[ "$GOPATH" = "$PWD/.go" ]; echo "$RAW $GONE"',
        'cat "${OPTION#--key=}"; stat -c %a "$KEYFILE" | tail -c 4',
        variables=asked,
    )
    assert says == "$CI_PROJECT_DIR ab\ncontent\n600\n"


def test_odd_variables(bench: Bench) -> None:
    odd = variables(**{"with space": "v", "dash-ed": "w"})
    odd += (Variable("a=b", "x"), Variable("", "x"), Variable("NUL", "a\0b"), Variable("../evil", "f", file=True))
    assert bench.says("env | grep -a -e 'with space' -e dash-ed -e NUL", variables=odd) == (
        "with space=v\ndash-ed=w\nNUL=ab\n"
    )


def test_a_huge_variable_reaches_the_script(bench: Bench) -> None:
    assert bench.says("echo ${#BIG}; /bin/true", variables=variables(BIG="x'" * 100_000)) == "200000\n"


def test_a_huge_script_runs_from_a_file(bench: Bench) -> None:
    assert bench.says("echo ${#x} >/dev/null", "x='" + "y" * 300_000 + "'", "echo ${#x}").endswith("300000\n")


def test_after_script_sees_the_verdict_and_does_not_change_it(bench: Bench) -> None:
    result = bench.run("touch made; X=1; exit 3", after=('echo "after $CI_JOB_STATUS ${X-new shell}"; ls', "exit 9"))
    assert (result.state, result.exit_code) == (State.FAILED, 3)
    assert "after failed new shell\nmade\n" in bench.log.text
    assert str(result.warnings[0]) == "after_script failed: exit status 9"
    assert bench.run("true", after=("echo after $CI_JOB_STATUS",)).state is State.SUCCESS
    assert "after success" in bench.log.text


def test_after_script_can_be_made_to_count(bench: Bench) -> None:
    strict = variables(AFTER_SCRIPT_IGNORE_ERRORS="false")
    result = bench.run("true", after=("exit 9",), variables=strict)
    assert (result.state, result.exit_code) == (State.FAILED, 9)


def test_timeout_leaves_no_after_script_no_artifacts(bench: Bench) -> None:
    keep = Artifacts(paths=("x",), when=When.ALWAYS)
    result = bench.run("sleep 60", after=("echo after",), timeout=0.3, artifacts=keep)
    assert (result.state, result.reason) == (State.FAILED, FailureReason.TIMEOUT)
    assert str(result.message) == "the job ran longer than its timeout of 0.3s"
    assert "echo after" not in bench.log.text
    assert bench.store.asked == []


def test_a_limit_of_the_script_alone_leaves_time_for_the_rest(bench: Bench) -> None:
    limit = variables(RUNNER_SCRIPT_TIMEOUT="1s", RUNNER_AFTER_SCRIPT_TIMEOUT="junk")
    result = bench.run("sleep 60", after=("echo after $CI_JOB_STATUS",), variables=limit)
    assert result.reason is FailureReason.TIMEOUT
    assert "after failed" in bench.log.text


def test_graceful_cancel_runs_after_script_and_keeps_artifacts(bench: Bench) -> None:
    threading.Timer(0.2, bench.cancel.cancel, (1,)).start()
    result = bench.run("sleep 60", after=("echo after $CI_JOB_STATUS",), artifacts=Artifacts(paths=("x",)))
    assert (result.state, result.reason, result.exit_code) == (State.CANCELED, None, None)
    assert "after canceled" in bench.log.text
    assert bench.store.asked[0][3] is False


def test_forced_cancel_ends_at_once(bench: Bench) -> None:
    threading.Timer(0.2, bench.cancel.cancel, (2,)).start()
    begun = time.monotonic()
    result = bench.run("trap '' TERM; sleep 60", after=("echo after",), artifacts=Artifacts(paths=("x",)))
    assert result.state is State.CANCELED
    assert time.monotonic() - begun < 10
    assert "echo after" not in bench.log.text
    assert bench.store.asked == []


def test_canceled_before_it_began(bench: Bench) -> None:
    bench.cancel.cancel(1)
    assert bench.run("echo ran", after=("echo after",)).state is State.CANCELED
    assert "ran\n" not in bench.log.text
    assert "echo after" not in bench.log.text


def test_caches_are_restored_and_saved_by_policy_and_verdict(bench: Bench) -> None:
    caches = (
        Cache(key=CacheKey(text="$A-key"), paths=("$A/x", "$NONE"), fallback_keys=("f-$A",)),
        Cache(key=CacheKey(text="pull"), policy="$POLICY"),
        Cache(key=CacheKey(text="broken"), policy="pull"),
        Cache(key=CacheKey(text="on-failure"), policy="push", when=When.ON_FAILURE),
    )
    given = variables(A="a", POLICY="pull", CACHE_FALLBACK_KEY="last")
    result = bench.run("true", caches=caches, variables=given)
    assert [(verb, cache.key.text) for verb, cache in bench.store.asked] == [
        ("restore", "a-key"),
        ("restore", "pull"),
        ("restore", "broken"),
        ("save", "a-key"),
    ]
    first = bench.store.asked[0][1]
    assert (first.paths, first.fallback_keys) == (("a/x",), ("f-a", "last"))
    assert [str(warning) for warning in result.warnings] == ["broken"]
    assert len(result.caches) == 4
    assert {"restore_cache", "archive_cache"} <= set(result.timings)
    bench.store.asked.clear()
    bench.run("false", caches=caches, variables=given)
    assert [cache.key.text for verb, cache in bench.store.asked if verb == "save"] == ["on-failure"]


def test_artifacts(bench: Bench) -> None:
    bench.store.kept = Kept(
        files=(KeptFile(kind="archive", name="a.zip", files=1, size=3),),
        dotenv=variables(VERSION="1.2"),
        warnings=(t("no matching files"),),
    )
    asked = Artifacts(name="$N", paths=("out/$N",), exclude=("$N.tmp",), reports=(Report("junit", ("$N.xml",)),))
    result = bench.run("touch made", artifacts=asked, variables=variables(N="n"))
    verb, artifacts, files, succeeded = bench.store.asked[0]
    assert (verb, files, succeeded) == ("keep", ["made"], True)
    assert (artifacts.name, artifacts.paths, artifacts.exclude) == ("n", ("out/n",), ("n.tmp",))
    assert artifacts.reports[0].paths == ("n.xml",)
    assert result.kept == bench.store.kept.files
    assert result.dotenv == bench.store.kept.dotenv
    assert "WARNING: no matching files" in bench.log.text
    bench.store.kept = Kept(failure=t("not a dotenv file"))
    result = bench.run("true", artifacts=asked)
    assert (result.state, str(result.message)) == (State.FAILED, "not a dotenv file")


def test_dependencies(bench: Bench) -> None:
    assert bench.says("ls", dependencies=(3, 4)) == "from-3\nfrom-4\n"
    result = bench.run("echo ran", dependencies=(404,))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.MISSING_DEPENDENCY)
    assert str(result.message) == "the archive of job 404 is gone"


def test_secrets_do_not_show(bench: Bench) -> None:
    secret = "correct-horse-battery"
    asked = (Variable("TOKEN", secret, masked=True), Variable("WHERE", f"/x/{secret}"))
    result = bench.run(
        "printf %s correct-horse; sleep 0.05; printf '%s\\n' -battery",
        'printf %s "$TOKEN" | base64',
        'head -c 4090 /dev/zero | tr "\\0" x; echo "$TOKEN"',
        f"echo {secret}; echo trailing correct-hor; printf %s correct",
        variables=asked,
        artifacts=Artifacts(),
    )
    assert result.state is State.SUCCESS
    assert secret not in bench.log.text
    assert "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5" not in bench.log.text
    assert "trailing correct-hor\n" in bench.log.text
    assert "correct\nsection_end" in bench.log.text
    bench.folders.error = OSError(13, "Permission denied", f"/x/{secret}")
    assert secret not in str(bench.run("true", variables=asked).message)


@pytest.mark.parametrize(
    ("pattern", "script", "percent"),
    [
        (r"TOTAL.*?(\d+)%", "echo TOTAL 10 20%; echo TOTAL 10 85%; echo other 99%", 85.0),
        (r"Cov: \d+\.\d+", "printf 'Cov: 1.5\\nCov: 66.25'", 66.25),
        (r"^(?:Lines: (\d+)|Stmts: (\d+))$", "printf 'Lines: 7\\r\\nx Stmts: 9\\n'", 7.0),
        (r"nothing", "echo TOTAL 10", None),
        (r"\ATotal: (\d+)", "echo x; echo Total: 5", 5.0),
    ],
)
def test_coverage(bench: Bench, pattern: str, script: str, percent: float | None) -> None:
    assert bench.run(script, coverage=pattern).coverage == percent


def test_an_invalid_coverage_pattern_is_a_warning(bench: Bench) -> None:
    result = bench.run("true", coverage="(")
    assert (result.state, result.coverage, len(result.warnings)) == (State.SUCCESS, None, 1)


def test_output_is_cut_at_the_limit_and_the_job_goes_on(bench: Bench) -> None:
    bench.executor.settings = LocalSettings(limits=JobLimits(log=1000))
    result = bench.run("head -c 5000 /dev/zero", "exit 4")
    assert result.exit_code == 4
    assert len(bench.log.data) < 2500
    assert "exceeds its limit" in bench.log.text
    assert "$ exit 4" in bench.log.text.partition("bytes of the output are left out here.")[2]


def test_hooks_run_first(bench: Bench) -> None:
    hook = ScriptStep(name="pre_get_sources_script", lines=("echo hooked > $CI_PROJECT_DIR/hook",))
    script = ScriptStep(name="script", lines=("cat hook",))
    assert bench.says(steps=(hook, script)) == "hooked\n"


def test_a_release_step_comes_after_a_successful_script_only(bench: Bench) -> None:
    steps = (ScriptStep(name="script", lines=("true",)), ScriptStep(name="release", lines=()))
    bench.run(steps=steps)
    assert "The release is noted" in bench.log.text
    bench.log.data = b""
    bench.run(steps=(ScriptStep(name="script", lines=("false",)), steps[1]))
    assert "The release is noted" not in bench.log.text


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PlumblineError("broken", t("the repository is broken")), "the repository is broken"),
        (OSError(28, "No space left on device", "/data/x"), "no space left on the disk: /data/x"),
        (OSError(13, "Permission denied", "/data/x"), "the system refused: [Errno 13] Permission denied: '/data/x'"),
    ],
)
def test_no_working_copy(bench: Bench, error: Exception, message: str) -> None:
    bench.folders.error = error
    result = bench.run("true")
    assert (result.state, result.reason) == (State.FAILED, FailureReason.RUNNER_SYSTEM)
    assert str(result.message) == message


@pytest.mark.parametrize(
    "fault",
    [KeyError("no-such"), ValueError("seen: hunter22"), RecursionError(), MemoryError(), SystemExit(1)],
    ids=lambda fault: type(fault).__name__,
)
@pytest.mark.parametrize("where", ["working copy", "place", "close", "cache", "artifacts"])
def test_a_fault_of_our_own_is_a_verdict(
    bench: Bench, where: str, fault: BaseException, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object, **__: object) -> None:
        raise fault

    place, name = {
        "working copy": (bench.folders, "open"),
        "place": (bench.executor, "place"),
        "close": (Host, "close"),
        "cache": (bench.store, "save"),
        "artifacts": (bench.store, "keep"),
    }[where]
    monkeypatch.setattr(place, name, faulty)
    result = bench.run(
        "true",
        caches=(Cache(key=CacheKey(text="k"), paths=("x",)),),
        artifacts=Artifacts(paths=("x",)),
        variables=(Variable("KEY", "hunter22", masked=True),),
    )
    assert (result.state, result.reason) == (State.FAILED, FailureReason.RUNNER_SYSTEM)
    assert f"a fault of Plumbline itself ({type(fault).__name__}" in str(result.message)
    assert "ERROR: Job failed: a fault of Plumbline itself" in bench.log.text
    assert "in faulty" in caplog.text
    for text in (str(result.message), bench.log.text, caplog.text):
        assert "hunter22" not in text


@pytest.mark.parametrize("act", ["rm -rf $CI_PROJECT_DIR", "rm -rf $CI_PROJECT_DIR && ln -s /etc $CI_PROJECT_DIR"])
def test_nothing_is_kept_by_way_of_another_folder(bench: Bench, act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "close", lambda self: shutil.rmtree(self.home))
    result = bench.run(f"cd /; {act}", artifacts=Artifacts(paths=("passwd",)))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.SCRIPT)
    assert "removed its working copy" in str(result.message)
    assert not bench.store.asked


def test_a_job_that_removes_its_scratch_folder_has_a_verdict(bench: Bench) -> None:
    result = bench.run("rm -rf $TMPDIR", after=("echo afterwards",), artifacts=Artifacts(paths=("x",)))
    assert result.state is State.SUCCESS
    assert "\nafterwards\n" in bench.log.text


def test_a_log_that_cannot_be_written_fails_the_job_and_kills_it(bench: Bench) -> None:
    class Full(Log):
        def write(self, data: bytes) -> None:
            if b"boom" in self.data + data:
                raise OSError(28, "No space left on device")
            super().write(data)

    bench.log = Full()
    result = bench.run("echo bo''om; sleep 60")
    assert (result.state, result.reason) == (State.FAILED, FailureReason.RUNNER_SYSTEM)


def test_an_image_without_an_engine_is_refused(bench: Bench) -> None:
    result = bench.run("true", image=Image(name="alpine"))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.RUNNER_UNSUPPORTED)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc on this system")
def test_nothing_stays_behind(bench: Bench) -> None:
    bench.run("setsid -f sleep 60 >/dev/null 2>&1; sleep 61 & true")
    assert not [p for p in Path("/proc").iterdir() if p.name.isdigit() and marker_of(int(p.name)).startswith(MARKED)]


def test_a_trivial_job_costs_little_beside_its_shell(bench: Bench) -> None:
    bench.run("true")
    begun = time.thread_time()
    for _ in range(20):
        bench.run("true", variables=variables(**{f"CI_V{n}": "x" for n in range(80)}))
    assert (time.thread_time() - begun) / 20 < 0.003  # measured: 0.5 ms, the start of the process included


def test_the_working_folder_is_the_jobs_own(bench: Bench) -> None:
    assert bench.says("pwd") == f"{bench.folders.home}/7/project\n"
    assert str(Path.cwd()) != f"{bench.folders.home}/7/project"


def test_reports_that_nobody_asked_for_are_proposed(bench: Bench) -> None:
    result = bench.run(f"echo '{JUNIT}' > junit.xml", "exit 1")
    assert [(one.path, one.format, one.kind) for one in result.found] == [("junit.xml", "junit", "junit")]
    assert "Found 1 file that looks like a report" in bench.log.text
    assert "      junit: [junit.xml]" in bench.log.text
    assert not [asked for asked in bench.store.asked if asked[0] == "keep"]


def test_reports_that_nobody_asked_for_are_kept_where_that_is_set(bench: Bench) -> None:
    bench.executor.settings = LocalSettings(marker=MARKED, grace=0.3, take_reports=True)
    result = bench.run(f"echo '{JUNIT}' > junit.xml")
    assert [one.path for one in result.found] == ["junit.xml"]
    assert bench.store.asked[-1][1] == Artifacts(reports=(Report("junit", ("junit.xml",)),))
    assert "add to the job" not in bench.log.text


def test_a_fault_of_ours_in_the_look_for_reports_changes_nothing(bench: Bench, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("plumbline.adapters.jobs.left_files.find_reports", broken)
    assert bench.run("true").state is State.SUCCESS

"""Make a small real repository from ``demo/sample``, run its pipeline with ``plumb run``, and tell what happened."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"
HOME = Path(__file__).parent.parent / ".demo-engine"
REPOSITORY = HOME / "quotes"
PLUMB = [sys.executable, "-m", "plumbline"]
WHERE = ["-C", str(REPOSITORY), "--data", str(HOME / "data")]


def make_repository() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    shutil.copytree(SAMPLE, REPOSITORY, ignore=shutil.ignore_patterns("__pycache__"))
    who = ["-c", "user.name=Demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "Quote"]):
        subprocess.run(["git", *who, *arguments], cwd=REPOSITORY, check=True)


def plumb(*arguments: str, environment: dict[str, str] | None = None) -> int:
    print(f"\n$ plumb {' '.join(arguments)}", flush=True)
    command = [*PLUMB, arguments[0], *WHERE, *arguments[1:]]
    return subprocess.run(command, env={**os.environ, **(environment or {})}, check=False).returncode


def record_of_newest_run() -> dict[str, object]:
    answer = subprocess.run(
        [*PLUMB, "history", *WHERE, "--limit", "1", "--json"], capture_output=True, text=True, check=True
    )
    record: dict[str, object] = json.loads(answer.stdout)
    return record


def logs_that_hold(secret: str) -> list[Path]:
    return [path for path in (HOME / "data").rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def tell(record: dict[str, object], secret: str, status: int) -> bool:
    """What the run's own record says; whether it is what the pipeline promises."""
    jobs = {(job.get("pipeline", 1), job["name"]): job for job in record["jobs"]}  # type: ignore[attr-defined]
    states: dict[str, list[str]] = {}
    for (_, name), job in jobs.items():
        state = job.get("state", "created")
        states.setdefault("failed (allowed)" if state == "failed" and job.get("allow_failure") else state, []).append(
            name
        )
    children = sorted({pipeline for pipeline, _ in jobs if pipeline > 1})
    kept = [file for job in jobs.values() for file in job.get("kept", ())]
    leaks = logs_that_hold(secret)
    print("\nWhat happened, from the record of the run:")
    for state, names in states.items():
        print(f"  {state + ':':18} {', '.join(names)}")
    print(f"  {'child pipelines:':18} {len(children)}")
    print(f"  {'kept:':18} {len(kept)} archives and reports, {sum(file['size'] for file in kept)} bytes")
    print(f"  {'secret in a log:':18} {'YES: ' + str(leaks[0]) if leaks else 'no'}")
    print(f"  {'exit status:':18} {status}")
    return (
        status == 0 and record["state"] == "success" and bool(children) and "failed (allowed)" in states and not leaks
    )


def main() -> int:
    began = time.monotonic()
    make_repository()
    print(f"A small service in its own git repository: {REPOSITORY}")
    plumb("plan")
    token = secrets.token_hex(16)
    status = plumb("run", "--secret", "SERVICE_TOKEN", environment={"SERVICE_TOKEN": token})
    well = tell(record_of_newest_run(), token, status)
    plumb("why", "deploy")
    plumb("history")
    print(f"\nThat took {time.monotonic() - began:.1f} s. Try next, in {REPOSITORY}:")
    data = f"--data {HOME / 'data'}"
    for command, why in (
        (f"plumb logs style {data}", "what the job printed whose failure is allowed"),
        (f"plumb run unit {data}", "one job alone"),
        (f"plumb run --manual deploy --secret SERVICE_TOKEN=abcdefgh {data}", "with the manual job"),
        ("plumb plan --variables build", "the variables of a job, and where they come from"),
        ("plumb lint --event schedule", "what is wrong, for an event"),
    ):
        print(f"  {command}\n      {why}")
    print(f"`plumb` is {Path(sys.executable).parent / 'plumb'}; it works in any repository with a .gitlab-ci.yml.")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())

"""The repositories that are measured on, made on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path

STAGES = 5


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A git repository with these files in one commit, and an origin (the peer asks for one)."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["config", "user.name", "Bench"],
        ["config", "user.email", "bench@example.com"],
        ["config", "gc.auto", "0"],
        ["remote", "add", "origin", "https://git.example.com/bench/bench.git"],
        ["add", "."],
        ["commit", "-q", "-m", "Begin"],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def trivial_jobs(count: int) -> dict[str, str]:
    """Jobs that do nothing, spread over five stages, by stages."""
    lines = [f"stages: [{', '.join(f's{stage}' for stage in range(STAGES))}]"]
    for number in range(count):
        lines += [f"job{number}:", f"  stage: s{number * STAGES // count}", "  script: ['true']"]
    return {".gitlab-ci.yml": "\n".join(lines) + "\n", "README": "Nothing here.\n"}


_ROOT = """\
stages: [build, test, check, pack, deploy]
variables:
  LEVEL: info
  REGION: north
include:
{includes}
.scripts:
  setup:
    - echo setting up
    - export READY=1
  finish:
    - echo done
.rules:
  usual:
    - if: $CI_PIPELINE_SOURCE == "schedule"
      when: never
    - if: $CI_COMMIT_BRANCH == "main" && $REGION =~ /^north|south$/
      variables: {{LEVEL: debug}}
    - if: $CI_COMMIT_TAG
.base:
  tags: [bench]
  variables: {{BASE: one, SHARED: base}}
  retry: 1
  interruptible: true
.service:
  extends: .base
  variables: {{SERVICE: two, SHARED: service}}
  before_script:
    - !reference [.scripts, setup]
.component:
  extends: .service
  variables: {{COMPONENT: three}}
  artifacts: {{paths: [out/], expire_in: 1 day}}
"""
_JOB = """\
{name}:
  extends: .component
  stage: {stage}
  variables: {{NUMBER: "{number}"}}
  script:
    - echo {name}
    - !reference [.scripts, finish]
  rules:
    - !reference [.rules, usual]
    - when: on_success
"""


def large_configuration(jobs: int = 1000, includes: int = 10) -> dict[str, str]:
    """Many jobs in included files, three levels of ``extends``, rules, and ``!reference`` in scripts and rules."""
    names = [f"ci/part{part}.yml" for part in range(includes)]
    files = {".gitlab-ci.yml": _ROOT.format(includes="\n".join(f"  - local: /{name}" for name in names))}
    stages = ("build", "test", "check", "pack", "deploy")
    each = jobs // includes
    for part, name in enumerate(names):
        files[name] = "".join(
            _JOB.format(name=f"job-{part}-{n}", stage=stages[n * len(stages) // each], number=n) for n in range(each)
        )
    return files


def many_files(count: int = 607) -> dict[str, str]:
    """A small project's worth of files of some kilobytes, in nested folders."""
    line = "The quick brown fox jumps over the lazy dog {number}.\n"
    files = {
        f"src/part{n % 12}/sub{n % 5}/file{n}.txt": line.format(number=n) * (20 + n % 120) for n in range(count - 1)
    }
    return files | {".gitlab-ci.yml": "build:\n  script: ['true']\n"}

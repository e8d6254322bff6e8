"""What jobs see of the machine they run on, how much of it they may take, and in which containers they may run."""

from __future__ import annotations

import msgspec


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """What a job sees besides its own working copy. The same for a sandbox and for a container.

    ``tools``: files and folders of this machine, read-only; ``caches``: a folder of the project's own that package
    managers keep what they fetched in, from job to job (empty: none).
    """

    network: bool = True  # what this machine reaches; False: itself and its services alone
    tools: tuple[str, ...] = ()
    caches: str = ""


class JobLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one job may take. Sizes are bytes; 0: no limit, for ``memory``: three quarters of the machine's."""

    processes: int = 4096  # and threads, at the same time
    memory: int = 0
    cpus: int = 0
    cpu_seconds: int = 0
    workspace: int = 20_000_000_000  # working copy, home and temporary files
    artifacts: int = 2_000_000_000  # packed
    log: int = 64_000_000  # head and tail of what is printed


class ContainerRules(msgspec.Struct, frozen=True, kw_only=True):
    """In which containers jobs may run."""

    engine: str = ""  # podman or docker; empty: the first that answers
    images: tuple[str, ...] = ()  # allowed, * as a wildcard; empty: any
    default_image: str = ""  # of jobs that name none; empty: they run without a container
    pull: tuple[str, ...] = ()  # policies that jobs may name, in the order tried where they name none; empty: any
    usual_pull: tuple[str, ...] = ("if-not-present",)  # the order tried where jobs may name any, and name none
    privileged: bool = False
    volumes: tuple[str, ...] = ()  # /path[:/inside[:ro]]
    relabel: bool = False  # SELinux: label the working copy instead of switching confinement off
    options: tuple[str, ...] = ()  # more arguments of every "run", by the owner of the machine


class JobSetup(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, for the jobs of one project."""

    isolation: str = ""  # of jobs without an image: the name of a part on the shelf of executors
    view: JobView = JobView()
    limits: JobLimits = JobLimits()
    containers: ContainerRules = ContainerRules()
    take_reports: bool = False  # that no artifacts:reports names

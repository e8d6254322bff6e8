"""``artifacts``."""

from __future__ import annotations

import re

from plumbline.kernel import t
from plumbline.model.job import When
from plumbline.model.pipeline import Access, Artifacts, Report
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_WHEN = ("on_success", "on_failure", "always")
_ACCESS = ("all", "developer", "maintainer", "none")
_FORMATS = ("cobertura", "jacoco")
_REPORTS = (
    "accessibility",
    "annotations",
    "api_fuzzing",
    "browser_performance",
    "codequality",
    "container_scanning",
    "coverage_fuzzing",
    "cyclonedx",
    "dast",
    "dependency_scanning",
    "junit",
    "license_management",
    "license_scanning",
    "load_performance",
    "lsif",
    "metrics",
    "repository_xray",
    "requirements",
    "sarif",
    "sast",
    "secret_detection",
    "terraform",
)
_OLD_REPORTS = ("cluster_image_scanning", "performance", "requirements_v2")  # in no schema; the server takes them
_EXPOSED_NAME = re.compile(r"\w[-\w ]*", re.ASCII)
_MAX_EXPOSED_NAME = 100


def read(reading: Reading) -> Artifacts:
    """What is kept of the job: paths, reports, and for how long."""
    keys = reading.map()
    _check_together(reading, keys)
    return Artifacts(
        paths=keys["paths"].strings(single=False) if "paths" in keys else (),
        exclude=keys["exclude"].strings(single=False) if "exclude" in keys else (),
        untracked=keys["untracked"].boolean() if "untracked" in keys else False,
        when=When(keys["when"].one_of(_WHEN)) if "when" in keys else When.ON_SUCCESS,
        expire_in=keys["expire_in"].duration() if "expire_in" in keys else None,
        name=keys["name"].string(empty=True) if "name" in keys else "",
        expose_as=_read_exposed_name(keys["expose_as"]) if "expose_as" in keys else "",
        access=_read_access(keys),
        reports=_read_reports(keys["reports"]) if "reports" in keys else (),
    )


def _check_together(reading: Reading, keys: dict[str, Reading]) -> None:
    if reading.names("public") and reading.names("access"):
        reading.fail("exclusive-keys", t("public and access exclude each other"), t("remove public"), at="public")
    if "expose_as" in keys and ("paths" not in keys or not keys["paths"].value):
        reading.fail("missing-key", t("expose_as needs paths"), t("add paths"))
    if "expose_as" in keys and "paths" in keys and isinstance(keys["paths"].value, list):
        for path in keys["paths"].items():
            if isinstance(path.value, str) and "*" in path.value:
                path.fail("exclusive-keys", t("a path with * cannot be shown by expose_as"), t("name it in full"))


def _read_exposed_name(reading: Reading) -> str:
    name = reading.string(maximum=_MAX_EXPOSED_NAME)
    if name and not _EXPOSED_NAME.fullmatch(name):
        message = t("{name} cannot be shown as a name", name=repr(name))
        reading.fail("invalid-name", message, t("use the letters a to z, digits, spaces, - and _"))
    return name


def _read_access(keys: dict[str, Reading]) -> Access:
    if "access" in keys:
        return Access(keys["access"].one_of(_ACCESS))
    return Access.DEVELOPER if "public" in keys and not keys["public"].boolean() else Access.ALL


def _read_reports(reading: Reading) -> tuple[Report, ...]:
    return tuple(
        _read_coverage(report) if kind == "coverage_report" else Report(kind, report.strings(empty=True))
        for kind, report in reading.map().items()
    )


def _read_coverage(reading: Reading) -> Report:
    keys = reading.map(("coverage_format", "path"))
    return Report(
        "coverage_report",
        (keys["path"].string(),) if "path" in keys else (),
        keys["coverage_format"].one_of(_FORMATS) if "coverage_format" in keys else "",
    )


_EXPIRY = t(
    "on the server from the end of the job on; without it the setting ci.artifacts_days holds, and the latest of a "
    "branch stay with ci.keep_latest_artifacts. A local run keeps artifacts as long as itself"
)
_READ = (  # there is a format for what stands under these
    "api_fuzzing",
    "cluster_image_scanning",
    "codequality",
    "container_scanning",
    "coverage_fuzzing",
    "cyclonedx",
    "dast",
    "dependency_scanning",
    "junit",
    "load_performance",
    "metrics",
    "sarif",
    "sast",
    "secret_detection",
    "terraform",
)
_TAKEN_IN = t(
    "read when the job ended, on the server and in a local run; a file that cannot be read is told with its reason "
    "and never fails the job"
)
_KEPT = t("kept with the job; its content is not read")
_SHOWN = t("read and checked; there is no page to show it on yet")

PART = Keyword(
    name="artifacts",
    places=(Place.DEFAULT, Place.JOB),
    title=t("Files that are kept of the job and handed to later jobs"),
    read=read,
    reference="ci/yaml/#artifacts",
    subkeys=(
        Subkey("paths"),
        Subkey("exclude"),
        Subkey("untracked"),
        Subkey("when"),
        Subkey("expire_in", Status.PARTIAL, _EXPIRY),
        Subkey("name"),
        Subkey("expose_as", Status.INERT, _SHOWN),
        Subkey("access", Status.INERT, t("read and checked; on this machine there is nobody to be kept out")),
        Subkey("public", Status.INERT, t("read and checked; on this machine there is nobody to be kept out")),
        Subkey("reports"),
        Subkey("reports:dotenv", note=t("its variables are handed to later jobs")),
        Subkey("reports:coverage_report", note=_TAKEN_IN),
        Subkey("reports:coverage_report:coverage_format"),
        Subkey("reports:coverage_report:path"),
        *(
            Subkey(f"reports:{kind}", note=_TAKEN_IN)
            if kind in _READ
            else Subkey(f"reports:{kind}", Status.PARTIAL, _KEPT)
            for kind in (*_REPORTS, *_OLD_REPORTS)
        ),
    ),
    differs=(t("the old report license_management is taken, and kept with the job"),),
)

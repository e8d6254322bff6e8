"""What is said of a file that somebody brings."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.api.fields import Count, Line


class AboutReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``kind``: a format or a key of artifacts:reports. It is about a pipeline, or about a commit (its full id) of a
    project. ``layer``: of tests whose report does not say it."""

    kind: Annotated[str, Meta(min_length=1, max_length=41)]
    name: Line = "report"
    project: Count = 0
    pipeline: Count = 0
    commit: Annotated[str, Meta(max_length=64)] = ""
    layer: Literal["", "unit", "component", "interface", "user"] = ""

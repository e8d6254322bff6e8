"""The shapes of answers: what a noun shows of itself to those who may see it."""

from __future__ import annotations

import msgspec

from plumbline.api.fields import Count, Id, Limit, NodeId


class Paging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``after`` is ``next`` of the page before."""

    after: Count = 0
    limit: Limit = 50


class Back(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first; ``before`` is ``next`` of the page before."""

    before: Count = 0
    limit: Limit = 50


class Done(msgspec.Struct, frozen=True):
    """It was done; false where there was nothing to do."""

    done: bool = True


__all__ = ["Back", "Count", "Done", "Id", "Limit", "NodeId", "Paging"]

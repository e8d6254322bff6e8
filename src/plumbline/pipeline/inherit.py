"""``default`` and ``inherit``: the keywords a job has once the defaults are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.pipeline.source.syntax import Map, mark_of

if TYPE_CHECKING:
    from collections.abc import Collection

KEYWORDS = frozenset(
    {
        "after_script",
        "artifacts",
        "before_script",
        "cache",
        "hooks",
        "id_tokens",
        "identity",
        "image",
        "interruptible",
        "retry",
        "services",
        "tags",
        "timeout",
    }
)
ROOT_FORMS = ("image", "services", "cache", "before_script", "after_script")  # deprecated: defaults at the top level
_BRIDGE = frozenset({"interruptible"})  # what a trigger job takes of the defaults; the rest it may not have


def defaults_of(config: Map) -> Map:
    """The defaults in force: the deprecated top-level forms, and ``default`` over them."""
    found = Map()
    for name in ROOT_FORMS:
        if config.get(name) is not None:
            put(found, name, config[name], config)
    default = config.get("default")
    if isinstance(default, dict):
        for name, value in default.items():
            if name in KEYWORDS and value is not None:
                put(found, name, value, default)
    return found


def with_defaults(job: Map, defaults: Map) -> Map:
    """The job with every inherited default that it does not set itself. Its own value replaces, never merges."""
    wanted = _wanted(job.get("inherit"))
    missing = [name for name in defaults if job.get(name) is None and (wanted is None or name in wanted)]
    if "trigger" in job:
        missing = [name for name in missing if name in _BRIDGE]
    if not missing:
        return job
    result = Map(job, job.mark, dict(job.marks))
    for name in missing:
        put(result, name, defaults[name], defaults)
    return result


def put(target: Map, name: str, value: Any, source: Any) -> None:
    """Set a key with the place it has in another map."""
    target[name] = value
    target.marks[name] = mark_of(source, name)


def _wanted(inherit: Any) -> Collection[str] | None:
    """The defaults that ``inherit:default`` lets in; None: all."""
    default = inherit.get("default", True) if isinstance(inherit, dict) else True
    if isinstance(default, list):
        return {name for name in default if isinstance(name, str)}
    return () if default is False else None

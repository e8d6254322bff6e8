"""``trigger``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Forward, Trigger, TriggerInclude
from plumbline.model.problem import Severity
from plumbline.pipeline import _conditions as conditions
from plumbline.pipeline._includes import MAPPED, NETWORK, need_one, read_fetched
from plumbline.pipeline._inputs import read_given
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_STRATEGIES = ("depend", "mirror")
_MAX_INCLUDES = 3
_KINDS = ("local", "template", "remote", "component", "project", "artifact")
_YAML = (".yml", ".yaml")


def read(reading: Reading) -> Trigger:
    """The project, or the sources of a child pipeline's configuration; names may hold variables."""
    if isinstance(reading.value, str):
        return Trigger(project=_read_project(reading))
    if not isinstance(reading.value, dict):
        reading.wrong_type(t("the path of a project, or a map with project or include"))
        return Trigger()
    keys = reading.map()
    if ("project" in keys) == ("include" in keys):
        code = "exclusive-keys" if "project" in keys else "missing-key"
        reading.fail(code, t("needs project or include, and not both"))
    for name in ("branch", "inputs"):
        if name in keys and "project" not in keys:
            message = t("{key} is only used together with {kind}", key=name, kind="project")
            reading.fail("missing-key", message, t("remove {keyword}", keyword=name), at=name)
    return Trigger(
        project=_read_project(keys["project"]) if "project" in keys else "",
        branch=keys["branch"].string() if "branch" in keys else "",
        include=_read_includes(keys["include"]) if "include" in keys else (),
        strategy=keys["strategy"].one_of(_STRATEGIES) if "strategy" in keys else "",
        forward=_read_forward(keys["forward"]) if "forward" in keys else Forward(),
        inputs=read_given(keys["inputs"]) if "inputs" in keys else {},
    )


def _read_project(reading: Reading) -> str:
    path = reading.string()
    if path and "/" not in path and "$" not in path:
        message = t("{path} is not the path of a project", path=path)
        reading.fail("invalid-value", message, t("write it as group/project"), severity=Severity.WARNING)
    return path


def _read_forward(reading: Reading) -> Forward:
    keys = reading.map()
    return Forward(
        yaml_variables=keys["yaml_variables"].boolean() if "yaml_variables" in keys else True,
        pipeline_variables=keys["pipeline_variables"].boolean() if "pipeline_variables" in keys else False,
    )


def _read_includes(reading: Reading) -> tuple[TriggerInclude, ...]:
    if not isinstance(reading.value, (str, list)):
        reading.wrong_type(t("a text or a list"), t('begin the line with "- "'))
        return ()
    return tuple(_read_include(item) for item in reading.items(lowest=1, highest=_MAX_INCLUDES, single=True))


def _read_include(reading: Reading) -> TriggerInclude:
    if isinstance(reading.value, str):
        path = _read_file(reading)
        return TriggerInclude(remote=path) if "://" in path else TriggerInclude(local=path)
    keys = reading.map()
    need_one(reading, keys, _KINDS)
    for kind, other in (("project", "file"), ("artifact", "job")):
        if kind in keys and other not in keys:
            reading.fail("missing-key", t("{key} is missing", key=other), t("add {key}", key=other))

    def text(name: str) -> str:
        return keys[name].string() if name in keys else ""

    return TriggerInclude(
        local=_read_file(keys["local"]) if "local" in keys else "",
        template=_read_file(keys["template"]) if "template" in keys else "",
        remote=text("remote"),
        component=text("component"),
        project=_read_project(keys["project"]) if "project" in keys else "",
        files=keys["file"].strings(check=_read_file) if "file" in keys else (),
        ref=text("ref"),
        artifact=_read_file(keys["artifact"]) if "artifact" in keys else "",
        job=text("job"),
        inputs=read_given(keys["inputs"]) if "inputs" in keys else {},
        integrity=read_fetched(reading, keys),
        rules=_read_rules(keys["rules"]) if "rules" in keys else None,
    )


def _read_rules(reading: Reading) -> list[object] | None:
    """Rules of a source of the child's configuration, as written; their shape has been checked."""
    for rule in conditions.read_rules(reading):
        if "when" in rule:
            rule["when"].one_of(("always", "never"))
    return reading.value if isinstance(reading.value, list) else None


def _read_file(reading: Reading) -> str:
    path = reading.string()
    if path and not path.endswith(_YAML) and "$" not in path:
        message = t("{path} is not the name of a YAML file", path=path)
        reading.fail("invalid-value", message, t("it must end in .yml or .yaml"))
    return path


PART = Keyword(
    name="trigger",
    places=(Place.JOB,),
    title=t("Start another pipeline: a child, or one of another project"),
    read=read,
    status=Status.PARTIAL,
    note=t(
        "child pipelines run, also from generated files; a pipeline of another project runs where that project is"
        " mapped to a folder on this machine"
    ),
    reference="ci/yaml/#trigger",
    subkeys=(
        Subkey("project", Status.PARTIAL, MAPPED),
        Subkey("branch", Status.PARTIAL, MAPPED),
        Subkey("strategy"),
        Subkey("forward"),
        Subkey("forward:yaml_variables"),
        Subkey("forward:pipeline_variables"),
        Subkey("inputs"),
        Subkey("include"),
        Subkey("include:local"),
        Subkey("include:template", Status.PARTIAL, t("only where templates are mapped to a folder on this machine")),
        Subkey("include:remote", Status.PARTIAL, NETWORK),
        Subkey("include:component", Status.PARTIAL, MAPPED),
        Subkey("include:project", Status.PARTIAL, MAPPED),
        Subkey("include:file", Status.PARTIAL, MAPPED),
        Subkey("include:ref", Status.PARTIAL, MAPPED),
        Subkey("include:artifact"),
        Subkey("include:job"),
        Subkey("include:inputs"),
        Subkey("include:integrity"),
        Subkey("include:cache", Status.INERT, t("read and checked; a file is fetched once in a run")),
        Subkey("include:rules"),
        *conditions.subkeys("include:rules:"),
        Subkey("include:rules:when"),
    ),
    differs=(
        t("a file that is not named .yml or .yaml is refused when it is read, not when the pipeline is made"),
        t("a list in the list of include is refused: the child pipeline could not be made"),
    ),
)

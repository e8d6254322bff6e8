"""What Gemara asks of its logs, written down from its published schema as far as ours have such fields."""

from __future__ import annotations

from typing import Any

RESULTS = ["Not Run", "Passed", "Failed", "Needs Review", "Not Applicable", "Unknown"]
_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    """Closed, as a definition of theirs is."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": {name.replace("_", "-"): form for name, form in properties.items()},
        "additionalProperties": False,
    }


def _some(form: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": form}


_ENTRY = _object("reference-id entry-id", reference_id=_TEXT, entry_id=_TEXT, remarks=_TEXT)
_ARTIFACT = _object("reference-id", reference_id=_TEXT, remarks=_TEXT)
_ENTITY = _object(
    "id name type", id=_TEXT, name=_TEXT, type={"enum": ["Human", "Software", "Software Assisted"]}, version=_TEXT,
    description=_TEXT, uri=_TEXT,
)  # fmt: skip
_REFERENCE = _object("id title version", id=_TEXT, title=_TEXT, version=_TEXT, description=_TEXT, url=_TEXT)


def _metadata(type_: str) -> dict[str, Any]:
    return _object(
        "id type gemara-version description author", id=_TEXT, type={"const": type_}, gemara_version=_TEXT,
        date=_MOMENT, description=_TEXT, author=_ENTITY, mapping_references=_some(_REFERENCE), version=_TEXT,
    )  # fmt: skip


_ASSESSMENT = _object(
    "requirement description result message applicability steps start", requirement=_ENTRY, description=_TEXT,
    result={"enum": RESULTS}, message=_TEXT, applicability=_some(_TEXT), steps=_some(_TEXT),
    steps_executed={"type": "integer"}, start=_MOMENT, end=_MOMENT, recommendation=_TEXT,
)  # fmt: skip
EVALUATION_LOG = _object(
    "metadata target result evaluations", metadata=_metadata("EvaluationLog"), target=_ENTITY,
    result={"enum": RESULTS},
    evaluations=_some(_object(
        "name result message control assessment-logs", name=_TEXT, result={"enum": RESULTS}, message=_TEXT,
        control=_ENTRY, assessment_logs=_some(_ASSESSMENT),
    )),
)  # fmt: skip

_DISPOSITIONS = {"enum": ["Undetermined", "Enforced", "Tolerated", "Clear"]}
_FINDING = _object("result log", result={"enum": RESULTS}, requirement=_ENTRY, plan=_ENTRY, log=_ENTRY)
ENFORCEMENT_LOG: dict[str, Any] = {
    **_object(
        "metadata target disposition actions", metadata=_metadata("EnforcementLog"), target=_ENTITY,
        disposition=_DISPOSITIONS,
        actions=_some(_object(
            "disposition method start steps justification", disposition=_DISPOSITIONS, method=_ENTRY, message=_TEXT,
            start=_MOMENT, end=_MOMENT, steps=_some(_TEXT),
            justification=_object("assessments", assessments=_some(_FINDING), exceptions=_some(_ARTIFACT)),
        )),
    ),
    "if": {"properties": {"disposition": {"const": "Clear"}}},
    "then": {"properties": {"actions": {"items": {"properties": {"justification": {"properties": {
        "assessments": {"items": {"properties": {"result": {"const": "Passed"}}}}}}}}}}},
}  # fmt: skip

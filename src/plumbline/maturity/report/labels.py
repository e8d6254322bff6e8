"""The fixed words of a report: headings, and the heads of its tables."""

from __future__ import annotations

from plumbline.kernel import t

LABELS = {
    "summary": t("Summary"),
    "grade": t("Proven level"),
    "counts": t("Criteria by outcome"),
    "level": t("Level"),
    "total": t("Total"),
    "basis": t("What decided criteria rest on"),
    "computed": t("computed from records"),
    "reported": t("reported by a tool"),
    "statement": t("stated by a person"),
    "undecided": t("not decided by evidence"),
    "signs": t("signs of a low level seen"),
    "areas": t("Areas"),
    "area": t("Area"),
    "mean": t("Mean of the items"),
    "mean_note": t("The mean is an average of the items and shows the shape only; it is not a level."),
    "lowest": t("Level (lowest item)"),
    "radar": t("Areas at a glance"),
    "heat": t("Every item at every level"),
    "heat_note": t("In each field: how many of the criteria of the level hold, of all."),
    "item": t("Item"),
    "items": t("Items"),
    "gap": t("What is missing to level {level}"),
    "complete": t("Nothing is missing: this is the highest level."),
    "criterion": t("Criterion"),
    "evidence": t("Evidence"),
    "remedy": t("Remedy"),
    "effort": t("Effort"),
    "events": t("Events"),
    "rule": t("Rule"),
    "roadmap": t("Roadmap"),
    "roadmap_note": t("Always the lowest item next, of these the one with the least effort (low 1, medium 2, high 4)."),
    "step": t("Step"),
    "appendix": t("Appendix"),
    "particulars": t("How to compute this again"),
    "checkpoint": t("Signed checkpoint of the ledger"),
    "no_checkpoint": t("Not computed from a ledger: there is no checkpoint."),
    "signature": t("Signature"),
    "signed_by": t("Acknowledged by"),
    "role": t("Role"),
    "person": t("Name"),
    "date": t("Date"),
    "assessor": t("Assessor"),
    "owner": t("Owner of the subject"),
    "cited": t("Events cited"),
    "source": t("Source"),
    "event": t("Event id"),
    "cited_by": t("Cited by"),
    "contents": t("Contents"),
    "beyond": t("Further steps are in the HTML report."),
}


def labels() -> dict[str, str]:
    return {key: str(text) for key, text in LABELS.items()}

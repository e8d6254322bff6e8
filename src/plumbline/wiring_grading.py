"""Builds what assessments need: packs, kept files, and the ledger they are computed from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.packs import KeptFiles, KeptPacks, load_pack, shipped
from plumbline.flow.assessing import AssessmentTools

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.evidence import SigningKey
    from plumbline.flow.moment import Moment
    from plumbline.maturity import PackFile
    from plumbline.model import Assessment, Ledger

PACKS = "packs"  # in the data folder: what assessments were made with, by digest
OVERLAYS = "overlays"  # in the data folder: PACK.yaml is laid over the pack of this name
DOCUMENTS = "documents"  # in the data folder: what is attached to statements, by digest

__all__ = ["assessment_tools", "load_pack", "pack_of", "render_assessment", "shipped"]


def assessment_tools(
    folder: str,
    ledger: Ledger,
    moment: Callable[[], Moment],
    signing_key: Callable[[], SigningKey | None],
    refresh: Callable[[str], None] = lambda _: None,
) -> AssessmentTools:
    """``folder``: the data folder; ``moment`` gives the present one."""
    now = moment()
    packs, documents = KeptPacks(os.path.join(folder, PACKS)), KeptFiles(os.path.join(folder, DOCUMENTS))
    return AssessmentTools(
        ledger=ledger,
        clock=lambda: moment().now,
        source=now.source,
        new_id=now.new_id,
        signing_key=signing_key,
        shipped=shipped,
        load_pack=lambda name: pack_of(folder, name),
        keep_pack=packs.keep,
        kept_pack=packs.get,
        keep_file=documents.keep,
        file=documents.get,
        refresh=refresh,
    )


def pack_of(folder: str, name: str) -> PackFile:
    """A pack with the organisation's overlay, where the data folder has one."""
    overlay = os.path.join(folder, OVERLAYS, f"{name}.yaml")
    return load_pack(name, (overlay,) if name in shipped() and os.path.exists(overlay) else ())


def render_assessment(assessment: Assessment, language: str, form: str) -> bytes:
    """A report as one file: ``html`` or ``pdf``, in English or Chinese."""
    from plumbline.adapters.renderers import render_html, render_pdf

    if form == "pdf":
        return render_pdf(assessment, language)
    return render_html(assessment, language).encode()

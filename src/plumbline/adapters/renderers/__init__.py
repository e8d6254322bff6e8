"""An assessment as a file that can be handed on: one HTML page, or a PDF."""

from plumbline.adapters.renderers.html import render_html
from plumbline.adapters.renderers.pdf import render_pdf

__all__ = ["render_html", "render_pdf"]

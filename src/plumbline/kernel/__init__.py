"""The few tools every room may use: standard library only, and no knowledge of delivery."""

from plumbline.kernel.controls import visible, without_controls
from plumbline.kernel.errors import ErrorKind, PlumblineError
from plumbline.kernel.masking import Masker, without_password
from plumbline.kernel.shelf import shelf
from plumbline.kernel.text import LANGUAGES, Text, language, legible, listed, t, use_language

__all__ = [
    "LANGUAGES",
    "ErrorKind",
    "Masker",
    "PlumblineError",
    "Text",
    "language",
    "legible",
    "listed",
    "shelf",
    "t",
    "use_language",
    "visible",
    "without_controls",
    "without_password",
]

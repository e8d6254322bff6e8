"""A sentence that comes with data instead of the message catalogue: its English and its Chinese stand together."""

from __future__ import annotations

import msgspec

from plumbline.kernel import language


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Shown in the reader's language, as :class:`plumbline.kernel.Text` is."""

    en: str
    zh: str

    def render(self, code: str) -> str:
        return self.zh if code.startswith("zh") else self.en

    def __str__(self) -> str:
        return self.render(language())

"""Masked values stay hidden in all that is said about a pipeline, not only in the logs of its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import Masker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.kernel import Text
    from plumbline.model.job import CacheUse, KeptFile
    from plumbline.model.pipeline import Variable


class Redactor:
    """Hides the values of the masked ones among ``variables``, in the forms that :class:`Masker` knows."""

    def __init__(self, variables: Iterable[Variable]) -> None:
        secrets = [variable.value for variable in variables if variable.masked]
        self._masker = Masker(secrets) if secrets else None

    def text(self, text: str) -> str:
        return self._masker.mask_text(text) if self._masker else text

    def message(self, message: Text | None) -> Text | None:
        """The same sentence; what its values hold is hidden."""
        return message.map(self.text) if self._masker and message is not None else message

    def caches(self, uses: tuple[CacheUse, ...]) -> tuple[CacheUse, ...]:
        """Keys are made of variables."""
        if self._masker is None:
            return uses
        return tuple(
            msgspec.structs.replace(
                use, key=self.text(use.key), hit=self.text(use.hit), message=self.message(use.message)
            )
            for use in uses
        )

    def kept(self, files: tuple[KeptFile, ...]) -> tuple[KeptFile, ...]:
        """Paths are made of variables."""
        if self._masker is None:
            return files
        return tuple(msgspec.structs.replace(file, name=self.text(file.name)) for file in files)

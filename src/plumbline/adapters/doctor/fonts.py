"""Whether reports can show characters that the fonts which come along lack."""

from __future__ import annotations

import os

from plumbline.adapters.renderers.fonts import FOLDERS, further
from plumbline.kernel import t
from plumbline.model.health import Check, Health

_TRIED = "囧記𠮷"  # of names, of traditional Chinese, and of those beyond the first 65,536


def check_fonts() -> Check:
    files, missing = further(map(ord, _TRIED))
    if not missing:
        names = ", ".join(sorted({os.path.basename(one) for one in files}))
        message = t("Reports show rare and traditional characters with {fonts}.", fonts=names)
        return Check(name="fonts", health=Health.OK, message=message)
    return Check(
        name="fonts",
        health=Health.WARNING,
        message=t("No font of this machine has rare or traditional characters such as {characters}: reports show them "
                  "by their code points.", characters="".join(sorted(map(chr, missing)))),
        cure=t("Install a full Chinese font, such as Noto Sans CJK (package fonts-noto-cjk), or name the folder of one "
               "in {variable}.", variable=FOLDERS),
    )  # fmt: skip

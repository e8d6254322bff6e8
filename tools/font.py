"""``python -m tools.font FOLDER``: make the fonts of the PDF reports out of the full ones. Needs fonttools.

FOLDER holds ``NotoSansSC_400Regular.ttf`` and ``NotoSansSC_700Bold.ttf``, as the npm package
``@expo-google-fonts/noto-sans-sc`` has them. What is kept: Latin with Vietnamese, Chinese punctuation, all of GB2312,
what our packs and sentences use, and some characters that are frequent in names but not in GB2312. Not used when
Plumbline runs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "src" / "plumbline" / "adapters" / "renderers" / "fonts"
FACES = {"NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf", "NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf"}
USED = ("src/plumbline/maturity/standards/*.yaml", "src/plumbline/locale/*/LC_MESSAGES/*.po")
LATIN = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1B0), (0x1E00, 0x1EFF), (0x2010, 0x203A), (0x2190, 0x2193),
    (0x3000, 0x301F), (0xFF01, 0xFF5E),
)  # fmt: skip
SIGNS = "≥≤≠±×÷∞−√≈•●○◐◑■□▲△▼▽◆◇★☆✓✗…‰℃€£¥№™₫"
NAMES = (
    "喆镕垚昇堃彧玥玦珺珮琤瑀瑄瑢璟璠瓅旸昉昳晅晞晳暐曈棽淏淐溁濛燊犇琎祎禕竑翀翃芃荙鋆锜锳镠頔颋飏骕鹍麃"
    "龑彣愔愷旻旼杺枻楒洺涴湜湉溦烜焜燚玙玚珣琇甡諾赟赪"
)


def characters() -> str:
    used = {sign for pattern in USED for path in ROOT.glob(pattern) for sign in path.read_text(encoding="utf-8")}
    used |= {chr(code) for first, last in LATIN for code in range(first, last + 1)}
    used |= set(SIGNS) | set(NAMES) | set(_gb2312())
    return "".join(sorted(sign for sign in used if sign.isprintable()))


def _gb2312() -> str:
    """Every sign of the standard: punctuation, letters, and the Chinese characters of both levels."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", errors="ignore") for pair in pairs)


def main(folder: Path) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    wanted = TARGET / ".characters"
    wanted.write_text(characters(), encoding="utf-8")
    for full, small in FACES.items():
        command = [sys.executable, "-m", "fontTools.subset", str(folder / full), f"--text-file={wanted}"]
        command += [f"--output-file={TARGET / small}", "--layout-features=kern,liga,locl,palt,halt", "--no-hinting"]
        command += ["--name-IDs=0,1,2,3,4,5,6,13,14", "--drop-tables+=vhea,vmtx,VORG"]
        subprocess.run(command, check=True)
    wanted.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

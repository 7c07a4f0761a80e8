"""One sheet of A4: paragraphs, rows of two columns, and rules. Lengths are in mm, sizes of type in points."""

import functools
from datetime import datetime
from pathlib import Path

from fontTools.ttLib import TTFont  # pyright: ignore[reportMissingTypeStubs] - it has none
from fpdf import FPDF

Tone = tuple[int, int, int]
INK, MUTED, LINE, ACCENT = (26, 33, 30), (95, 101, 99), (203, 207, 205), (10, 100, 89)
LEFT, RIGHT, WIDE = 20.0, 190.0, 170.0
_FONTS = Path(__file__).parent / "fonts"
_FAMILY, _OTHER = "own", "other"


class Sheet:
    """A sheet that is filled from top to bottom; `font` has letters that ours lacks. The same calls give the same bytes."""

    def __init__(self, *, title: str, author: str, at: datetime, font: Path | None = None) -> None:
        self._font = font
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_margins(LEFT, 20, 20)
        pdf.set_auto_page_break(auto=False)
        pdf.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        pdf.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        if font is not None:
            pdf.add_font(_OTHER, "", font)
            pdf.set_fallback_fonts([_OTHER], exact_match=False)
        pdf.set_creation_date(at)
        pdf.set_title(title)
        pdf.set_author(author)
        pdf.set_lang("en-GB")
        pdf.add_page()

    @property
    def down(self) -> float:
        """How far down it is filled."""
        return self._pdf.get_y()

    def go(self, down: float) -> None:
        """Go on at so far down."""
        self._pdf.set_y(down)

    def gap(self, high: float) -> None:
        """Leave so much empty."""
        self._pdf.ln(high)

    def say(self, text: str, *, left: float = LEFT, wide: float = WIDE, size: float = 10, high: float = 5.5, bold: bool = False, tone: Tone = INK) -> None:
        """A paragraph; the fallback font has no bold, so what needs it stands in regular."""
        self._pdf.set_font(_FAMILY, "B" if bold and not _needs_other(text, self._font) else "", size)
        self._pdf.set_text_color(*tone)
        self._pdf.set_x(left)
        self._pdf.multi_cell(wide, high, _printable(text, self._font), align="L", new_x="LMARGIN", new_y="NEXT")

    def row(self, what: str, figure: str, *, bold: bool = False, tone: Tone = INK) -> None:
        """Words at the left, a figure at the right."""
        self._pdf.set_font(_FAMILY, "B" if bold else "", 10)
        self._pdf.set_text_color(*tone)
        self._pdf.cell(WIDE - 40, 8, _printable(what, None))
        self._pdf.cell(40, 8, _printable(figure, None), align="R", new_x="LMARGIN", new_y="NEXT")

    def rule(self, *, tone: Tone = LINE, gap: float = 0.0) -> None:
        """A line from side to side."""
        self._pdf.set_draw_color(*tone)
        self._pdf.set_line_width(0.2)
        self._pdf.ln(gap)
        self._pdf.line(LEFT, self.down, RIGHT, self.down)

    def double_rule(self) -> None:
        """What stands under a total."""
        self.rule(tone=INK)
        self.rule(tone=INK, gap=1.0)

    def link(self, text: str, place: str) -> None:
        """Words that lead somewhere."""
        self._pdf.set_text_color(*ACCENT)
        self._pdf.set_font(_FAMILY, "U", 9)
        self._pdf.cell(text=text, link=place)

    def printed(self) -> bytes:
        """The PDF."""
        return bytes(self._pdf.output())


def _needs_other(text: str, font: Path | None) -> bool:
    return font is not None and any(ord(sign) not in _signs(_FONTS / "DejaVuSans-Bold.ttf") for sign in text)


def _printable(text: str, font: Path | None) -> str:
    """What neither font has becomes "?": a sheet says that something is missing, and is not refused."""
    more: frozenset[int] = _signs(font) if font is not None else frozenset()
    known = _signs(_FONTS / "DejaVuSans.ttf") | more
    return "".join(sign if ord(sign) in known else "?" for sign in text)


@functools.cache
def _signs(font: Path) -> frozenset[int]:
    with TTFont(font, fontNumber=0, lazy=True) as read:
        found: dict[int, str] = read.getBestCmap() or {}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - as above
        return frozenset(found)

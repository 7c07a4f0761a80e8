"""A receipt on paper: one page of A4 as PDF, in a font that has the letters of most names."""

import functools
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont  # pyright: ignore[reportMissingTypeStubs] - it has none
from fpdf import FPDF

from credit_studio.core.money import Money
from credit_studio.payments.views import BillTo, Receipt

Tone = tuple[int, int, int]
_FONTS = Path(__file__).parent / "fonts"
_INK, _MUTED, _LINE, _ACCENT = (26, 33, 30), (95, 101, 99), (203, 207, 205), (10, 100, 89)
_LEFT, _RIGHT, _WIDE = 20.0, 190.0, 170.0
_FAMILY, _OTHER = "receipt", "other"


@dataclass(frozen=True)
class Seller:
    """Who sells; `is_sandbox` when no money moved."""

    name: str
    address: tuple[str, ...]
    tax_id: str
    is_sandbox: bool


@dataclass(frozen=True)
class Paper:
    """What stands on a receipt. `buyer` is a name and an address of mail, `place` where Stripe shows its own; `font` has what ours lacks."""

    receipt: Receipt
    seller: Seller
    buyer: tuple[str, str]
    place: str | None
    font: Path | None = None


def draw(paper: Paper) -> bytes:
    """The PDF; the same paper gives the same bytes."""
    pdf = _blank(paper)
    _head(pdf, paper)
    _parties(pdf, paper)
    _lines(pdf, paper.receipt)
    _foot(pdf, paper)
    return bytes(pdf.output())


def _blank(paper: Paper) -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_margins(_LEFT, 20, 20)
    pdf.set_auto_page_break(auto=False)
    pdf.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
    pdf.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
    if paper.font is not None:
        pdf.add_font(_OTHER, "", paper.font)
        pdf.set_fallback_fonts([_OTHER], exact_match=False)
    pdf.set_creation_date(paper.receipt.paid_at)
    pdf.set_title(f"Receipt {paper.receipt.number}")
    pdf.set_author(paper.seller.name)
    pdf.set_lang("en-GB")
    pdf.add_page()
    return pdf


def _head(pdf: FPDF, paper: Paper) -> None:
    _say(pdf, paper, "Receipt", size=20, bold=True, high=11)
    paid = f"{paper.receipt.paid_at.day} {paper.receipt.paid_at:%B %Y}"
    _say(pdf, paper, f"{paper.receipt.number}, paid on {paid}", tone=_MUTED)
    if paper.seller.is_sandbox:
        _say(pdf, paper, "Sandbox: no money moved. This is no receipt of a payment.", bold=True)
    pdf.ln(8)


def _parties(pdf: FPDF, paper: Paper) -> None:
    seller = [paper.seller.name, *[line.strip() for line in paper.seller.address if line.strip()]]
    seller += [f"VAT or tax number {paper.seller.tax_id}"] if paper.seller.tax_id else []
    top, half = pdf.get_y(), _WIDE / 2
    ends: list[float] = []
    for left, title, said in ((_LEFT, "From", seller), (_LEFT + half, "To", _addressee(paper.receipt.bill_to, paper.buyer))):
        pdf.set_y(top)
        for index, line in enumerate((title, *said)):
            _say(pdf, paper, line, left=left, wide=half - 6, tone=_MUTED if index == 0 else _INK, bold=index == 1)
        ends.append(pdf.get_y())
    pdf.set_y(max(ends) + 10)


def _addressee(to: BillTo, buyer: tuple[str, str]) -> list[str]:
    name, mail = buyer
    lines = [name, *to.address.splitlines(), to.country, f"VAT or tax number {to.tax_id}" if to.tax_id else "", mail]
    return [line for line in lines if line]


def _lines(pdf: FPDF, receipt: Receipt) -> None:
    credits_ = f"{receipt.credits:,} credit{'' if receipt.credits == 1 else 's'}"
    _row(pdf, "What", "Amount", tone=_MUTED)
    _rule(pdf)
    _row(pdf, f"{receipt.what}: {credits_}" if receipt.credits else receipt.what, receipt.price.said)
    _rule(pdf)
    _row(pdf, "Total paid", receipt.price.said, bold=True)
    _rule(pdf, tone=_INK)
    _rule(pdf, tone=_INK, gap=1.0)
    if receipt.refunded.amount:
        _row(pdf, "Paid back since", Money(-receipt.refunded.amount, receipt.refunded.currency).said)
        _row(pdf, "Remains", Money(receipt.price.amount - receipt.refunded.amount, receipt.price.currency).said, bold=True)
    pdf.ln(8)


def _foot(pdf: FPDF, paper: Paper) -> None:
    _say(pdf, paper, "The total is what was paid; any tax that the seller owes is within it. Bought credits do not expire.", tone=_MUTED, size=9)
    _say(pdf, paper, f"Order {paper.receipt.id}", tone=_MUTED, size=9)
    if paper.place:
        pdf.set_text_color(*_ACCENT)
        pdf.set_font(_FAMILY, "U", 9)
        pdf.cell(text="See this payment at Stripe", link=paper.place)


def _say(
    pdf: FPDF, paper: Paper, text: str, *, left: float = _LEFT, wide: float = _WIDE, size: float = 10, high: float = 5.5, bold: bool = False, tone: Tone = _INK
) -> None:
    """A paragraph; the fallback font has no bold, so what needs it stands in regular."""
    pdf.set_font(_FAMILY, "B" if bold and not _needs_other(text, paper.font) else "", size)
    pdf.set_text_color(*tone)
    pdf.set_x(left)
    pdf.multi_cell(wide, high, _printable(text, paper.font), align="L", new_x="LMARGIN", new_y="NEXT")


def _row(pdf: FPDF, what: str, amount: str, *, bold: bool = False, tone: Tone = _INK) -> None:
    pdf.set_font(_FAMILY, "B" if bold else "", 10)
    pdf.set_text_color(*tone)
    pdf.cell(_WIDE - 40, 8, _printable(what, None))
    pdf.cell(40, 8, amount, align="R", new_x="LMARGIN", new_y="NEXT")


def _rule(pdf: FPDF, *, tone: Tone = _LINE, gap: float = 0.0) -> None:
    pdf.set_draw_color(*tone)
    pdf.set_line_width(0.2)
    pdf.ln(gap)
    pdf.line(_LEFT, pdf.get_y(), _RIGHT, pdf.get_y())


def _needs_other(text: str, font: Path | None) -> bool:
    return font is not None and any(ord(sign) not in _signs(_FONTS / "DejaVuSans-Bold.ttf") for sign in text)


def _printable(text: str, font: Path | None) -> str:
    """What neither font has becomes "?": a receipt says that something is missing, and is not refused."""
    more: frozenset[int] = _signs(font) if font is not None else frozenset()
    known = _signs(_FONTS / "DejaVuSans.ttf") | more
    return "".join(sign if ord(sign) in known else "?" for sign in text)


@functools.cache
def _signs(font: Path) -> frozenset[int]:
    with TTFont(font, fontNumber=0, lazy=True) as read:
        found: dict[int, str] = read.getBestCmap() or {}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - as above
        return frozenset(found)

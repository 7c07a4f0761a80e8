"""A receipt on paper."""

from dataclasses import dataclass
from pathlib import Path

from credit_studio.core.money import Money
from credit_studio.paper.sheet import INK, LEFT, MUTED, WIDE, Sheet
from credit_studio.payments.views import BillTo, Receipt


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
    sheet = Sheet(title=f"Receipt {paper.receipt.number}", author=paper.seller.name, at=paper.receipt.paid_at, font=paper.font)
    _head(sheet, paper)
    _parties(sheet, paper)
    _lines(sheet, paper.receipt)
    _foot(sheet, paper)
    return sheet.printed()


def _head(sheet: Sheet, paper: Paper) -> None:
    sheet.say("Receipt", size=20, bold=True, high=11)
    paid = f"{paper.receipt.paid_at.day} {paper.receipt.paid_at:%B %Y}"
    sheet.say(f"{paper.receipt.number}, paid on {paid}", tone=MUTED)
    if paper.seller.is_sandbox:
        sheet.say("Sandbox: no money moved. This is no receipt of a payment.", bold=True)
    sheet.gap(8)


def _parties(sheet: Sheet, paper: Paper) -> None:
    seller = [paper.seller.name, *[line.strip() for line in paper.seller.address if line.strip()]]
    seller += [f"VAT or tax number {paper.seller.tax_id}"] if paper.seller.tax_id else []
    top, half = sheet.down, WIDE / 2
    ends: list[float] = []
    for left, title, said in ((LEFT, "From", seller), (LEFT + half, "To", _addressee(paper.receipt.bill_to, paper.buyer))):
        sheet.go(top)
        for index, line in enumerate((title, *said)):
            sheet.say(line, left=left, wide=half - 6, tone=MUTED if index == 0 else INK, bold=index == 1)
        ends.append(sheet.down)
    sheet.go(max(ends) + 10)


def _addressee(to: BillTo, buyer: tuple[str, str]) -> list[str]:
    name, mail = buyer
    lines = [name, *to.address.splitlines(), to.country, f"VAT or tax number {to.tax_id}" if to.tax_id else "", mail]
    return [line for line in lines if line]


def _lines(sheet: Sheet, receipt: Receipt) -> None:
    credits_ = f"{receipt.credits:,} credit{'' if receipt.credits == 1 else 's'}"
    sheet.row("What", "Amount", tone=MUTED)
    sheet.rule()
    sheet.row(f"{receipt.what}: {credits_}" if receipt.credits else receipt.what, receipt.price.said)
    sheet.rule()
    sheet.row("Total paid", receipt.price.said, bold=True)
    sheet.double_rule()
    if receipt.refunded.amount:
        sheet.row("Paid back since", Money(-receipt.refunded.amount, receipt.refunded.currency).said)
        sheet.row("Remains", Money(receipt.price.amount - receipt.refunded.amount, receipt.price.currency).said, bold=True)
    sheet.gap(8)


def _foot(sheet: Sheet, paper: Paper) -> None:
    sheet.say("The total is what was paid; any tax that the seller owes is within it. Bought credits do not expire.", tone=MUTED, size=9)
    sheet.say(f"Order {paper.receipt.id}", tone=MUTED, size=9)
    if paper.place:
        sheet.link("See this payment at Stripe", paper.place)

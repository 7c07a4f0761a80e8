"""The hosted invoice, as a page and as a PDF of one sheet."""

from typing import Any

from credit_studio.sandbox.markup import Child, Html, tag
from credit_studio.sandbox.page import day, money, notice, page, table

Stored = dict[str, Any]  # an object as the sandbox keeps it: Stripe's own JSON
TOP, LINE, LEFT, SIZE = 780, 20, 56, 11


def invoice_page(invoice: Stored, *, asked: str = "") -> Html:
    """The invoice with its lines; an open one can be paid with the card on file, `asked` says what came of trying."""
    currency = invoice["currency"]
    rows: list[list[Child]] = [[line["description"], _days(line), money(line["amount"], currency)] for line in invoice["lines"]["data"]]
    return page(
        f"Invoice {invoice['number'] or '(draft)'}",
        notice("bad", asked) if asked else None,
        tag("p", tag("span", invoice["status"].title(), class_="chip"), f" {day(invoice['created'])}", f" · {invoice['customer_email'] or ''}"),
        tag("div", table("Lines of the invoice", ["What", "For", "Amount"], rows), _totals(invoice), class_="panel"),
        tag("p", tag("a", "Download as PDF", href=f"/sandbox/invoices/{invoice['id']}/pdf"), class_="back"),
        _pay(invoice),
        wide=True,
    )


def _totals(invoice: Stored) -> Html:
    names = {"total": "Total", "amount_paid": "Paid", "amount_remaining": "Still to pay"}
    return tag("dl", [[tag("dt", name), tag("dd", money(invoice[key], invoice["currency"]))] for key, name in names.items()], class_="lines")


def _days(line: Stored) -> str:
    start, end = line["period"]["start"], line["period"]["end"]
    return day(start) if start == end else f"{day(start)} to {day(end)}"


def _pay(invoice: Stored) -> Html | None:
    if invoice["status"] != "open":
        return None
    button = tag("button", f"Pay {money(invoice['amount_remaining'], invoice['currency'])} with the card on file", class_="main")
    return tag("form", button, method="post", action=f"/sandbox/invoices/{invoice['id']}")


def invoice_pdf(invoice: Stored) -> bytes:
    """The invoice as a PDF in the one font that every reader has; signs beyond Western Europe become question marks."""
    currency = invoice["currency"]
    lines = [
        f"Invoice {invoice['number'] or '(draft)'}",
        "From the Stripe sandbox: no money moved.",
        f"Date: {day(invoice['created'])}",
        f"Status: {invoice['status']}",
        f"To: {invoice['customer_name'] or invoice['customer_email'] or invoice['customer']}",
        "",
        *[f"{money(line['amount'], currency):>12}   {line['description']}" for line in invoice["lines"]["data"]],
        "",
        f"{money(invoice['total'], currency):>12}   Total",
        f"{money(invoice['amount_paid'], currency):>12}   Paid",
    ]
    return _pdf(lines)


def _pdf(lines: list[str]) -> bytes:
    drawn = "".join(f"1 0 0 1 {LEFT} {TOP - LINE * at} Tm ({_quoted(text)}) Tj\n" for at, text in enumerate(lines))
    content = f"BT /F1 {SIZE} Tf\n{drawn}ET".encode("cp1252", "replace")
    return _document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _document(*objects: bytes) -> bytes:
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table_at = len(out)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, rows, size, table_at)

"""The month's statement on paper says what the statement says."""

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from credit_studio.history.statement_pdf import draw
from credit_studio.history.views import Statement

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOLD = Statement("2026-11", "Europe/London", 120, granted=300, bought=1_000, used=1_434, expired=6, refunded=-20, adjusted=5, closing=-35)


def test_each_figure_stands_on_the_paper_with_its_sign() -> None:
    lines = PdfReader(io.BytesIO(draw(TOLD, holder=("Ada", "ada@example.com"), at=NOW))).pages[0].extract_text().splitlines()
    said = "\n".join(lines)
    assert {"Statement of credits", "Ada", "ada@example.com"} <= set(lines)
    assert "November 2026, times in Europe/London" in said
    figures = [
        line.rpartition(" ")[2] for line in lines if line.startswith(("Opening", "Granted", "Bought", "Used", "Expired", "Refunded", "Adjusted", "Closing"))
    ]
    assert figures == ["120", "+300", "+1,000", "\u22121,434", "\u22126", "\u221220", "+5", "\u221235"]
    assert "As the book stood on 22 November 2026, 09:30 UTC." in said

"""The dashboard as one HTML file: style and drawings inside it, no script, nothing fetched. All text of the data is escaped."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from credit_studio.tools.data.charting.panels import Panel
from credit_studio.tools.data.charting.svg import draw
from credit_studio.tools.data.charting.wording import figure_text, number_text

_STYLE = Path(__file__).with_name("page_style.txt").read_text(encoding="utf-8").strip()
_MOST_WITH_TIPS = 400_000
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,]+ ?%?", re.ASCII)


def page(title: str, about: str, panels: Sequence[Panel], source: str) -> str:
    """The file. `about` stands under the title, `source` at the end. Figures get their words on hovering unless that made the file large."""
    whole = _page(title, about, panels, source, has_tips=True)
    return whole if len(json.dumps(whole)) <= _MOST_WITH_TIPS else _page(title, about, panels, source, has_tips=False)


def _page(title: str, about: str, panels: Sequence[Panel], source: str, *, has_tips: bool) -> str:
    figures = [panel for panel in panels if panel.kind == "key figure"]
    charts = [_chart(panel, f"c{number}", has_tips) for number, panel in enumerate(panels, start=1) if panel.kind != "key figure"]
    hashed = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    lead = f"<p>{_text(about)}</p>" if about else ""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header><h1>{_text(title)}</h1>{lead}</header>\n<main>\n"
        f'{_figures(figures)}<div class="charts">\n{"".join(charts)}</div>\n</main>\n<footer><p>{_text(source)}</p></footer>\n</body>\n</html>\n'
    )


def _text(text: str) -> str:
    return escape(text, quote=True)


def _figures(panels: Iterable[Panel]) -> str:
    parts = "".join(
        f'<div><dt>{_text(panel.title)}</dt><dd class="value">{_text(figure_text(panel.figure or 0.0, panel.unit))}</dd>'
        f'<dd class="muted">{_text(panel.summary)}</dd></div>\n'
        for panel in panels
    )
    return f'<dl class="figures">\n{parts}</dl>\n' if parts else ""


def _chart(panel: Panel, name: str, has_tips: bool) -> str:  # noqa: FBT001 - passed on
    note = f'<p class="muted">{_text(panel.note)}</p>' if panel.note else ""
    if panel.kind == "table":
        heads = [f"{head}, {panel.unit}" if panel.unit and head == panel.y else head for head in panel.columns]
        table = _table(panel.title, heads, panel.rows)
        return f'<section aria-labelledby="{name}-h"><h2 id="{name}-h">{_text(panel.title)}</h2>{table}{note}</section>\n'
    y = f"{panel.y}, {panel.unit}" if panel.unit else panel.y
    head = f'<figcaption><h2>{_text(panel.title)}</h2><p>{_text(panel.summary)}</p><p class="muted">{_text(y)}</p></figcaption>'
    drawn = f'<div class="scroll" role="region" tabindex="0" aria-label="{_text(panel.title)}">{draw(panel, name, has_tips=has_tips)}</div>'
    behind = f"<details><summary>Figures</summary>{_table(panel.title, *_behind(panel))}</details>"
    return f"<figure>{head}{drawn}{_legend(panel)}{note}{behind}</figure>\n"


def _legend(panel: Panel) -> str:
    if len(panel.series) == 1:
        return ""
    key = '<svg viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="3" class="f{}"/></svg>'
    parts = "".join(f"<li>{key.format(index)}{_text(series.name)}</li>" for index, series in enumerate(panel.series, start=1))
    return f'<ul class="legend">{parts}</ul>'


def _behind(panel: Panel) -> tuple[list[str], list[list[str | float | None]]]:
    """The drawn figures as a table: a row for each label with a column for each series, or a row for each point."""
    if panel.kind == "scatter" or not panel.labels:
        is_split = len(panel.series) > 1
        heads = [panel.x, panel.y, *(["Series"] if is_split else [])]
        return heads, [[x, y, *([series.name] if is_split else [])] for series in panel.series for x, y in series.points]
    columns = [dict(series.points) for series in panel.series]
    rows: list[list[str | float | None]] = [[label, *(column.get(float(at)) for column in columns)] for at, label in enumerate(panel.labels)]
    return [panel.x, *(series.name for series in panel.series)], rows


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    is_number = [any(isinstance(row[at], int | float) for row in rows) for at in range(len(heads))]
    top = "".join(f'<th scope="col"{_look(number)}>{_text(head)}</th>' for head, number in zip(heads, is_number, strict=True))
    body = "".join(f"<tr>{''.join(_cell(cell, head) for cell, head in zip(row, heads, strict=True))}</tr>\n" for row in rows)
    name = f'role="region" tabindex="0" aria-label="{_text(title)}, figures"'
    return f'<div class="scroll" {name}><table><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _look(is_number: bool) -> str:  # noqa: FBT001 - one flag is all it takes
    return ' class="num"' if is_number else ""


def _cell(cell: str | float | None, head: str) -> str:
    if cell is None:
        return "<td></td>"
    if not isinstance(cell, str):
        return f'<td class="num">{_text(figure_text(round(100 * cell, 1), "%") if head == "Share" else number_text(cell))}</td>'
    # Copied into a spreadsheet, such a text would be run as a formula (OWASP, "CSV injection").
    is_formula = bool(_FORMULA.match(cell)) and not _NUMBER.fullmatch(cell)
    return f"<td>{_text(chr(39) + cell if is_formula else cell)}</td>"

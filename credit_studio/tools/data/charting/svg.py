"""Panels as SVG: well-formed XML that needs no script. Colours are classes, so that the page's style gives them for light and dark."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from credit_studio.tools.data.charting.figures import nice_step
from credit_studio.tools.data.charting.panels import Panel, PanelSeries
from credit_studio.tools.data.charting.wording import figure_text, name_text, short_text

WIDTH, HEIGHT = 720, 300
_TOP, _RIGHT, _BOTTOM = 12, 16, 48
_LETTER = 6.6  # width of a letter at 12 px, on the safe side
_ROW, _THIN = 28, 14
_MOST_LABEL = 26
_DOTTED = 60  # points up to which a line shows them
_TICKS = 5
_NAMED = 10_000  # numbers below stand in full along the bottom: they may be years


@dataclass(frozen=True)
class _Scale:
    """From figures to pixels."""

    least: float
    most: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a figure stands."""
        span = self.most - self.least
        return self.begin + ((value - self.least) / span if span else 0.5) * (self.end - self.begin)


@dataclass(frozen=True)
class _Bar:
    """One bar: its group, its lane within the group, where it begins and ends, its series."""

    place: int
    lane: int
    begin: float
    end: float
    series: int
    value: float


def draw(panel: Panel, name: str, *, has_tips: bool) -> str:
    """The drawing of a panel that has series; `name` makes its ids unique in the page. `has_tips` gives figures their words on hovering."""
    if panel.kind in {"bar", "histogram"}:
        body, height = _columns(panel, has_tips) if panel.is_ordered else _rows(panel, has_tips)
    else:
        body, height = _curves(panel, has_tips), HEIGHT
    head = f'<title id="{name}-t">{_text(panel.title)}</title><desc id="{name}-d">{_text(panel.summary)}</desc>'
    box = f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-t {name}-d"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{head}{body}</svg>'


def _text(text: str) -> str:
    return escape(text, quote=True)


def _at(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def _word(x: float, y: float, text: str, look: str = "") -> str:
    kind = f' class="{look}"' if look else ""
    return f'<text x="{_at(x)}" y="{_at(y)}"{kind}>{_text(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    return f'<line x1="{_at(x1)}" y1="{_at(y1)}" x2="{_at(x2)}" y2="{_at(y2)}" class="{look}"/>'


def _cut(label: str) -> str:
    return label if len(label) <= _MOST_LABEL else label[: _MOST_LABEL - 1] + "…"


def ticks(least: float, most: float) -> list[float]:
    """Round figures over a range, at most six, the outer ones on or beyond its ends."""
    step = nice_step(most - least, _TICKS - 1)
    first = int(least // step)
    found = [first * step]
    while found[-1] < most - step * 1e-9:
        found.append((first + len(found)) * step)
    return [round(tick, 12) for tick in found] if len(found) > 1 else [found[0], found[0] + step]


def _bars(panel: Panel) -> list[_Bar]:
    """Stacked where figures add up, below zero downwards; side by side where they do not."""
    found: list[_Bar] = []
    tops: dict[tuple[int, bool], float] = {}
    for index, series in enumerate(panel.series):
        for x, y in series.points:
            place, is_down = int(x), y < 0
            begin = tops.get((place, is_down), 0.0) if panel.is_additive else 0.0
            tops[place, is_down] = begin + y
            found.append(_Bar(place, 0 if panel.is_additive else index, begin, begin + y, index, y))
    return found


def _lanes(panel: Panel) -> int:
    return 1 if panel.is_additive else max(1, len(panel.series))


def _tip(panel: Panel, bar: _Bar) -> str:
    name = f"{panel.series[bar.series].name}, " if len(panel.series) > 1 else ""
    return f"<title>{_text(f'{panel.labels[bar.place]}: {name}{figure_text(bar.value, panel.unit)}')}</title>"


def _rect(x: float, y: float, size: tuple[float, float], series: int, tip: str) -> str:
    box = f'<rect x="{_at(x)}" y="{_at(y)}" width="{_at(max(size[0], 0.5))}" height="{_at(max(size[1], 0.5))}" class="f{series + 1}"'
    return f"{box}>{tip}</rect>" if tip else f"{box}/>"


def _columns(panel: Panel, has_tips: bool) -> tuple[str, int]:  # noqa: FBT001 - passed on
    """Upright bars in the order of their labels."""
    bars = _bars(panel)
    marks = ticks(min(0.0, *(bar.end for bar in bars)), max(0.0, *(bar.end for bar in bars)))
    left = _left(marks)
    down = _Scale(marks[0], marks[-1], HEIGHT - _BOTTOM, _TOP)
    width = (WIDTH - left - _RIGHT) / len(panel.labels)
    lane = width * 0.8 / _lanes(panel)
    parts = [_grid(marks, down, left)]
    for bar in bars:
        x = left + width * (bar.place + 0.1) + lane * bar.lane
        top, bottom = sorted((down(bar.begin), down(bar.end)))
        parts.append(_rect(x, top, (lane, bottom - top), bar.series, _tip(panel, bar) if has_tips else ""))
    parts.append(_names(panel.labels, lambda place: left + width * (place + 0.5), left))
    parts.append(_line(left, down(0.0), WIDTH - _RIGHT, down(0.0), "axis"))
    return "".join(parts) + _word((left + WIDTH - _RIGHT) / 2, HEIGHT - 6, panel.x, "mid"), HEIGHT


def _rows(panel: Panel, has_tips: bool) -> tuple[str, int]:  # noqa: FBT001 - passed on
    """Lying bars, a row for each name, with the figure at the end where there is one to a row."""
    bars = _bars(panel)
    marks = ticks(min(0.0, *(bar.end for bar in bars)), max(0.0, *(bar.end for bar in bars)))
    left = min(210.0, 14 + _LETTER * max(len(_cut(label)) for label in panel.labels))
    right = _RIGHT + _LETTER * 9
    across = _Scale(marks[0], marks[-1], left, WIDTH - right)
    lanes = _lanes(panel)
    row = _ROW if lanes == 1 else _THIN * lanes + 10
    bottom = _TOP + row * len(panel.labels)
    parts = [f"{_line(across(mark), _TOP, across(mark), bottom, 'grid')}{_word(across(mark), bottom + 16, short_text(mark), 'mid')}" for mark in marks]
    for bar in bars:
        begin, end = sorted((across(bar.begin), across(bar.end)))
        y = _TOP + row * bar.place + 5 + (_THIN * bar.lane if lanes > 1 else 0)
        parts.append(_rect(begin, y, (end - begin, _THIN - 3 if lanes > 1 else row - 10), bar.series, _tip(panel, bar) if has_tips else ""))
        if len(panel.series) == 1:
            parts.append(_word(end + 5, y + 13, figure_text(bar.value, panel.unit)))
    parts += [_word(left - 8, _TOP + row * (place + 0.5) + 4, _cut(label), "end") for place, label in enumerate(panel.labels)]
    parts.append(_line(across(0.0), _TOP, across(0.0), bottom, "axis"))
    return "".join(parts), bottom + 28


def _curves(panel: Panel, has_tips: bool) -> str:  # noqa: FBT001 - passed on
    """Lines, areas and dots over labels or numbers."""
    xs = [x for series in panel.series for x, _ in series.points]
    ys = [y for series in panel.series for _, y in series.points]
    least, most = min(ys), max(ys)
    if panel.kind == "area" or 0 <= least <= most / 2 or most <= 0:
        least, most = min(0.0, least), max(0.0, most)
    marks = ticks(least, most)
    left = _left(marks)
    down = _Scale(marks[0], marks[-1], HEIGHT - _BOTTOM, _TOP)
    below = ticks(min(xs), max(xs)) if not panel.labels else []
    half = _LETTER * max(map(len, panel.labels), default=0) / 2  # of the first and the last label, which would be cut off at the edges
    across = (
        _Scale(below[0], below[-1], left, WIDTH - _RIGHT) if below else _Scale(0, len(panel.labels) - 1, max(left + 6, half), WIDTH - max(_RIGHT + 6, half))
    )
    parts = [_grid(marks, down, left), _line(left, HEIGHT - _BOTTOM, WIDTH - _RIGHT, HEIGHT - _BOTTOM, "axis")]
    parts += [_shape(panel, index, series, across, down, has_tips) for index, series in enumerate(panel.series)]
    parts += [_word(across(mark), HEIGHT - _BOTTOM + 18, name_text(mark) if abs(mark) < _NAMED else short_text(mark), "mid") for mark in below]
    parts.append(_names(panel.labels, across, left) if panel.labels else "")
    return "".join(parts) + _word((left + WIDTH - _RIGHT) / 2, HEIGHT - 6, panel.x, "mid")


def _shape(panel: Panel, index: int, series: PanelSeries, across: _Scale, down: _Scale, has_tips: bool) -> str:  # noqa: FBT001 - passed on
    places = [(across(x), down(y)) for x, y in series.points]
    if panel.kind == "scatter":
        return "".join(f'<circle cx="{_at(x)}" cy="{_at(y)}" r="3" class="f{index + 1} dot"/>' for x, y in places)
    path = "L".join(f"{_at(x)} {_at(y)}" for x, y in places)
    zero = _at(down(max(down.least, min(0.0, down.most))))
    filled = f'<path d="M{_at(places[0][0])} {zero}L{path}L{_at(places[-1][0])} {zero}Z" class="f{index + 1} soft"/>' if panel.kind == "area" else ""
    dots = "" if len(places) > _DOTTED else "".join(_dot(panel, series, at, place, index, has_tips) for at, place in enumerate(places))
    return f'{filled}<path d="M{path}" class="s{index + 1} line"/>{dots}'


def _dot(panel: Panel, series: PanelSeries, at: int, place: tuple[float, float], index: int, has_tips: bool) -> str:  # noqa: FBT001 - passed on
    x, y = series.points[at]
    words = panel.labels[int(x)] if panel.labels else figure_text(x, "")
    name = f"{series.name}, " if len(panel.series) > 1 else ""
    tip = f"<title>{_text(f'{words}: {name}{figure_text(y, panel.unit)}')}</title>" if has_tips else ""
    return f'<circle cx="{_at(place[0])}" cy="{_at(place[1])}" r="3" class="f{index + 1}">{tip}</circle>'


def _left(marks: Sequence[float]) -> float:
    return 14 + _LETTER * max(len(short_text(mark)) for mark in marks)


def _grid(marks: Iterable[float], down: _Scale, left: float) -> str:
    return "".join(f"{_line(left, down(mark), WIDTH - _RIGHT, down(mark), 'grid')}{_word(left - 6, down(mark) + 4, short_text(mark), 'end')}" for mark in marks)


def _names(labels: Sequence[str], across: Callable[[float], float], left: float) -> str:
    """As many labels as stand side by side, evenly spaced from the first."""
    room = WIDTH - left - _RIGHT
    fitting = max(1, int(room // (_LETTER * max(map(len, labels)) + 14)))
    step = -(-len(labels) // fitting)
    return "".join(_word(across(place), HEIGHT - _BOTTOM + 18, labels[place], "mid") for place in range(0, len(labels), step))

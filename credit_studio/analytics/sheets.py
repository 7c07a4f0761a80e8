"""Use as rows of a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from credit_studio.analytics.views import Usage

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell of text must not begin with: a spreadsheet would work it out."""


def as_csv(told: Usage) -> str:
    """A line for each bar and group with any use, so that the columns add up to the totals; the heads name the zone of the times.

    Times are ISO 8601 with the offset of the zone; runs that were not charged have lines of their own, without a group.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((f"From ({told.time_zone})", f"To ({told.time_zone})", told.group_by.capitalize(), "Title", "Runs", "Not charged", "Credits"))
    writer.writerows(_rows(told))
    return out.getvalue()


def _rows(told: Usage) -> Iterator[tuple[object, ...]]:
    zone, titles = ZoneInfo(told.time_zone), {one.key: one.title for one in told.breakdown}
    for bar in told.series:
        times = (bar.start.astimezone(zone).isoformat(), bar.end.astimezone(zone).isoformat())
        for group in bar.groups:
            yield (*times, _harmless(group.key), _harmless(titles[group.key]), group.runs, 0, group.credits)
        if bar.not_charged:
            yield (*times, "", "Not charged", 0, bar.not_charged, 0)


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text

"""An assessment as blocks: verdict and risks, gaps by article, the sample, the record and the report."""

from collections import Counter
from typing import Any

from credit_studio.tools.blocks import Axis, Block, Chart, Column, Document, Figure, Finding, Findings, HeatItem, HeatMap, KeyFigures, Note, Series, Table
from credit_studio.tools.data.assessment.record import assessment_report, record_of_processing
from credit_studio.tools.data.assessment.risk import LEVELS, level
from credit_studio.tools.data.assessment.uniqueness import SMALL
from credit_studio.tools.data.personal.kinds import SEVERITY

_LIKELIHOOD = ("Negligible", "Limited", "Significant", "Maximum")
_METHOD = (
    "Three feared events (unlawful access, unwanted change, loss) in the manner of CNIL's PIA method. Severity 1 to 4 is the worst harm that the data can do, "
    "one less when they are pseudonymised and others read them. Likelihood begins at 2: 1 more when data leave the organisation, from 10,000 people, and when "
    "they go abroad without a safeguard. Measures take away up to two steps. Risk = severity x likelihood: low under 4, medium under 8, high under 12, "
    "then critical."
)
_CLASSES = ("alone", "2 alike", "3 to 4", "5 to 9", "10 or more")
_LETTERS = {
    "A": "Identifiers",
    "B": "Customer records (1798.80(e))",
    "C": "Protected classifications",
    "D": "Commercial information",
    "E": "Biometric information",
    "F": "Internet activity",
    "G": "Geolocation",
    "H": "Audio, visual and similar",
    "I": "Employment",
    "J": "Education",
    "K": "Inferences",
    "L": "Sensitive personal information",
}


def blocks_of(output: Any) -> tuple[Block, ...]:  # noqa: ANN401 - the output of the tool, which imports this file
    """Every block, the key figures first."""
    return (
        _figures(output),
        *_verdict(output),
        _heat(output),
        _risks(output),
        Note(_METHOD, title="How risks are rated"),
        _gap_findings(output),
        _risk_figures(output),
        *_sample_tab(output),
        *_uniqueness_tab(output),
        _record_table(output),
        Document("Record of processing", record_of_processing(output), "record-of-processing", tab="Record"),
        Document("Impact assessment", assessment_report(output), "impact-assessment", tab="Report"),
        *_california(output),
    )


def _figures(output: Any) -> KeyFigures:  # noqa: ANN401 - the same
    needed = sum(1 for one in output.screenings if one.verdict == "needed")
    grave = sum(1 for one in output.gaps if one.severity in {"critical", "high"})
    undeclared = sum(1 for one in output.found if not one.declared)
    columns = len({one.column for one in output.found})
    return KeyFigures(
        (
            Figure("Highest risk now", f"{output.score} of 16", output.level),
            Figure("Impact assessment", "needed" if needed else "not needed", f"for {needed} of {len(output.screenings)} activities"),
            Figure("Gaps", f"{len(output.gaps):,}", f"{grave:,} critical or high"),
            Figure(
                "Personal data found",
                f"{columns:,} columns" if output.sample_rows else "no sample",
                f"{undeclared:,} not declared" if output.sample_rows else "",
            ),
        )
    )


def _verdict(output: Any) -> tuple[Block, ...]:  # noqa: ANN401 - the same
    columns = (Column("Activity"), Column("Assessment"), Column("Why"), Column("Criteria met"))
    rows = tuple((one.system, one.verdict, one.reason, _criteria(one)) for one in output.screenings)
    note = "GDPR Article 35(3), the nine criteria of WP248 rev.01 (two are enough) and the ICO's list. Large scale is taken from 10,000 people."
    table = Table("Is an impact assessment needed?", columns, rows, note=note, download="screening.csv")
    if not output.unread:
        return (table,)
    text = f"Words of the inventory that were not understood and count for nothing: {'; '.join(output.unread[:12])}."
    return table, Note(text, tone="warn", title="Not understood")


def _criteria(one: Any) -> str:  # noqa: ANN401 - the same
    told = (("WP248", one.criteria), ("ICO", one.ico))
    return ". ".join(f"{source}: {'; '.join(criteria)}" for source, criteria in told if criteria)


def _heat(output: Any) -> HeatMap:  # noqa: ANN401 - the same
    levels = tuple(tuple(LEVELS.index(level(severity * likelihood)) for likelihood in range(1, 5)) for severity in range(4, 0, -1))
    spots = Counter((one.severity_now, one.likelihood_now) for one in output.risks)
    items = tuple(
        HeatItem(4 - severity, likelihood - 1, f"{count} {'risk' if count == 1 else 'risks'}") for (severity, likelihood), count in sorted(spots.items())
    )
    grave = sum(1 for one in output.risks if one.level_now in {"high", "critical"})
    return HeatMap(
        title="Where do the risks stand with the measures in place?",
        row_labels=tuple(name.capitalize() for name in reversed(SEVERITY[1:])),
        column_labels=_LIKELIHOOD,
        levels=levels,
        items=items,
        summary=f"{grave} of {len(output.risks)} risks are high or critical.",
        note="Rows: severity for people. Columns: likelihood.",
    )


def _risks(output: Any) -> Table:  # noqa: ANN401 - the same
    columns = (Column("Activity"), Column("Feared event"), Column("Risk now", "severity"), Column("Advised"), Column("Risk then", "severity"))
    rows = tuple(
        (
            *(one.system, one.event, f"{one.level_now} {one.severity_now * one.likelihood_now}"),
            *(", ".join(one.advised), f"{one.level_then} {one.severity_then * one.likelihood_then}"),
        )
        for one in output.risks
    )
    note = "Of 16: severity times likelihood, each 1 to 4, with what is in place now and with what is advised."
    return Table("Risks and measures", columns, rows, sort=(2, True), note=note, download="risks.csv")


def _risk_figures(output: Any) -> Table:  # noqa: ANN401 - the same
    columns = (
        Column("Activity"),
        Column("Feared event"),
        Column("Severity", "integer"),
        Column("Likelihood", "integer"),
        Column("Risk now", "integer", bar=True),
    )
    columns = (*columns, Column("Level", "severity"), Column("In place"), Column("Advised"), Column("Risk then", "integer"), Column("Level then", "severity"))
    rows = tuple(
        (
            *(one.system, one.event, one.severity_now, one.likelihood_now, one.severity_now * one.likelihood_now, one.level_now),
            *(", ".join(one.in_place), ", ".join(one.advised), one.severity_then * one.likelihood_then, one.level_then),
        )
        for one in output.risks
    )
    return Table("Risks in figures", columns, rows, sort=(4, True), download="risk-figures.csv", tab="Risks")


def _gap_findings(output: Any) -> Findings:  # noqa: ANN401 - the same
    found = tuple(Finding(one.severity, one.text, f"{one.law} {one.article}", one.system or "The organisation", one.fix) for one in output.gaps)
    laws = "GDPR Articles 5 to 10, 12 to 16, 22, 25, 28, 30, 32 to 37 and 44 to 49" + (" and the CCPA (1798.100 to .185)" if output.is_californian else "")
    return Findings("Gaps", found, f"The inventory and the sample against {laws}. No legal advice.", tab="Gaps")


def _sample_tab(output: Any) -> tuple[Block, ...]:  # noqa: ANN401 - the same
    if not output.sample_rows:
        return (Note("No sample was given: what the data really hold was not looked at.", tab="Sample"),)
    law = {"special": "special (Art. 9)", "criminal": "criminal (Art. 10)", "": "personal"}
    columns = (Column("Column"), Column("Holds"), Column("Class"), Column("Severity", "integer"), Column("Confidence", "percent"), Column("Declared as"))
    columns = (*columns, Column("Why"), Column("Masked cells", "code"))
    rows = tuple(
        (one.column, one.label, law[one.law], one.severity, one.confidence, one.declared or "not declared", one.why, "; ".join(one.examples))
        for one in output.found
    )
    title = f"Personal data in the sample of {output.sample_of} ({output.sample_rows:,} rows)"
    note = "Letters are shown as x, digits as 9."
    if output.not_found:
        note += f" Declared and not seen in the sample: {', '.join(output.not_found[:12])}."
    if rows:
        return (Table(title, columns, rows, sort=(3, True), note=note, download="personal-data.csv", tab="Sample"),)
    return (Note(f"No column of the {output.sample_rows:,} rows looks like personal data.", tone="good", tab="Sample"),)


def _uniqueness_tab(output: Any) -> tuple[Block, ...]:  # noqa: ANN401 - the same
    if not output.groupings:
        return ()
    columns = (Column("Values"), Column("Columns"), Column("k", "integer"), Column("Alone", "percent"), Column(f"In groups under {SMALL}", "percent"))
    columns = (*columns, Column("Groups", "integer"), Column("Least variety of sensitive values"))
    rows = tuple(
        (
            one.name,
            ", ".join(one.columns),
            one.k,
            one.unique / one.rows,
            one.small / one.rows,
            one.groups,
            ", ".join(f"{name}: {many}" for name, many in one.least_diverse),
        )
        for one in output.groupings
    )
    note = (
        "k: the smallest group of rows that agree in all these columns. Alone: rows that nobody else is like. A variety of 1 means that whoever knows the "
        "group knows the sensitive value. All three are of the sample; in all the data groups are larger."
    )
    by_itself = tuple((one.column, one.different, one.alone) for one in output.uniqueness)
    alone = (Column("Column"), Column("Different values", "integer"), Column("Rows alone with theirs", "percent"))
    return (
        Table("How far can rows be told apart?", columns, rows, note=note, download="k-anonymity.csv", tab="Re-identification"),
        *(_alike_chart(one) for one in output.groupings),
        Table("Each column by itself", alone, by_itself, tab="Re-identification"),
    )


def _alike_chart(one: Any) -> Chart:  # noqa: ANN401 - a grouping
    series = Series("Rows", tuple((name, rows / one.rows) for name, rows in zip(_CLASSES, one.sizes, strict=True)))
    summary = f"{one.unique / one.rows:.0%} of the rows are alone with their values of {', '.join(one.columns)}."
    title = f"How many rows are alike? {one.name}"
    return Chart(title, "bar", Axis("Rows alike", "text"), Axis("Share of rows", "percent"), (series,), summary, tab="Re-identification")


def _record_table(output: Any) -> Table:  # noqa: ANN401 - the same
    titles = ("Activity", "Purpose", "People", "Data", "How many", "Basis", "Condition", "Recipients", "Transfer", "Erasure", "Security")
    rows = tuple(
        (one.system, one.purpose, one.subjects, one.data, one.volume, one.basis, one.condition, one.recipients, one.transfer, one.retention, one.security)
        for one in output.record
    )
    return Table("Record of processing (Article 30)", tuple(map(Column, titles)), rows, download="record-of-processing.csv", tab="Record")


def _california(output: Any) -> tuple[Table, ...]:  # noqa: ANN401 - the same
    if not output.is_californian:
        return ()
    rows = tuple((letter, _LETTERS[letter], what) for letter, what in output.ccpa_categories)
    columns = (Column("Letter"), Column("Category of 1798.140(v)(1)"), Column("Declared or found"))
    return (Table("Categories to disclose in the notice at collection", columns, rows, download="ccpa-categories.csv", tab="California"),)

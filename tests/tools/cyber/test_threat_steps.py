"""What a threat model says is to be done first."""

from credit_studio.tools import blocks
from credit_studio.tools.cyber.threat_modeling import TOOL, present, run


def test_the_summary_has_the_first_ten_steps_and_the_data_have_all() -> None:
    assert TOOL.example is not None
    output = run(TOOL.example)
    tables = {one.title: one for one in present(output) if isinstance(one, blocks.Table)}
    first, every = tables["What to do first"], tables["Missing controls"]
    assert (len(first.rows), len(every.rows), output.steps_total) == (10, 27, 27)
    assert first.note.endswith("The first 10 of 27; Data has more.")
    assert [row[:3] for row in first.rows] == [row[:3] for row in every.rows[:10]]
    assert every.tab == "Data"

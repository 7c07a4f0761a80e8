import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable, set_reporter
from credit_studio.tools.data import lineage
from credit_studio.tools.validation import parse

SAMPLES = Path(__file__).with_name("samples")
Links = set[tuple[str, str]]


def trace(sql: str, dialect: str = "postgres", **more: str) -> lineage.LineageOutput:
    output = lineage.run(replace(lineage.LineageInputs(sql=sql), dialect=dialect, **more))  # type: ignore[arg-type]
    json.dumps(jsonable(output), allow_nan=False).encode()
    json.dumps(blocks.to_json(lineage.present(output)), allow_nan=False).encode()
    return output


def trace_or_refuse(sql: str, dialect: str = "postgres") -> lineage.LineageOutput | None:
    """None when the tool refuses the SQL, naming its field; any other error is a failure of the test."""
    try:
        return trace(sql, dialect)
    except InputError as error:
        if error.field != "sql":
            raise
        return None


def tables(output: lineage.LineageOutput) -> Links:
    return {(one.source, one.target) for one in output.table_edges}


def columns(output: lineage.LineageOutput) -> Links:
    return {(f"{one.source}.{one.source_column}", f"{one.target}.{one.column}") for one in output.column_edges if one.source}


def made(output: lineage.LineageOutput) -> dict[str, tuple[str, str]]:
    return {f"{one.target}.{one.column}": (one.expression, one.how) for one in output.column_edges}


def test_a_value_is_traced_through_a_cte_and_an_expression() -> None:
    output = trace("CREATE TABLE t AS WITH c AS (SELECT o.id, o.a * r.b AS x FROM o JOIN r ON r.k = o.k) SELECT id, sum(x) AS total FROM c GROUP BY id")
    assert tables(output) == {("o", "t"), ("r", "t")}
    assert columns(output) == {("o.id", "t.id"), ("o.a", "t.total"), ("r.b", "t.total")}
    assert made(output) == {"t.id": ("o.id", "copied"), "t.total": ("SUM(c.x)", "aggregated")}


def test_a_union_feeds_a_column_from_both_sides_by_position() -> None:
    output = trace("INSERT INTO t (x, y) SELECT a, b FROM p UNION ALL SELECT c, d FROM q")
    assert columns(output) == {("p.a", "t.x"), ("q.c", "t.x"), ("p.b", "t.y"), ("q.d", "t.y")}


def test_a_subquery_in_from_is_looked_through() -> None:
    assert columns(trace("CREATE VIEW v AS SELECT s.n FROM (SELECT upper(name) AS n FROM people) AS s")) == {("people.name", "v.n")}


def test_a_star_is_expanded_with_a_definition_and_kept_as_a_star_without() -> None:
    ddl = "CREATE TABLE src (id int, name text);"
    assert columns(trace("CREATE TABLE t AS SELECT * FROM src", definitions=ddl)) == {("src.id", "t.id"), ("src.name", "t.name")}
    assert columns(trace("CREATE TABLE t AS SELECT * FROM src")) == {("src.*", "t.*")}


def test_a_table_made_earlier_in_the_script_is_a_definition_for_what_follows() -> None:
    output = trace("CREATE TABLE a AS SELECT x, y FROM s; CREATE TABLE b AS SELECT * FROM a;")
    assert {("a.x", "b.x"), ("a.y", "b.y")} <= columns(output)


def test_insert_without_names_takes_those_of_the_definition_and_else_those_of_its_select() -> None:
    sql = "INSERT INTO t SELECT a, b FROM s"
    assert columns(trace(sql, definitions="CREATE TABLE t (one int, two int)")) == {("s.a", "t.one"), ("s.b", "t.two")}
    assert columns(trace(sql)) == {("s.a", "t.a"), ("s.b", "t.b")}


def test_merge_feeds_its_target_from_update_and_insert() -> None:
    output = trace(
        "MERGE INTO w.t AS g USING (SELECT id, v FROM s) AS n ON g.id = n.id "
        "WHEN MATCHED THEN UPDATE SET v = n.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (n.id, n.v)"
    )
    assert tables(output) == {("s", "w.t")}
    assert columns(output) == {("s.v", "w.t.v"), ("s.id", "w.t.id")}


@pytest.mark.parametrize(
    ("dialect", "sql", "link"),
    [
        ("postgres", "UPDATE t SET v = b.y FROM b WHERE b.id = t.id", ("b.y", "t.v")),
        ("tsql", "UPDATE a SET v = b.y FROM dbo.t AS a JOIN b ON a.id = b.id", ("b.y", "dbo.t.v")),
        ("mysql", "UPDATE t JOIN b ON t.id = b.id SET t.v = b.y", ("b.y", "t.v")),
        ("postgres", "WITH c AS (SELECT y FROM b) UPDATE t SET v = c.y FROM c", ("b.y", "t.v")),
        ("postgres", "UPDATE t SET (v, w) = (SELECT b.y, b.z FROM b)", ("b.z", "t.w")),
        ("tsql", "SELECT b.y AS v INTO t FROM b", ("b.y", "t.v")),
        ("snowflake", "CREATE TABLE t AS SELECT y AS v FROM b", ("B.Y", "T.V")),
        ("bigquery", "CREATE TABLE t AS SELECT b.y AS v FROM `p.d.b` AS b", ("p.d.b.y", "t.v")),
        ("spark", "INSERT OVERWRITE TABLE t SELECT y AS v FROM b", ("b.y", "t.v")),
        ("oracle", "INSERT INTO T (V) SELECT y FROM b", ("B.Y", "T.V")),
        ("duckdb", "CREATE OR REPLACE VIEW t AS FROM (SELECT y AS v FROM b)", ("b.y", "t.v")),
        ("sqlite", "INSERT OR REPLACE INTO t (v) SELECT y FROM b", ("b.y", "t.v")),
        ("redshift", "CREATE TABLE t DISTKEY(v) AS SELECT y AS v FROM b", ("b.y", "t.v")),
        ("ansi", "CREATE VIEW t (v) AS SELECT y FROM b", ("b.y", "t.v")),
    ],
)
def test_each_dialect_is_read(dialect: str, sql: str, link: tuple[str, str]) -> None:
    assert link in columns(trace(sql, dialect))


def test_a_filter_makes_a_table_a_source_and_no_column() -> None:
    output = trace("CREATE TABLE t AS SELECT a.x FROM a WHERE EXISTS (SELECT 1 FROM vip WHERE vip.id = a.id)")
    assert tables(output) == {("a", "t"), ("vip", "t")}
    assert columns(output) == {("a.x", "t.x")}


def test_a_value_of_no_column_is_said_to_be_one() -> None:
    assert made(trace("CREATE TABLE t AS SELECT 1 AS one, count(*) AS n FROM s")) == {"t.one": ("1", "constant"), "t.n": ("COUNT(*)", "aggregated")}


def test_a_recursive_cte_ends_at_its_table() -> None:
    sql = "WITH RECURSIVE r AS (SELECT id, up FROM tree UNION ALL SELECT t.id, t.up FROM tree t JOIN r ON r.id = t.up) SELECT id FROM r"
    assert columns(trace(sql)) == {("tree.id", "query 1.id")}


def test_a_column_that_could_be_of_two_tables_is_unresolved_and_not_guessed() -> None:
    output = trace("CREATE TABLE t AS SELECT x FROM a, b")
    assert columns(output) == set()
    assert output.unresolved == ("x in statement 1",)
    known = trace("CREATE TABLE t AS SELECT x FROM a, b", definitions="CREATE TABLE a (x int); CREATE TABLE b (y int);")
    assert columns(known) == {("a.x", "t.x")}


def test_statements_without_lineage_are_counted_with_line_and_reason() -> None:
    output = trace("CREATE TABLE a (x int);\nGRANT SELECT ON a TO b;\n\nINSERT INTO a VALUES (1);\nDROP TABLE a;\nVACUUM a;\nDELETE FROM a;")
    assert output.without_lineage_total == output.statements_total == 6
    assert [(one.line, one.kind) for one in output.without_lineage][:3] == [(1, "CREATE TABLE"), (2, "GRANT"), (4, "INSERT")]
    assert all(one.why for one in output.without_lineage)


def test_a_star_into_named_columns_keeps_the_tables_and_says_what_is_missing() -> None:
    output = trace("INSERT INTO t (a, b) SELECT * FROM s")
    assert (tables(output), columns(output)) == ({("s", "t")}, set())
    assert "definition" in output.without_lineage[0].why


SCRIPT = "CREATE TABLE b AS SELECT x, y FROM a; CREATE TABLE c AS SELECT x AS z FROM b; CREATE TABLE d AS SELECT y FROM b JOIN e ON e.k = b.k;"


def test_impact_of_a_column_reaches_what_is_made_of_it_and_nothing_else() -> None:
    (impact,) = trace(SCRIPT, impact_of="A.x").impacts
    assert (impact.tables, impact.columns) == (("b", "c"), ("b.x", "c.z"))


def test_impact_of_a_table_reaches_tables_through_joins_too() -> None:
    assert trace(SCRIPT, impact_of="e").impacts[0].tables == ("d",)
    assert trace(SCRIPT, impact_of="a").impacts[0].tables == ("b", "c", "d")


def test_impact_passes_through_a_star() -> None:
    output = trace("CREATE VIEW v AS SELECT * FROM a; CREATE TABLE t AS SELECT v.x FROM v; CREATE TABLE u AS SELECT a.x FROM a;", impact_of="a.x")
    assert {"v.*", "t.x", "u.x"} <= set(output.impacts[0].columns)


def test_impact_without_a_choice_is_told_for_every_source() -> None:
    assert {one.of for one in trace(SCRIPT).impacts} == {"a", "e"}


def test_an_unknown_object_is_an_error_on_its_field() -> None:
    with pytest.raises(InputError, match=r"impactOf: .*'nope'"):
        trace(SCRIPT, impact_of="nope")


def test_tables_that_feed_one_another_are_still_drawn() -> None:
    output = trace("INSERT INTO a (x) SELECT x FROM b; INSERT INTO b (x) SELECT x FROM a; INSERT INTO a (x) SELECT x FROM a;")
    assert {node.id for node in output.picture.nodes} == {"a", "b"}
    assert len(output.picture.edges) == 2


def test_the_picture_flows_from_left_to_right_and_says_when_it_is_cut() -> None:
    output = trace(";".join(f"CREATE TABLE t{n} AS SELECT x FROM s{n}" for n in range(60)))  # noqa: S608 - parsed, never run
    assert len(output.picture.nodes) == lineage_limit()
    assert f"{lineage_limit()} of 120 tables" in output.picture.summary
    at = {node.id: node.column for node in output.picture.nodes}
    assert all(at[edge.source] < at[edge.target] for edge in output.picture.edges)


def lineage_limit() -> int:
    from credit_studio.tools.data.sql.graph import MOST_IN_PICTURE  # noqa: PLC0415 - only two tests need networkx

    return MOST_IN_PICTURE


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1;\nSELECT FROM x WHERE (", "Line 2, column "),
        ("SELECT 'open", "Line 1, column "),
        ("SELECT 1;\n/* open", "Line 2, column "),
        ("blah blah", "Line 1: this is not an SQL statement"),
        ("SELECT 1;\n\nbanana", "Line 3: this is not"),
        ("selec a from b", "Line 1, column "),
        (";;\n", "no statement"),
        ("(" * 5_000, "nested too deeply"),
        ("SELECT " + "(" * 3_000 + "1" + ")" * 3_000, "nested too deeply"),
        ("SELECT a FROM " + "(SELECT a FROM " * 200 + "t" + ") x" * 200, "nested too deeply"),
        ("SELECT 1 FROM " + "t" * 300, "longer than 200"),
        ("SELECT a FROM t\x00", "cannot be"),
        ("\x00\x01", ""),
    ],
)
def test_what_does_not_parse_is_an_error_on_sql_that_says_where(sql: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        trace(sql)
    assert caught.value.field == "sql"
    assert words in caught.value.message


def test_a_definition_that_does_not_parse_is_an_error_on_its_own_field() -> None:
    with pytest.raises(InputError, match="definitions: Line 1"):
        trace("SELECT 1", definitions="CREATE TABLE (")


def test_a_long_chain_of_ctes_that_doubles_at_each_step_is_traced_once() -> None:
    ctes = ", ".join(f"c{n} AS (SELECT p.a + q.a AS a FROM c{n - 1} p JOIN c{n - 1} q ON true)" for n in range(1, 60))  # noqa: S608 - parsed, never run
    assert columns(trace(f"WITH c0 AS (SELECT a FROM t), {ctes} SELECT a FROM c59")) == {("t.a", "query 1.a")}  # noqa: S608 - parsed, never run


def test_a_long_sum_and_a_formula_cell_are_only_text() -> None:
    output = trace("CREATE TABLE t AS SELECT " + "+".join(["x"] * 2_000) + " AS x, '=cmd|calc' AS y FROM s")  # noqa: S608 - parsed, never run
    assert all(len(one.expression) <= 160 for one in output.column_edges)


def test_many_links_are_cut_and_counted() -> None:
    names = ", ".join(f"c{n}" for n in range(400))
    output = trace(";".join(f"CREATE TABLE t{n} AS SELECT {names} FROM s" for n in range(3)))  # noqa: S608 - parsed, never run
    assert (len(output.column_edges), output.column_edges_total) == (1_000, 1_200)
    assert len(json.dumps(jsonable(output))) < 1_000_000


@pytest.mark.parametrize(
    ("name", "dialect", "sources", "link"),
    [
        (
            "shop.sql",
            "postgres",
            {"stg.orders", "stg.order_items", "stg.customers", "stg.refunds"},
            ("mart.order_value.net", "mart.customer_value.lifetime_value"),
        ),
        ("events.bigquery.sql", "bigquery", {"web.raw.events", "web.raw.users"}, ("web.core.sessions.pageviews", "web.report.daily.pageviews")),
        ("warehouse.tsql.sql", "tsql", {"staging.sales", "dim.product", "dim.currency"}, ("staging.sales.amount", "fact.sales.amount_eur")),
    ],
)
def test_real_scripts_are_traced(name: str, dialect: str, sources: set[str], link: tuple[str, str]) -> None:
    output = trace((SAMPLES / name).read_text(), dialect)
    assert {one.name for one in output.tables if one.role == "source"} == sources
    assert link in columns(output)
    assert output.unresolved == ()


def test_the_example_runs_shows_something_and_reports_progress() -> None:
    heard: list[float] = []
    set_reporter(lambda share, _: heard.append(share))
    try:
        output = lineage.run(lineage.TOOL.example)  # type: ignore[arg-type]
    finally:
        set_reporter(None)
    assert (output.tables_total, output.table_edges_total, output.without_lineage_total) == (7, 6, 1)
    assert ("raw.rates.currency", "report.archive.currency") in columns(output)
    assert heard == sorted(heard)
    assert len(heard) > 2


def test_the_same_script_gives_the_same_result() -> None:
    sql = (SAMPLES / "shop.sql").read_text()
    assert trace(sql) == trace(sql)


def test_warming_runs_every_dialect() -> None:
    lineage.warm()
    assert {choice for choice, _ in lineage.LineageInputs.__dataclass_fields__["dialect"].metadata["ui"].choices} >= {"ansi", "oracle", "tsql"}


def test_work_grows_with_what_is_read_and_less_with_literal_inserts() -> None:
    units = lineage.TOOL.cost.units  # type: ignore[union-attr]
    select, values = "INSERT INTO t SELECT a FROM s;" * 100, "INSERT INTO t VALUES (1, 2, 3);" * 100
    assert units(lineage.LineageInputs(sql=select)) > 3 * units(lineage.LineageInputs(sql=values)) > 0


def test_the_inputs_are_bounded_at_the_door() -> None:
    with pytest.raises(InvalidInputs):
        parse(lineage.TOOL, {"sql": ""})
    with pytest.raises(InvalidInputs):
        parse(lineage.TOOL, {"sql": "SELECT 1", "dialect": "cobol"})
    assert parse(lineage.TOOL, {"sql": "SELECT 1", "impactOf": "a"}).impact_of == "a"


@given(st.text(alphabet="SELECTFROMselectfrom ()*,;.'\"`-/ab1=\n[]{}$:@#%\\", max_size=120).filter(bool))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_result_or_an_error_on_sql(sql: str) -> None:
    output = trace_or_refuse(sql)
    assert output is None or output.statements_total >= 1


_NAME = st.sampled_from(["a", "b", "c", "d", "e"])


@given(st.lists(st.tuples(_NAME, _NAME), min_size=1, max_size=12))
@settings(max_examples=75, deadline=None)
def test_table_links_are_exactly_those_of_the_script(pairs: list[tuple[str, str]]) -> None:
    output = trace("; ".join(f"INSERT INTO {target} (x) SELECT x FROM {source}" for source, target in pairs))  # noqa: S608 - parsed, never run
    assert tables(output) == set(pairs)
    assert columns(output) == {(f"{source}.x", f"{target}.x") for source, target in pairs}

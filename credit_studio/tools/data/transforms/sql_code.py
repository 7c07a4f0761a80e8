"""A plan as SQL for PostgreSQL or SQLite: one common table expression a step, and the tables that it reads."""

from credit_studio.tools.data.transforms.expressions import BOOLEAN, DATE, NUMBER, TEXT, Expr
from credit_studio.tools.data.transforms.plan import Aggregate, Plan, Step, Table

_TYPES = {
    "postgres": {NUMBER: "double precision", TEXT: "text", BOOLEAN: "boolean", DATE: "date"},
    "sqlite": {NUMBER: "real", TEXT: "text", BOOLEAN: "boolean", DATE: "text"},
}


def quoted(name: str) -> str:
    """A name in SQL's double quotes."""
    return '"' + name.replace('"', '""') + '"'


def definitions(plan: Plan, dialect: str) -> str:
    """CREATE TABLE for each source."""
    types = _TYPES[dialect]
    made = [
        f"CREATE TABLE {quoted(table.name)} (\n" + ",\n".join(f"    {quoted(name)} {types[kind]}" for name, kind in table.columns.items()) + "\n);"
        for table in plan.sources
    ]
    return "\n\n".join(made) + "\n"


def query(plan: Plan, dialect: str) -> str:
    """The whole pipeline as one SELECT, for tables that `definitions` made."""
    writer = _Writer(dialect)
    steps = [step for step in plan.steps if step.is_used]
    parts = [f"{quoted(step.name)} AS (\n{_indented(writer.step(step))}\n)" for step in steps]
    last = plan.output
    order = writer.order(last) if last.op == "sort" else ""
    names = ", ".join(map(quoted, last.columns))
    return f"WITH {', '.join(parts)}\nSELECT {names}\nFROM {quoted(last.name)}{order};\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


class _Writer:
    """Writes steps and expressions in one dialect."""

    def __init__(self, dialect: str) -> None:
        self.is_postgres = dialect == "postgres"

    def step(self, step: Step) -> str:
        """The SELECT of a step."""
        return getattr(self, f"_{step.op}")(step)

    def order(self, step: Step) -> str:
        """The ORDER BY of a sort."""
        return "\nORDER BY " + ", ".join(self._ordered(name, step.inputs[0].columns[name], falling=falling) for name, falling in step.order)

    def _ordered(self, name: str, kind: str, *, falling: bool) -> str:
        return f"{self._collated(quoted(name), kind)}{' DESC' if falling else ''} NULLS LAST"

    def _collated(self, code: str, kind: str) -> str:
        return f'{code} COLLATE "C"' if self.is_postgres and kind == TEXT else code

    def _select(self, step: Step, columns: str, rest: str = "") -> str:
        return f"SELECT {columns}\nFROM {quoted(step.inputs[0].name)}{rest}"

    def _names(self, table: Table, alias: str = "") -> str:
        return ", ".join(f"{alias}{quoted(name)}" for name in table.columns)

    def _filter(self, step: Step) -> str:
        return self._select(step, "*", f"\nWHERE {self.value(step.expression)}")

    def _derive(self, step: Step) -> str:
        new = step.targets[0]
        made = f"{self.value(step.expression)} AS {quoted(new)}"
        if new not in step.inputs[0].columns:
            return self._select(step, f"*, {made}")
        return self._select(step, ", ".join(made if name == new else quoted(name) for name in step.columns))

    def _select_step(self, step: Step) -> str:
        return self._select(step, ", ".join(quoted(old) if old == new else f"{quoted(old)} AS {quoted(new)}" for old, new in step.renamed))

    def _sort(self, step: Step) -> str:
        return self._select(step, "*")

    def _union(self, step: Step) -> str:
        left, right = step.inputs
        names = self._names(left)
        return f"SELECT {names}\nFROM {quoted(left.name)}\nUNION ALL\nSELECT {names}\nFROM {quoted(right.name)}"

    def _fill(self, step: Step) -> str:
        value = self.value(step.expression)
        columns = [f"COALESCE({quoted(name)}, {value}) AS {quoted(name)}" if name in step.targets else quoted(name) for name in step.columns]
        return self._select(step, ", ".join(columns))

    def _deduplicate(self, step: Step) -> str:
        table = step.inputs[0]
        names = self._names(table)
        if set(step.targets) == set(table.columns):
            return self._select(step, "DISTINCT *")
        order = ", ".join(self._ordered(name, table.columns[name], falling=falling) for name, falling in step.order)
        place = f"ROW_NUMBER() OVER (PARTITION BY {', '.join(map(quoted, step.targets))} ORDER BY {order}) AS {quoted('row number')}"
        inner = f"SELECT {names}, {place}\nFROM {quoted(table.name)}"
        return f"SELECT {names}\nFROM (\n{_indented(inner)}\n) AS ranked\nWHERE {quoted('row number')} = 1"

    def _join(self, step: Step) -> str:
        left, right = step.inputs
        on = " AND ".join(f"l.{quoted(a)} = r.{quoted(b)}" for a, b in step.keys)
        if step.how == "anti":
            inner = " ".join(("SELECT 1 FROM", quoted(right.name), "AS r WHERE", on))
            return f"SELECT {self._names(left, 'l.')}\nFROM {quoted(left.name)} AS l\nWHERE NOT EXISTS ({inner})"
        added = [f"r.{quoted(old)}" + (f" AS {quoted(new)}" if new != old else "") for old, new in step.renamed]
        columns = ", ".join([self._names(left, "l."), *added])
        return f"SELECT {columns}\nFROM {quoted(left.name)} AS l\n{step.how.upper()} JOIN {quoted(right.name)} AS r ON {on}"

    def _aggregate(self, step: Step) -> str:
        table = step.inputs[0]
        keys = list(map(quoted, step.targets))
        made = [f"{self._aggregated(one, table)} AS {quoted(one.name)}" for one in step.aggregates]
        return self._select(step, ", ".join([*keys, *made]), f"\nGROUP BY {', '.join(keys)}" if keys else "")

    def _aggregated(self, one: Aggregate, table: Table) -> str:
        column = quoted(one.column) if one.column else "*"
        if one.function in {"count", "distinct"}:
            return self._number(f"COUNT({'DISTINCT ' if one.function == 'distinct' else ''}{column})")
        if one.function in {"min", "max"}:
            return f"{one.function.upper()}({self._collated(column, table.columns[one.column])})"
        return f"{'AVG' if one.function == 'mean' else 'SUM'}({column})"

    def _number(self, code: str) -> str:
        return f"CAST({code} AS {'double precision' if self.is_postgres else 'real'})"

    # --- expressions ----------------------------------------------------------------------------------------------------------

    def value(self, expr: Expr | None) -> str:
        """An expression in SQL."""
        if expr is None or not expr.parts:
            return self._leaf(expr)
        if expr.op == "in":
            values = expr.value if isinstance(expr.value, tuple) else ()
            return f"({self.value(expr.parts[0])} IN ({', '.join(self._literal(one, expr.parts[0].type) for one in values)}))"
        parts = [self.value(part) for part in expr.parts]
        if expr.op in _SIGNS:
            left = self._collated(parts[0], expr.parts[0].type) if expr.op in {"lt", "le", "gt", "ge"} else parts[0]
            return f"({left} {_SIGNS[expr.op]} {parts[1]})"
        return _PLAIN[expr.op].format(*parts) if expr.op in _PLAIN else self._special(expr, parts)

    def _leaf(self, expr: Expr | None) -> str:
        if expr is None:
            return "NULL"
        if expr.op == "column":
            return quoted(str(expr.value))
        kind = expr.type
        return f"CAST(NULL AS {_TYPES['postgres' if self.is_postgres else 'sqlite'][kind]})" if expr.op == "none" else self._literal(expr.value, kind)

    def _literal(self, value: object, kind: str) -> str:
        if kind == BOOLEAN:
            return "TRUE" if value else "FALSE"
        if kind == NUMBER:
            return repr(value)
        text = "'" + str(value).replace("'", "''") + "'"
        return f"DATE {text}" if kind == DATE and self.is_postgres else text

    def _special(self, expr: Expr, parts: list[str]) -> str:
        if expr.op in {"year", "month", "day"}:
            place = {"year": "1, 4", "month": "6, 2", "day": "9, 2"}[expr.op]
            return self._number(f"EXTRACT({expr.op.upper()} FROM {parts[0]})" if self.is_postgres else f"substr({parts[0]}, {place})")
        if expr.op == "days":
            return self._number(f"({parts[0]} - {parts[1]})" if self.is_postgres else f"(julianday({parts[0]}) - julianday({parts[1]}))")
        if expr.op == "contains":
            return f"({'strpos' if self.is_postgres else 'instr'}({parts[0]}, {parts[1]}) > 0)"
        if expr.op in {"left", "substr"}:
            whole = [str(int(float(str(part.value)))) for part in expr.parts[1:]]
            return f"substr({parts[0]}, {', '.join(['1', *whole] if expr.op == 'left' else whole)})"
        if expr.op in {"upper", "lower"}:
            return self._cased(expr.op, parts[0])
        return self._rounded(expr, parts)

    def _cased(self, op: str, code: str) -> str:
        if not self.is_postgres:
            return f"{op}({code})"
        low, high = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        return f"translate({code}, '{low}', '{high}')" if op == "upper" else f"translate({code}, '{high}', '{low}')"

    def _rounded(self, expr: Expr, parts: list[str]) -> str:
        if expr.op == "floor":
            return self._floor(parts[0])
        if expr.op == "ceil":
            return f"(-{self._floor(f'(-{parts[0]})')})"
        scale = repr(10.0 ** float(str(expr.parts[1].value)))
        return f"({self._floor(f'({parts[0]} * {scale} + 0.5)')} / {scale})"

    def _floor(self, code: str) -> str:
        """SQLite may be built without floor(): whole numbers are cut off, and one less where that went up."""
        if self.is_postgres:
            return f"floor({self._number(code)})"
        return f"(CASE WHEN abs({code}) < 9e15 THEN CAST({code} AS INTEGER) - (CAST({code} AS INTEGER) > {code}) ELSE {code} END * 1.0)"


_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "concat": "||", "and": "AND", "or": "OR", "eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
_PLAIN: dict[str, str] = {
    "div": "({0} / NULLIF({1}, 0.0))",
    "neg": "(-{0})",
    "not": "(NOT {0})",
    "is empty": "({0} IS NULL)",
    "is filled": "({0} IS NOT NULL)",
    "if": "(CASE WHEN {0} THEN {1} ELSE {2} END)",
    "coalesce": "COALESCE({0}, {1})",
    "trim": "trim({0})",
    "length": "(length({0}) * 1.0)",
    "replace": "replace({0}, {1}, {2})",
    "starts": "(substr({0}, 1, length({1})) = {1})",
    "abs": "abs({0})",
}

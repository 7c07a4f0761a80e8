"""A plan as a pandas script: nullable types, so that empty values behave as in SQL."""

import keyword

from credit_studio.tools.data.transforms.expressions import BOOLEAN, DATE, NUMBER, TEXT, Expr
from credit_studio.tools.data.transforms.plan import Aggregate, Plan, Step, Table

_DTYPES = {NUMBER: "Float64", TEXT: "string", BOOLEAN: "boolean", DATE: "string"}
_HEAD = '''\
"""{title}: made by the Data Pipeline Designer. Needs pandas 2.2 or later. Dates are kept as ISO 8601 text, which sorts as days do."""

import numpy as np
import pandas as pd

UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def load(path, types, separator):
    """Read a CSV as text, cells without surrounding blanks, then give each column its type."""
    text = pd.read_csv(path, sep=separator, dtype="string", keep_default_na=False, skip_blank_lines=True)
    text.columns = [" ".join(name.split()) for name in text.columns]
    table = pd.DataFrame(index=text.index)
    for name, kind in types.items():
        column = text[name].str.strip()
        column = column.mask(column == "")
        if kind == "boolean":
            table[name] = column.str.lower().map({{"true": True, "yes": True, "false": False, "no": False}}).astype("boolean")
        else:
            table[name] = column.astype(kind)
    return table


def constant(df, value, kind):
    """The same value in every row."""
    return pd.Series([value] * len(df), index=df.index, dtype=kind)


def is_in(column, values):
    """Whether a value is one of these; an empty one is neither."""
    return column.isin(values).astype("boolean").mask(column.isna())


def choose(condition, yes, no):
    """The first where the condition is true, else the second."""
    return yes.where(condition.fillna(False).astype(bool), no)

'''


def script(plan: Plan, title: str, separators: dict[str, str]) -> str:
    """The whole script; `run(...)` takes a DataFrame for each source, and as a program it reads the files and writes output.csv."""
    names = _names(plan)
    steps = [line for step in plan.steps if step.is_used for line in _Writer(names).step(step)]
    arguments = ", ".join(names[source.name] for source in plan.sources)
    loads = [f"    {names[source.name]} = load({source.name + '.csv'!r}, {_types(source)}, {separators[source.name]!r})" for source in plan.sources]
    body = "\n".join(f"    {line}" if line else "" for line in steps)
    end = '\n\nif __name__ == "__main__":\n' + "\n".join(loads) + f'\n    run({arguments}).to_csv("output.csv", index=False)\n'
    return f"{_HEAD.format(title=_plain(title))}\ndef run({arguments}):\n{body}\n    return {names[plan.output.name]}.reset_index(drop=True)\n{end}"


def _plain(title: str) -> str:
    return "".join(one for one in title if one.isprintable() and one not in '"\\')[:80].strip() or "Pipeline"


def _types(table: Table) -> str:
    return "{" + ", ".join(f"{name!r}: {_DTYPES[kind]!r}" for name, kind in table.columns.items()) + "}"


def _names(plan: Plan) -> dict[str, str]:
    """A variable for each source and step: its own name where that is one."""
    made: dict[str, str] = {}
    for table in (*plan.sources, *plan.steps):
        plain = "".join(one if one.isascii() and one.isalnum() else "_" for one in table.name.lower()).strip("_")
        name = f"t_{plain}" if not plain or plain[0].isdigit() or plain in _TAKEN else plain
        while name in made.values():
            name += "_"
        made[table.name] = name
    return made


_TAKEN = frozenset({*keyword.kwlist, "pd", "np", "load", "run", "choose", "constant", "is_in", "other", "groups", "rows", "key", "len", "list", "dict", "zip"})


def _is_word(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name != "self"


class _Writer:
    """Writes steps over named variables."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self.df = ""

    def step(self, step: Step) -> list[str]:
        """The lines of a step."""
        self.df = self.names[step.inputs[0].name]
        return [f"# {step.name}: {step.op.removesuffix('_step')}", *getattr(self, f"_{step.op}")(step, self.names[step.name])]

    def _filter(self, step: Step, name: str) -> list[str]:
        return [f"{name} = {self.df}[{self.series(step.expression)}.fillna(False).astype(bool)]"]

    def _derive(self, step: Step, name: str) -> list[str]:
        new, value = step.targets[0], self.series(step.expression)
        if _is_word(new):
            return [f"{name} = {self.df}.assign({new}={value})"]
        return [f"{name} = {self.df}.copy()", f"{name}[{new!r}] = {value}"]

    def _select_step(self, step: Step, name: str) -> list[str]:
        kept = [old for old, _ in step.renamed]
        return [f"{name} = {self.df}[{kept!r}].set_axis({[new for _, new in step.renamed]!r}, axis=1)"]

    def _fill(self, step: Step, name: str) -> list[str]:
        value = self.series(step.expression)
        made = [f"{name}[{target!r}] = choose({self._column(target)}.notna(), {self._column(target)}, {value})" for target in step.targets]
        return [f"{name} = {self.df}.copy()", *made]

    def _union(self, step: Step, name: str) -> list[str]:
        right = self.names[step.inputs[1].name]
        return [f"{name} = pd.concat([{self.df}, {right}[list({self.df}.columns)]], ignore_index=True)"]

    def _sort(self, step: Step, name: str) -> list[str]:
        columns, rising = [one for one, _ in step.order], [not falling for _, falling in step.order]
        return [f"{name} = {self.df}.sort_values({columns!r}, ascending={rising!r}, na_position='last', kind='stable')"]

    def _deduplicate(self, step: Step, name: str) -> list[str]:
        if set(step.targets) == set(step.columns):
            return [f"{name} = {self.df}.drop_duplicates()"]
        columns, rising = [one for one, _ in step.order], [not falling for _, falling in step.order]
        ranked = f"{self.df}.sort_values({columns!r}, ascending={rising!r}, na_position='last', kind='stable')"
        return [f"{name} = {ranked}.drop_duplicates({list(step.targets)!r}).sort_index()"]

    def _join(self, step: Step, name: str) -> list[str]:
        right = self.names[step.inputs[1].name]
        keys, others = [a for a, _ in step.keys], [b for _, b in step.keys]
        temporary = [f"{'_' * (1 + max(map(len, step.columns)))}{number}" if "key 0" in step.columns else f"key {number}" for number in range(len(keys))]
        found = f"{right}.dropna(subset={others!r})[{others!r}].set_axis({temporary!r}, axis=1)"
        if step.how == "anti":
            matched = f"{self.df}.reset_index().merge({found}.drop_duplicates(), how='inner', left_on={keys!r}, right_on={temporary!r})['index']"
            return [f"{self.df} = {self.df}.reset_index(drop=True)", f"{name} = {self.df}[~{self.df}.index.isin({matched})]"]
        added = [old for old, _ in step.renamed]
        renamed = [new for _, new in step.renamed]
        lines = [f"other = {right}.dropna(subset={others!r})", f"other = other[{others + added!r}].set_axis({temporary + renamed!r}, axis=1)"]
        merged = f"{self.df}.merge(other, how={step.how!r}, left_on={keys!r}, right_on={temporary!r})"
        return [*lines, f"{name} = {merged}.drop(columns={temporary!r})"]

    def _aggregate(self, step: Step, name: str) -> list[str]:
        dtypes = {column: _DTYPES[kind] for column, kind in step.columns.items()}
        if not step.targets:
            figures = ", ".join(f"{one.name!r}: [{self._total(one)}]" for one in step.aggregates)
            return [f"{name} = pd.DataFrame({{{figures}}}).astype({dtypes!r})"]
        kept = [(one.column or step.targets[0], _FIGURES[one.function if one.column else "size"]) for one in step.aggregates]
        figures = ", ".join(f"f{number}=({column!r}, {figure})" for number, (column, figure) in enumerate(kept))
        groups = f"{self.df}.groupby({list(step.targets)!r}, dropna=False, sort=False, as_index=False)"
        return [f"{name} = {groups}.agg({figures})", f"{name} = {name}.set_axis({list(step.columns)!r}, axis=1).astype({dtypes!r})"]

    def _total(self, one: Aggregate) -> str:
        if not one.column:
            return f"len({self.df})"
        figure = {"sum": "sum(min_count=1)", "distinct": "nunique()"}.get(one.function, f"{one.function}()")
        return f"{self._column(one.column)}.{figure}"

    # --- expressions ----------------------------------------------------------------------------------------------------------

    def _column(self, name: str) -> str:
        return f"{self.df}[{name!r}]"

    def series(self, expr: Expr | None) -> str:
        """An expression as code for a Series."""
        if expr is None:
            return "None"
        if expr.op == "column":
            return self._column(str(expr.value))
        if expr.op in {"literal", "none"}:
            value = "pd.NA" if expr.op == "none" else repr(expr.value)
            return f"constant({self.df}, {value}, {_DTYPES[expr.type]!r})"
        if expr.op in _SIGNS:
            right = expr.parts[1]
            other = repr(right.value) if right.op == "literal" else self.series(right)
            return f"({self.series(expr.parts[0])} {_SIGNS[expr.op]} {other})"
        return self._function(expr)

    def _function(self, expr: Expr) -> str:
        parts = [self.series(part) for part in expr.parts]
        literal = [part.value for part in expr.parts]
        if expr.op == "in":
            return f"is_in({parts[0]}, {list(expr.value) if isinstance(expr.value, tuple) else []!r})"
        if expr.op in {"left", "substr"}:
            start = 0 if expr.op == "left" else int(float(str(literal[1]))) - 1
            return f"{parts[0]}.str[{start}:{start + int(float(str(literal[-1])))}]"
        if expr.op == "round":
            scale = 10.0 ** float(str(literal[1]))
            return f"(np.floor({parts[0]} * {scale!r} + 0.5) / {scale!r})"
        if expr.op in {"contains", "starts", "replace"}:
            return _WORDS[expr.op].format(parts[0], *map(repr, literal[1:]))
        return _PLAIN[expr.op].format(*parts)


_SIGNS = {"add": "+", "sub": "-", "mul": "*", "concat": "+", "and": "&", "or": "|", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_FIGURES = {
    "size": "'size'", "count": "'count'", "sum": "lambda one: one.sum(min_count=1)", "mean": "'mean'", "min": "'min'", "max": "'max'", "distinct": "'nunique'",
}  # fmt: skip
_WORDS = {
    "contains": "{0}.str.contains({1}, regex=False).astype('boolean')",
    "starts": "{0}.str.startswith({1}).astype('boolean')",
    "replace": "{0}.str.replace({1}, {2}, regex=False)",
}
_PLAIN = {
    "div": "({0} / {1}.mask({1} == 0.0))",
    "neg": "(-{0})",
    "not": "(~{0})",
    "is empty": "{0}.isna().astype('boolean')",
    "is filled": "{0}.notna().astype('boolean')",
    "if": "choose({0}, {1}, {2})",
    "coalesce": "choose({0}.notna(), {0}, {1})",
    "upper": "{0}.str.translate(UPPER)",
    "lower": "{0}.str.translate(LOWER)",
    "trim": "{0}.str.strip(' ')",
    "length": "{0}.str.len().astype('Float64')",
    "abs": "{0}.abs()",
    "floor": "np.floor({0})",
    "ceil": "np.ceil({0})",
    "year": "{0}.str[:4].astype('Float64')",
    "month": "{0}.str[5:7].astype('Float64')",
    "day": "{0}.str[8:10].astype('Float64')",
    "days": "(pd.to_datetime({0}) - pd.to_datetime({1})).dt.days.astype('Float64')",
}

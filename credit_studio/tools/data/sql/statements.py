"""SQL text as statements, each with the line on which it begins; what does not parse is an error that says where."""

import logging
from collections.abc import Iterator
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError, TokenError

from credit_studio.tools.base import InputError

# What sqlglot falls back on is reported as a statement without lineage; its log would only repeat people's SQL.
logging.getLogger("sqlglot").addFilter(lambda _record: False)

CANNOT = (SqlglotError, ValueError, KeyError, AttributeError, IndexError, TypeError, AssertionError)
"""What sqlglot raises on text that it cannot read or follow, its own slips on odd text included."""


def parse(text: str, dialect: str, where: str) -> list[tuple[int, exp.Expr]]:
    """Every statement with the line on which it begins; raises `InputError` on the field `where` with line and column."""
    reader = Dialect.get_or_raise(dialect or None)
    parser = reader.parser()
    try:
        tokens = reader.tokenize(text)
        parsed = parser.parse(tokens, text)
    except ParseError as error:
        at: dict[str, Any] = error.errors[0] if error.errors else {}
        said = str(at.get("description") or "does not parse").rstrip(".")
        raise InputError(where, f"Line {at.get('line', 1)}, column {at.get('col', 1)}: {said[:200]}.") from None
    except TokenError as error:
        end = min(int(getattr(error, "end", 0) or 0), len(text))
        line, column = text.count("\n", 0, end) + 1, end - text.rfind("\n", 0, end)
        raise InputError(where, f"Line {line}, column {column}: the text cannot be read from here; is a quote or a comment left open?") from None
    except RecursionError:
        raise InputError(where, "Is nested too deeply to be read.") from None
    except CANNOT:
        token = getattr(parser, "_curr", None) or getattr(parser, "_prev", None)
        raise InputError(where, f"Line {getattr(token, 'line', 1)}, column {getattr(token, 'col', 1)}: the statement cannot be read from here.") from None
    lines = list(_first_lines(tokens))
    numbered = [(lines[index] if len(lines) == len(parsed) else 0, one) for index, one in enumerate(parsed)]
    return [(line, one) for line, one in numbered if one is not None and _is_statement(one, line, where)]


def _first_lines(tokens: list[Any]) -> Iterator[int]:
    """The line of the first token of each statement, split as the parser splits them."""
    first = 0
    for index, token in enumerate(tokens):
        if token.token_type.name != "SEMICOLON":
            first = first or token.line
            continue
        yield first
        first = 0
        if token.comments:
            yield token.line
        if index == len(tokens) - 1:
            return
    yield first


def _is_statement(one: exp.Expr, line: int, where: str) -> bool:
    """False for a lone semicolon; raises `InputError` for text that is an expression and no statement ("blah blah")."""
    if isinstance(one, (exp.Alias, exp.Condition, exp.Identifier)) and not isinstance(one, exp.Query):
        raise InputError(where, f"Line {line or 1}: this is not an SQL statement.")
    return not isinstance(one, exp.Semicolon)

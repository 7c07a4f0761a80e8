"""A review put together: every analyser on every chunk, each line said once, and the changes that can be made by themselves."""

import ast
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

from credit_studio.tools.code.review import diffs, flakes, lines, python_code
from credit_studio.tools.code.review.python_code import Code, Measured
from credit_studio.tools.code.review.remark import MOST_REMARKS, Chunk, Remark, rank
from credit_studio.tools.dev.scanning.issue import shown
from credit_studio.tools.dev.scanning.languages import language_of
from credit_studio.tools.dev.scanning.scan import scan
from credit_studio.tools.dev.scanning.sources import Source

_TOO_DEEP = (RecursionError, MemoryError, ValueError)


@dataclass(frozen=True)
class Reviewed:
    """Remarks worst first (`found` counts those left out, too), the functions measured, the suggested diff, the languages read."""

    remarks: tuple[Remark, ...]
    found: int
    functions: tuple[Measured, ...]
    suggestion: str
    languages: tuple[str, ...]


def review(chunks: list[Chunk], whole: list[Remark], focus: frozenset[str]) -> Reviewed:
    """Review chunks; `whole` are remarks on all of it. `focus` holds the categories that are wanted."""
    said, functions = list(whole), list[Measured]()
    for chunk in chunks:
        remarks, measured = _look(chunk)
        said += [remark for remark in remarks if remark.line in chunk.added]
        functions += measured
    wanted = sorted((remark for remark in _once(said) if remark.category in focus or remark.severity in {"critical", "high"}), key=rank)
    listed = [replace(remark, code=_code(chunks, remark)) for remark in wanted[:MOST_REMARKS]]
    suggestion = suggest(chunks, listed)
    kept = listed if suggestion else [replace(remark, replacement=None) for remark in listed]
    languages = sorted({language(chunk.path, chunk.lines) for chunk in chunks})
    return Reviewed(tuple(kept), len(wanted), tuple(sorted(functions, key=lambda one: (-one.complexity, one.line))), suggestion, tuple(languages))


def language(path: str, text: tuple[str, ...]) -> str:
    """The language's key in `scanning.languages`, "sql", or "" for other text."""
    return "sql" if path.lower().endswith(".sql") else language_of(path, "\n".join(text[:1]))


def suggest(chunks: list[Chunk], found: list[Remark]) -> str:
    """The replacements as a diff; a Python file must still be Python afterwards, else nothing is suggested."""
    wanted = {(remark.path, remark.line): remark.replacement for remark in found if remark.replacement is not None}
    for chunk in chunks:
        if chunk.whole and language(chunk.path, chunk.lines) == "python" and any(path == chunk.path for path, _ in wanted):
            changed = [wanted.get((chunk.path, number), line) for number, line in enumerate(chunk.lines, chunk.first)]
            if _parsed("\n".join(map(str, changed))) is None:
                return ""
    return diffs.suggested(chunks, found)


def _look(chunk: Chunk) -> tuple[Iterator[Remark], list[Measured]]:
    spoken = language(chunk.path, chunk.lines)
    remarks, measured = [*lines.look(chunk, spoken), *_security(chunk)], list[Measured]()
    if spoken == "python":
        python, measured = _python(chunk)
        remarks += python
    return iter(remarks), measured


def _security(chunk: Chunk) -> Iterator[Remark]:
    text = "\n".join(chunk.lines)
    for issue in scan(Source(chunk.path, text.encode(errors="replace"), text), heed=True).issues:
        yield Remark(issue.rule, issue.severity, "security", issue.title, issue.detail, issue.fix, chunk.path, chunk.first + issue.line - 1)


def _python(chunk: Chunk) -> tuple[list[Remark], list[Measured]]:
    text = "\n".join(chunk.lines)
    bare = text if chunk.whole else textwrap.dedent(text)
    tree = _parsed(bare)
    if tree is None:
        return (list(_broken(chunk, text)) if chunk.whole else []), []
    first = next((line for line in chunk.lines if line.strip()), "")
    indent = 0 if chunk.whole else len(first) - len(next((line for line in bare.split("\n") if line.strip()), ""))
    code = Code(chunk, tree, max(0, indent))
    try:
        found = [*python_code.look(code), *(flakes.look(chunk, tree) if chunk.whole else ())]
        return found, list(python_code.measure(code)) if chunk.whole else []
    except _TOO_DEEP:
        return [], []


def _parsed(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the reviewed code's own syntax
        try:
            return ast.parse(text)
        except (SyntaxError, *_TOO_DEEP):
            return None


def _broken(chunk: Chunk, text: str) -> Iterator[Remark]:
    """Why a whole file is no Python."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = min(max(1, error.lineno or 1), len(chunk.lines))
        said = f"This is not Python 3: {error.msg[:120]}."
        yield Remark("syntax", "critical", "correctness", said, "", "Mend the syntax; the rest was read line by line only.", chunk.path, line)
    except _TOO_DEEP:
        said = "The code is nested too deeply, or holds what Python cannot read."
        yield Remark("syntax", "high", "correctness", said, "", "Split the expression.", chunk.path, 1)


def _once(said: list[Remark]) -> Iterator[Remark]:
    """A rule once a line, and of several that speak of the same fault the one that can be applied, or the worst."""
    same = {"B110": "swallowed-error", "B112": "swallowed-error"}
    seen: set[tuple[str, int, str]] = set()
    for remark in sorted(said, key=lambda one: (rank(one)[0], one.replacement is None)):
        key = (remark.path, remark.line, same.get(remark.rule, remark.rule))
        if key not in seen and (*key[:2], "swallowed-error") not in seen - ({key} if remark.rule == "swallowed-error" else set()):
            yield remark
        seen.add(key)


def _code(chunks: list[Chunk], remark: Remark) -> str:
    if remark.category == "security":
        return ""  # the line may hold the secret itself
    holder = next((one for one in chunks if one.path == remark.path and one.first <= remark.line < one.first + len(one.lines)), None)
    return "" if holder is None else shown(holder.lines[remark.line - holder.first], ())

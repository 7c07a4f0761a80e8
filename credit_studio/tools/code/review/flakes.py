"""What pyflakes (https://pypi.org/project/pyflakes/) says of Python, with how bad it is and what to do."""

import ast
import re
from collections.abc import Iterator

from pyflakes import messages
from pyflakes.checker import Checker

from credit_studio.tools.code.review.remark import Chunk, Remark

_SAID: dict[type[messages.Message], tuple[str, str, str]] = {
    messages.UndefinedName: ("high", "correctness", "Define or import the name; this line raises NameError when it is reached."),
    messages.UndefinedLocal: ("high", "correctness", "Give the name a value before this line, or declare it global or nonlocal."),
    messages.UndefinedExport: ("high", "correctness", "Define the name, or take it out of __all__."),
    messages.IsLiteral: ("high", "correctness", "Compare with == or !=: whether two equal literals are one object is up to the interpreter."),
    messages.AssertTuple: ("high", "correctness", "Drop the brackets: a tuple that is not empty is always true, so this checks nothing."),
    messages.IfTuple: ("high", "correctness", "Drop the brackets: a tuple that is not empty is always true."),
    messages.RaiseNotImplemented: ("medium", "correctness", "Raise NotImplementedError; NotImplemented is no exception."),
    messages.MultiValueRepeatedKeyLiteral: ("medium", "correctness", "Keep one of them: the last value wins and the others are lost."),
    messages.MultiValueRepeatedKeyVariable: ("medium", "correctness", "Keep one of them: the last value wins and the others are lost."),
    messages.RedefinedWhileUnused: ("medium", "correctness", "Remove or rename one of the two: the first is never used."),
    messages.FStringMissingPlaceholders: ("low", "readability", "Drop the f, or put in the value that was meant."),
    messages.UnusedImport: ("low", "readability", "Remove the import."),
    messages.UnusedVariable: ("low", "readability", "Remove it, or use it; keep the call on its right if that has an effect."),
    messages.ImportStarUsed: ("low", "design", "Import the names that are used."),
}
_OTHERS = ("medium", "correctness", "Look at this line again.")
_FORMATS = ("high", "correctness", "Make the placeholders and the values agree; this line fails or loses a value when it runs.")
_ONE_IMPORT = re.compile(r"(?:import [\w.]+(?: as \w+)?|from [\w.]+ import \w+(?: as \w+)?)\s*(?:#.*)?")


def look(chunk: Chunk, tree: ast.Module) -> Iterator[Remark]:
    """Its messages for a whole file."""
    for message in Checker(tree, filename=chunk.path).messages:
        kind = type(message)
        is_format = kind.__name__.startswith(("PercentFormat", "StringDotFormat"))
        severity, category, fix = _FORMATS if is_format else _SAID.get(kind, _OTHERS)
        said = str(message.message % message.message_args)
        drop = "" if kind is messages.UnusedImport and _ONE_IMPORT.fullmatch(chunk.lines[message.lineno - 1]) else None
        yield Remark(kind.__name__, severity, category, said[:1].upper() + said[1:200], "", fix, chunk.path, message.lineno, replacement=drop)

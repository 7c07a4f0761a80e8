"""Names in every case that code wants them, their plural, and those that a language or a library keeps for itself."""

import keyword
import re
from functools import cache
from pathlib import Path

from credit_studio.tools.base import InputError

PROJECT = re.compile(r"[a-z][a-z0-9]{0,39}(-[a-z0-9]{1,39}){0,9}")
WORDS = re.compile(r"[a-z][a-z0-9]{0,39}( [a-z][a-z0-9]{0,39}){0,5}")
FIELD = re.compile(r"[a-z][a-z0-9]{0,39}(_[a-z0-9]{1,39}){0,9}")


@cache
def _taken(what: str) -> frozenset[str]:
    """The names that code has for something else, beside this file.

    "packages": modules of Python and of what the projects depend on, "entities" and "fields": what the generated modules or a language call so.
    """
    text = Path(__file__).with_name("naming_taken.txt").read_text(encoding="utf-8")
    return frozenset(text.partition(f"{what}:\n")[2].partition(":")[0].rpartition("\n")[0].split())


def check_project(name: str) -> None:
    """Raise `InputError` on "name" unless a package, a container image and a command can be called so."""
    if not PROJECT.fullmatch(name):
        raise InputError("name", "Use small letters, digits and single hyphens, a letter first, such as task-tracker.")
    if name.replace("-", "_") in _taken("packages") or keyword.iskeyword(name):
        raise InputError("name", f"{name} is the name of something that the project itself needs: add a word to it, such as {name}-app.")


def check_entity(entity: str, plural: str) -> None:
    """Raise `InputError` on "entity" or "plural" unless a class and a table can be called so."""
    for field, words in (("entity", entity), ("plural", plural)):
        if words and not WORDS.fullmatch(words):
            raise InputError(field, "Use small letters and digits, words with one space between them, such as work order.")
    if snake(entity) in _taken("entities") or keyword.iskeyword(entity):
        raise InputError("entity", f"{entity} means something else in the code: add a word to it, such as work {entity}.")
    if plural == entity:
        raise InputError("plural", "Must differ from the name of one, since both stand in the code.")


def check_field(name: str, path: str) -> None:
    """Raise `InputError` on `path` unless an attribute and a column can be called so."""
    if not FIELD.fullmatch(name):
        raise InputError(path, "Use small letters, digits and single underscores, a letter first, such as due_date.")
    if name in _taken("fields") or keyword.iskeyword(name) or name.startswith("model_"):
        raise InputError(path, f"{name} means something else in the code: add a word to it, such as {name}_value.")


def plural_of(words: str) -> str:
    """The regular English plural: task -> tasks, box -> boxes, country -> countries."""
    if words.endswith("y") and words[-2:-1] not in tuple("aeiou"):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith(("s", "x", "z", "ch", "sh")) else f"{words}s"


def with_article(words: str) -> str:
    """An or a before it, by its first letter; "user", "unit" and their like sound of a "y"."""
    vowel = words[0] in "aeio" or (words[0] == "u" and not words.startswith(("use", "uni", "uti", "ura", "uro")))
    return f"{'an' if vowel else 'a'} {words}"


def pascal(words: str) -> str:
    """Words or a name in one word: work order or work_order -> WorkOrder."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[ _-]", words))


def camel(words: str) -> str:
    """due_date -> dueDate."""
    made = pascal(words)
    return made[:1].lower() + made[1:]


def snake(words: str) -> str:
    """Work order -> work_order."""
    return re.sub(r"[ -]", "_", words)


def kebab(words: str) -> str:
    """due_date -> due-date."""
    return re.sub(r"[ _]", "-", words)

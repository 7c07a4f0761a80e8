"""A brief in plain words, as the Workflow Starter's inputs: its first sentence is the goal, every line or sentence after it a story."""

import re
from typing import Any

_GOAL_CHARS, _STORY_CHARS, _STORIES, _NAME_WORDS, _NAME_CHARS = (5, 160), (3, 160), 30, 4, 32
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\s*[\r\n]+\s*")
_BULLET = re.compile(r"^(?:[-*\u2022]|\d{1,3}[.)])\s+")
_FILLERS = frozenset(("a", "an", "and", "for", "i", "of", "that", "the", "to", "want", "we", "with"))


def inputs_of(brief: str) -> dict[str, Any]:
    """The name, the goal and the stories of a brief. A brief of one sentence is its own story.

    What is too long for its place is cut at a word, and what is more than 30 stories is left out. A brief of less than five letters or digits gives a
    goal that is too short: the tool then says so.
    """
    told = [part for line in _SENTENCE.split(brief) if (part := _line(line))]
    goal, *stories = told or [""]
    stories = [one for one in stories if len(one) >= _STORY_CHARS[0]][:_STORIES] or [goal]
    return {"name": _name(goal), "goal": _cut(goal, _GOAL_CHARS[1]), "stories": [{"what": _cut(one, _STORY_CHARS[1])} for one in stories]}


def _line(text: str) -> str:
    """One line of readable text, without the mark of a list."""
    readable = "".join(one if one.isprintable() else " " for one in text)
    return _BULLET.sub("", " ".join(readable.split()))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rpartition(" ")[0] or text[:most]


def _name(goal: str) -> str:
    """Of the goal's first words that say something: small letters and hyphens. No name that code cannot have."""
    words = [word for word in re.findall(r"[a-z][a-z0-9]*", goal.lower()) if word not in _FILLERS][:_NAME_WORDS]
    said = "-".join(words)[:_NAME_CHARS].rstrip("-")
    return said if "-" in said else f"project-{said}".rstrip("-") if said else "new-project"

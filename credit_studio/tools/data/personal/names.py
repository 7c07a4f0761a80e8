"""What a column's name says: its words, and how well they fit the names of a kind."""

import functools
import re
import unicodedata

from credit_studio.tools.data.personal.kinds import Kind, words_of

EXACT, PARTLY, VAGUELY = 0.75, 0.6, 0.45
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


@functools.lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, without accents: "customerFirst_Name" is customer, first, name."""
    plain = unicodedata.normalize("NFKD", name[:200].replace("\u00df", "ss"))
    return tuple(word.lower() for word in _WORDS.findall("".join(one for one in plain if not unicodedata.combining(one))))


def fit(name: str, kind: Kind) -> float:
    """0.75 for a column called like a kind, 0.6 for one whose name holds it, 0 for others and for columns about it ("email_verified").

    0.45 for a name that may mean something else ("name", "race") when the contents can tell.
    What is about a special category is one of it: "is_pregnant", "vaccination_status".
    """
    own = words(name)
    if not own:
        return 0.0
    padded, joined = f" {' '.join(own)} ", "".join(own)
    if any(joined == phrase.replace(" ", "") for phrase in kind.names):
        return VAGUELY if kind.strength and joined in words_of("vague") else EXACT
    held = [phrase for phrase in kind.names if f" {phrase} " in padded]
    # A single common word in a longer name says too little: "product name" is no person.
    if not any(" " in phrase or phrase not in words_of("vague") for phrase in held):
        return 0.0
    rest = set(own) - set(" ".join(held).split())
    return PARTLY if kind.law or not rest & words_of("about") else 0.0

"""Comments blanked, so that no rule finds what is only spoken of. Lines and columns stay where they are."""

import re

# Strings and comments that do not end go on to the end of the line or of the text: nothing is ever read twice.
_QUOTED = r"""(?P<string>"(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\\?\Z)|'(?:[^'\\\n]|\\.)*+(?:'|(?=\n)|\\?\Z)"""
_TEMPLATE = r"""|`(?:[^`\\]|\\[\s\S])*+(?:`|\\?\Z)"""
_SLASHES = r"""/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|(?<![:\\\w])//[^\n]*"""
_HASHED = r"""(?:(?<=\s)|(?<![\s\S]))\#[^\n]*"""
_C_STYLE = f"{_QUOTED}{_TEMPLATE})|(?P<comment>{_SLASHES})"
_HASH = f"{_QUOTED})|(?P<comment>{_HASHED})"
_BOTH = f"{_QUOTED})|(?P<comment>{_SLASHES}|{_HASHED})"
_DOCKER = r"""(?P<string>(?!))|(?P<comment>(?m:^)[ \t]*\#[^\n]*)"""
_STYLES = {name: re.compile(style) for name, style in (("c", _C_STYLE), ("hash", _HASH), ("both", _BOTH), ("docker", _DOCKER))}
_OF = {
    **dict.fromkeys(("javascript", "java", "go", "csharp"), "c"),
    **dict.fromkeys(("shell", "yaml", "ruby"), "hash"),
    **dict.fromkeys(("php", "terraform"), "both"),
    "dockerfile": "docker",
}
_NOT_LINE_END = re.compile(r"[^\n]")


def without_comments(text: str, language: str) -> str:
    """The text with blanks where its comments stood; strings are kept, also where they hold what would begin a comment."""
    style = _OF.get(language)
    return _STYLES[style].sub(_blanked, text) if style else text


def _blanked(match: re.Match[str]) -> str:
    return match["string"] if match["comment"] is None else _NOT_LINE_END.sub(" ", match[0])

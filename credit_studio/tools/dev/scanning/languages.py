"""Which language a file is in: by its name, its first line, and for YAML by what it describes."""

import re

_ENDINGS = {
    "python": ("py", "pyw", "pyi"),
    "javascript": ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"),
    "shell": ("sh", "bash", "zsh", "ksh"),
    "terraform": ("tf", "tfvars", "hcl"),
    "yaml": ("yml", "yaml"),
    "java": ("java", "kt", "scala", "groovy"),
    "php": ("php", "phtml"),
    "go": ("go",),
    "ruby": ("rb", "erb", "rake"),
    "csharp": ("cs",),
    "dockerfile": ("dockerfile", "containerfile"),
}
_BY_ENDING = {ending: language for language, endings in _ENDINGS.items() for ending in endings}
_FIRST_LINES = (("python", re.compile(r"#!.*\bpython")), ("javascript", re.compile(r"#!.*\bnode")), ("shell", re.compile(r"#!.*\b(?:ba|z|k|da)?sh\b")))
_KUBERNETES = re.compile(r"(?m)^apiVersion\s*:"), re.compile(r"(?m)^kind\s*:")
_ACTIONS = re.compile(r"(?m)^(?:on|\"on\"|'on')\s*:"), re.compile(r"(?m)^jobs\s*:")
_COMPOSE = (re.compile(r"(?m)^services\s*:"),)
_CONTENTS = (("kubernetes", _KUBERNETES), ("github-actions", _ACTIONS), ("compose", _COMPOSE))

NAMES = {
    "python": "Python",
    "javascript": "JavaScript and TypeScript",
    "shell": "Shell",
    "terraform": "Terraform",
    "yaml": "YAML",
    "java": "Java and Kotlin",
    "php": "PHP",
    "go": "Go",
    "ruby": "Ruby",
    "csharp": "C#",
    "dockerfile": "Dockerfile",
    "": "Other text",
}


def language_of(path: str, text: str) -> str:
    """A key of `NAMES`; "" for text that is looked through for secrets only."""
    name = path.rpartition("/")[2].lower()
    if re.match(r"(?:docker|container)file(?:\.|$)", name):
        return "dockerfile"
    found = _BY_ENDING.get(name.rpartition(".")[2], "") if "." in name else ""
    first = text[:200].partition("\n")[0]
    return found or next((language for language, sign in _FIRST_LINES if sign.match(first)), "")


def kinds_of(language: str, text: str) -> frozenset[str]:
    """The language, and for YAML also what it describes: "kubernetes", "github-actions", "compose"."""
    if language != "yaml":
        return frozenset({language})
    return frozenset({language, *(kind for kind, signs in _CONTENTS if all(sign.search(text) for sign in signs))})

"""What many objects have in common: metadata, texts that may be emptied, an answer for what is deleted."""

from collections.abc import Iterable

from credit_studio.sandbox.errors import Body, invalid


def metadata(given: object, before: Body | None = None) -> Body:
    """The metadata after a request: names are added, one with an empty value goes, and an empty value for all of it clears it."""
    if given == "":
        return {}
    said = given if isinstance(given, dict) else {}
    return {name: value for name, value in ((before or {}) | said).items() if value != ""}


def not_emptied(params: Body, names: Iterable[str]) -> None:
    """Raise `ApiError` when one of them is emptied that cannot be without."""
    for name in names:
        if params.get(name) == "":
            words = f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however '{name}' cannot be unset."
            raise invalid(words, param=name, code="parameter_invalid_empty")


def taken(params: Body, names: Iterable[str]) -> Body:
    """Those of the parameters that were given, as fields; an empty text empties the field."""
    return {name: None if params[name] == "" else params[name] for name in names if name in params}


def with_all(names: Iterable[str], params: Body) -> Body:
    """A field for each name: what was given, or nothing."""
    return dict.fromkeys(names) | taken(params, names)


def deleted(obj: Body) -> Body:
    """What is left of an object when it is gone."""
    return {"id": obj["id"], "object": obj["object"], "deleted": True}

"""`expand`: ids replaced by their objects, and fields that are only there when asked for."""

from credit_studio.sandbox import shapes
from credit_studio.sandbox.errors import ApiError, Body, refused
from credit_studio.sandbox.routes import includes
from credit_studio.sandbox.world import World

_DEEPEST = 4


def expanded(world: World, answer: Body, paths: list[str]) -> Body:
    """The answer with those dotted paths expanded (`data.` goes into each of a list); raises `ApiError` for a field that cannot be."""
    for path in paths:
        if path.count(".") >= _DEEPEST:
            raise refused(f"You cannot expand more than {_DEEPEST} levels: {path}", param="expand")
        _expand(world, answer, path.split("."), path)
    return answer


def _expand(world: World, within: object, names: list[str], path: str) -> None:
    if not names:
        return
    if isinstance(within, list):
        for item in within:
            _expand(world, item, names, path)
        return
    if not isinstance(within, dict) or within.get("deleted"):
        return
    name, rest = names[0], names[1:]
    _replace(world, within, name, path, final=not rest)
    _expand(world, within.get(name), rest, path)


def _replace(world: World, within: Body, name: str, path: str, *, final: bool) -> None:
    kind = str(within.get("object", ""))
    if (kind, name) in includes:
        within[name] = includes[kind, name](world, within)
    elif isinstance(within.get(name), str) and (found := world.store.find(within[name])) is not None:
        within[name] = found
    elif final and not _could_be(kind, name, within):
        raise _cannot(path)


def _could_be(kind: str, name: str, within: Body) -> bool:
    if not kind or kind == "list":
        return name in within
    return shapes.expandable(kind, name)


def _cannot(path: str) -> ApiError:
    return refused(f"This property cannot be expanded ({path}).", param="expand")

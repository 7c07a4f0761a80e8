"""Lists: newest first, in pages, by the time of creation."""

from collections.abc import Callable, Mapping

from credit_studio.sandbox.errors import Body, invalid, missing
from credit_studio.sandbox.world import World

_PAGE = 10
_MOST = 100
_LAST = 1 << 53
"""A second that never comes."""


def listed(
    world: World, kind: str, params: Body, where: Mapping[str, object] | None = None, *, url: str = "", keep: Callable[[Body], bool] | None = None
) -> Body:
    """One page of the objects of a kind: `limit`, `starting_after`, `ending_before` and `created` are taken from the parameters.

    `where` compares fields; an entry that is None is left out, so that optional filters can be given as they came.
    """
    wanted = {path: value for path, value in (where or {}).items() if value is not None}
    since, until = _window(params.get("created"))
    found = [obj for obj in world.all(kind, wanted, since=since, until=until) if keep is None or keep(obj)]
    return of(found, params, url or f"/v1/{kind.replace('.', '/')}s")


def of(found: list[Body], params: Body, url: str) -> Body:
    """A page of objects that are at hand already, newest first."""
    limit = params.get("limit", _PAGE)
    if not 1 <= limit <= _MOST:
        raise invalid(f"Invalid integer: {limit}. It must be from 1 to {_MOST}.", param="limit", code="parameter_invalid_integer")
    if "ending_before" in params:
        newer = found[: _place(found, params["ending_before"], "ending_before")]
        return _page(newer[-limit:], url, more=len(newer) > limit)
    if "starting_after" in params:
        found = found[_place(found, params["starting_after"], "starting_after") + 1 :]
    return _page(found[:limit], url, more=len(found) > limit)


def _page(data: list[Body], url: str, *, more: bool) -> Body:
    return {"object": "list", "data": data, "has_more": more, "url": url}


def _place(found: list[Body], id_: str, param: str) -> int:
    for number, obj in enumerate(found):
        if obj["id"] == id_:
            return number
    raise missing(found[0]["object"] if found else "object", id_, param, status=400)


def _window(created: object) -> tuple[int, int]:
    if isinstance(created, int):
        return min(created, _LAST), min(created, _LAST)
    said = created if isinstance(created, Mapping) else {}
    since = max(said.get("gte", 0), said.get("gt", -1) + 1)
    until = min(said.get("lte", _LAST), said.get("lt", _LAST + 1) - 1)
    return min(since, _LAST), min(until, _LAST)

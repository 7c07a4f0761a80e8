import re

from credit_studio.tools.registry import all_tools
from credit_studio.ui import routes
from credit_studio.ui.components.account_frame import LINKS, entry_of
from credit_studio.ui.routes import Guard

_SEGMENT = re.compile(r"[a-zA-Z0-9_-]+|\[[a-z_]+\]")
_PRIVATE = {
    "/account",
    "/account/billing",
    "/account/gifts",
    "/account/alerts",
    "/account/receipts",
    "/account/redeem",
    "/account/settings/credits",
    "/account/referral",
    "/admin/orders",
    "/admin/promos",
    "/admin/reconciliation",
    "/account/credits",
    "/account/credits/cancelled",
    "/account/credits/history",
    "/account/credits/success",
    "/account/runs",
    "/account/usage",
    "/runs/[run_id]",
}


def test_every_tool_of_the_registry_has_a_page_of_its_own() -> None:
    paths = {route.path for route in routes.all_routes()}
    assert {tool.path for tool in all_tools()} <= paths


def test_no_two_pages_share_a_path_or_a_title() -> None:
    every = routes.all_routes()
    assert len({route.path for route in every}) == len(every)
    assert len({route.title for route in every}) == len(every)


def test_paths_are_made_of_segments_that_reflex_can_route() -> None:
    for route in routes.all_routes():
        assert all(_SEGMENT.fullmatch(part) for part in route.path.strip("/").split("/") if part), route.path


def test_pages_of_an_account_ask_to_sign_in_and_stay_out_of_the_sitemap() -> None:
    guarded = {route.path: route for route in routes.all_routes() if route.guard is Guard.SIGNED_IN}
    assert set(guarded) == _PRIVATE
    assert not any(route.found for route in guarded.values())


def test_what_is_found_by_its_link_alone_is_in_no_list() -> None:
    unlisted = {route.path: route.found for route in routes.all_routes() if route.is_unlisted}
    assert unlisted == {"/shared/[token]": False, "/gifts/[token]": False, "/invite/[code]": False}


def test_every_page_says_in_a_sentence_what_it_is() -> None:
    assert all(route.description for route in routes.all_routes())


def test_each_tool_page_is_filed_under_a_module_of_its_own() -> None:
    bodies = [routes.tool_route(tool).body for tool in all_tools()]
    assert len({body.__module__ for body in bodies}) == len(bodies)


def test_pages_of_an_account_stand_beside_its_links() -> None:
    entries = {path: entry_of(path) for path in ("/account", "/account/credits/success", "/account/runs", "/accounts", "/tools", "/runs/[run_id]")}
    assert entries == {
        "/account": "/account/",
        "/account/credits/success": "/account/credits/",
        "/account/runs": "/account/runs/",
        "/accounts": "",
        "/tools": "",
        "/runs/[run_id]": "",
    }
    paths = {f"{route.path}/" for route in routes.all_routes()}
    assert {href for href, _, _ in LINKS} <= paths

"""How Reflex builds and serves the pages: everything an operator may set comes from `credit_studio.settings`."""

import reflex as rx
from reflex_base.constants import StateManagerMode

from credit_studio import settings
from credit_studio.ui.same_origin import SameOrigin

_set = settings.get()
_public = _set.public_url.rstrip("/")

config = rx.Config(
    app_name="credit_studio",
    app_module_import="credit_studio.credit_studio",
    frontend_port=_set.port,
    backend_port=_set.port,
    deploy_url=_public or f"http://localhost:{_set.port}",
    # Nobody else's pages may read answers. Who may open a websocket is decided in `api.security`, which knows the Host that was asked for.
    cors_allowed_origins=[_public] if _public else [],
    trusted_proxy_hops=_set.trusted_proxy_hops,
    redis_url=_set.redis_url or None,
    redis_token_expiration=86_400,
    state_manager_mode=StateManagerMode.REDIS if _set.redis_url else StateManagerMode.MEMORY,
    default_color_mode="system",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[SameOrigin(), rx.plugins.SitemapPlugin(trailing_slash="always")],
)

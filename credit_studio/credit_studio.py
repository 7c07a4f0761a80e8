"""Assembly: the pages, the HTTP API before them, and what lives as long as the process. Nothing is decided here."""

import reflex as rx
import structlog
from reflex.event import EventSpec
from reflex_base.vars import Var
from reflex_base.vars.function import ArgsFunctionOperation
from reflex_components_core.base.error_boundary import ErrorBoundary

from credit_studio import settings, wiring
from credit_studio.api import app as api
from credit_studio.api import security
from credit_studio.jobs.lifespan import lifespan
from credit_studio.ui import live, routes, theme
from credit_studio.ui.pages import lost
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import PrivacyGuard

_log = structlog.get_logger(__name__)


def tell_of_fault(exception: Exception) -> EventSpec:
    """A handler broke: written down whole here, in words and without detail for the person."""
    _log.error("page_fault", exc_info=exception)
    return Notice.fault()  # pyright: ignore[reportReturnType] - Reflex makes an EventSpec of a handler that is called


def make_app() -> rx.App:
    """The whole studio as one ASGI application."""
    fallback = ArgsFunctionOperation.create(("event_args",), Var.create(lost.broken()))
    studio = rx.App(
        html_lang=theme.LANG,
        stylesheets=list(theme.STYLESHEETS),
        reset_style=False,
        head_components=theme.head(),
        toaster=None,
        app_wraps={(55, "ErrorBoundary"): lambda _stateful: ErrorBoundary.create(fallback_render=fallback)},
        backend_exception_handler=tell_of_fault,
        api_transformer=[api.make_api(), *security.layers(settings.get())],
    )
    studio.add_middleware(PrivacyGuard())
    routes.add_pages(studio)
    studio.register_lifespan_task(lifespan)
    studio.register_lifespan_task(live.follow, studio=studio)
    return studio


wiring.install()
app = make_app()

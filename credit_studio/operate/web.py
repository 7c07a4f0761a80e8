"""The web process: granian, one worker, the pages prebuilt. `python -m credit_studio.operate.web` is started by the launcher only.

Both processes, granian's supervisor and its worker, end with their parent: a killed studio leaves no port taken.
"""

from typing import Any

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from credit_studio import settings
from credit_studio.operate.process import end_with_parent, settle

_STOP_PATIENCE_S = 5
"""Seconds that open connections get once the studio is asked to stop."""


def app() -> Any:  # noqa: ANN401 - an ASGI application, whatever wraps it
    """The application, for granian's worker. Imported here and not above: the supervisor stays small and opens nothing."""
    end_with_parent()
    from credit_studio.credit_studio import app as studio  # noqa: PLC0415 - only the worker loads the studio

    made = studio()
    settle()
    return made


def main() -> None:
    """Serve until SIGTERM; exits with another status than 0 when the worker dies by itself."""
    end_with_parent()
    chosen = settings.get()
    Server(
        f"{__spec__.name}:app",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        factory=True,
        workers=1,
        workers_kill_timeout=_STOP_PATIENCE_S,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()

"""`python -m credit_studio.sandbox --port P --data DIR --webhook URL --secret whsec_...`: serve on 127.0.0.1 until SIGTERM."""

import argparse
import asyncio
import signal
from pathlib import Path

from credit_studio.sandbox.server import Place, run


def main() -> None:
    """Read the place from the command line and serve."""
    said = argparse.ArgumentParser(prog="python -m credit_studio.sandbox", description=__doc__)
    said.add_argument("--port", type=int, required=True, help="where to listen, on 127.0.0.1 only")
    said.add_argument("--data", type=Path, required=True, help="the data directory: the state is kept in its folder `sandbox`")
    said.add_argument("--webhook", required=True, help="where events are sent")
    said.add_argument("--secret", required=True, help="what they are signed with: whsec_...")
    asyncio.run(_until_stopped(Place(**vars(said.parse_args()))))


async def _until_stopped(place: Place) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await run(place, stopped)


if __name__ == "__main__":
    main()

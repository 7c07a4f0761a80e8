"""Text messages and chats, by whatever service the operator has named to Apprise. It gives no receipt: handed over is all that is known."""

import asyncio

from credit_studio import settings
from credit_studio.notifications.errors import Undelivered
from credit_studio.notifications.views import Said

_MOST = 300


async def send(said: Said, *, number: str, origin: str) -> str:
    """Hand a text message to the operator's service: what is known of it. Raises `Undelivered`."""
    address = settings.get().sms_url.get_secret_value().replace("{to}", number.removeprefix("+"))
    await asyncio.to_thread(_send, address, f"{said.title}. {said.text}"[:_MOST] + f" {origin}{said.path}")
    return "handed over"


def _send(address: str, text: str) -> None:
    import apprise  # noqa: PLC0415 - it takes a second to load all its services, and most studios send no texts

    post = apprise.Apprise()
    if not post.add(address):
        raise Undelivered("SMS_URL is no address that Apprise knows.", is_final=True)
    if not post.notify(body=text):
        raise Undelivered("The text message service did not take it.")

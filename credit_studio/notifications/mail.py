"""Mails: text and HTML, with a link to what one is told. No secret stands in them, and nothing in them acts."""

import asyncio
import html
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit
from uuid import UUID

from credit_studio import settings
from credit_studio.core import clock
from credit_studio.identity.views import Person
from credit_studio.notifications.errors import Undelivered
from credit_studio.notifications.views import Said

PREFERENCES = "/account/settings/credits"
_WAIT_S = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
_ACCEPTED, _NEVER = range(250, 252), range(500, 600)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;background:#f7f9f8;color:#1a211e;font:16px/24px system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:32px 20px">
<h1 style="margin:0 0 12px;font-size:20px;line-height:28px">{title}</h1>
<p style="margin:0 0 20px">{text}</p>
<p style="margin:0 0 32px"><a href="{link}" style="color:#0a6459">{label}</a></p>
<p style="margin:0;color:#5f6563;font-size:14px;line-height:20px">{name}, you get this because your account has it on.
<a href="{preferences}" style="color:#0a6459">Change what you are told</a>.</p>
</div></body></html>
"""


def compose(said: Said, *, person: Person, delivery_id: UUID, origin: str) -> EmailMessage:
    """The mail; `origin` is where the studio is. Its Message-ID stays the same however often it is tried, so that a mailbox may see a double."""
    here = settings.get()
    mail = EmailMessage()
    mail["From"] = here.mail_from or "studio@localhost"
    mail["To"] = person.email
    mail["Subject"] = said.title
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{delivery_id}@{parseaddr(mail['From'])[1].rpartition('@')[2] or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    link, preferences = origin + said.path, origin + PREFERENCES
    mail.set_content(f"{said.title}\n\n{said.text}\n\n{said.label}: {link}\n\n-- \nChange what you are told: {preferences}\n")
    words = {"title": said.title, "text": said.text, "link": link, "label": said.label, "name": person.display_name, "preferences": preferences}
    mail.add_alternative(_PAGE.format_map({name: html.escape(value) for name, value in words.items()}), subtype="html")
    return mail


def kept(mail: EmailMessage) -> dict[str, str]:
    """The mail as it is kept where no mail server is configured."""
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    return {"subject": str(mail["Subject"]), "text": plain.get_content() if plain else "", "html": rich.get_content() if rich else ""}


async def send(mail: EmailMessage) -> str:
    """Hand the mail to the operator's server: what it answered. Raises `Undelivered`."""
    return await asyncio.to_thread(_send, mail, settings.get().smtp_url.get_secret_value())


def _send(mail: EmailMessage, url: str) -> str:
    try:
        with _server(url) as server:
            _accepted(server.mail(parseaddr(str(mail["From"]))[1]))
            _accepted(server.rcpt(parseaddr(str(mail["To"]))[1]))
            return _accepted(server.data(mail.as_bytes()))
    except (OSError, smtplib.SMTPException) as problem:
        raise Undelivered(f"The mail server could not be reached: {type(problem).__name__}.") from problem


def _server(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
    secure = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_WAIT_S, context=secure)
    else:
        server = smtplib.SMTP(host, port, timeout=_WAIT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=secure)
            server.ehlo()
        elif parts.username:
            server.close()
            raise Undelivered("The mail server offers no encryption, so it is not given the password.")
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _accepted(reply: tuple[int, bytes]) -> str:
    """What the server said, when it said yes."""
    code, answer = reply
    said = f"{code} {' '.join(answer.decode(errors='replace').split())[:200]}"
    if code not in _ACCEPTED:
        raise Undelivered(f"The mail server refused it: {said}", is_final=code in _NEVER)
    return said

"""Twilio's conventions: basic auth, error bodies, sids and dates."""

import base64
import binascii
import re
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime

from sandbox.clock import iso
from sandbox.message import Answer, Refused, Request, json_answer

TOKEN = "sandbox_twilio_token"  # noqa: S105 - documented, opens nothing but the sandbox
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def sid(prefix: str) -> str:
    """A new sid: two letters and 32 hex digits."""
    return prefix + secrets.token_hex(16)


def error(status: int, code: int, message: str) -> Answer:
    """An error in Twilio's form."""
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return json_answer(body, status)


def account_of(request: Request) -> str:
    """The account of the basic auth; refuses with 401 (20003) when the token is wrong."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        account, _, token = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        account, token = "", ""
    if scheme.lower() != "basic" or token != TOKEN or not _ACCOUNT.fullmatch(account):
        raise Refused(error(401, 20003, "Authenticate"))
    return account


def is_phone(text: str) -> bool:
    """Whether a text is a phone number in E.164 form."""
    return _PHONE.fullmatch(text) is not None


def short_iso(at_ms: int) -> str:
    """A time as Verify writes it: ISO 8601 to the second."""
    return iso(at_ms)[:19] + "Z"


def rfc2822(at_ms: int) -> str:
    """A time as Messages writes it: RFC 2822."""
    return format_datetime(datetime.fromtimestamp(at_ms // 1000, UTC))

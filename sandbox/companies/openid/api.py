"""The page on which a person allows it, the token for the code, and who it was. Codes go once, with their verifier (RFC 7636)."""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.agencies import issue, opened
from sandbox.card_page import FORM_ACTION
from sandbox.message import Answer, Refused, Request, json_answer, redirect
from sandbox.page import Safe, fill, missing, page
from sandbox.texts import say, speak_to
from sandbox.world import Route, World

from .signing import key_set, sign

TITLES = {"google": "Google", "apple": "Apple", "facebook": "Facebook"}
CODE_S, TOKEN_S = 600, 3_600
USUAL = "ann@people.example"


def discovery(world: World, request: Request) -> Answer:
    """Where the parts are (OpenID Connect Discovery 1.0)."""
    here = _issuer(request)
    parts = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
    return json_answer({"issuer": here, **{name: f"{here}/{part}" for name, part in parts.items()}})


def keys(world: World, request: Request) -> Answer:
    """The public key."""
    return json_answer(key_set())


def show(world: World, request: Request) -> Answer:
    """The question: who the person is, and whether the product may know it."""
    query, company = request.query, request.params["company"]
    speak_to(request, query.get("ui_locales"))
    if not _is_whole(query, company):
        return missing("This page does not exist. Nobody was signed in.")
    body = fill(
        "openid",
        heading=say("Sign in with $company", company=TITLES[company]),
        lead=say("The lender learns your e-mail address, and nothing else."),
        address=f"{request.path}?{urlencode(query)}",
        company=TITLES[company],
        told=say("In real life the company would let you sign in here. Type any address: it is yours."),
        label=say("E-mail address"),
        email=query.get("login_hint") or USUAL,
        yes=say("Allow"),
        no=say("Do not allow"),
    )
    return page(say("Sign in with $company", company=TITLES[company]), body, layout="card_layout", form_action=FORM_ACTION)


def submit(world: World, request: Request) -> Answer:
    """Take the answer, and lead back with a code, or with the word that the person left."""
    query, company, form = request.query, request.params["company"], request.form()
    speak_to(request, query.get("ui_locales"))
    if not _is_whole(query, company):
        return missing("This page does not exist. Nobody was signed in.")
    told = {"state": query.get("state", "")}
    if form.get("answer") == "yes" and "@" in form.get("email", ""):
        told["code"] = secrets.token_urlsafe(24)
        sql = "INSERT INTO openid_visits (code, company, email, back, client, challenge, nonce, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        wanted = [query["redirect_uri"], query["client_id"], query["code_challenge"], query.get("nonce", "")]
        world.store.run(sql, [told["code"], company, form["email"].strip().lower(), *wanted, world.clock.now_ms() + CODE_S * 1000])
    else:
        told["error"] = "access_denied"
    back = query["redirect_uri"]
    if query.get("response_mode") == "form_post":
        return _by_form(back, told)
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode(told)}")


def _by_form(back: str, told: dict[str, str]) -> Answer:
    """Lead back by a form, which a browser without scripts sends by a button."""
    fields = Safe("\n".join(fill("openid_field", field=name, value=value) for name, value in told.items()))
    heading = say("One more step")
    body = fill("openid_back", heading=heading, address=back, fields=fields, on=say("Continue"))
    return page(heading, body, layout="card_layout", form_action=FORM_ACTION)


def token(world: World, request: Request) -> Answer:
    """Who it was, signed, for a code that has not been used, with its verifier and the client's secret."""
    form, company = request.form(), request.params["company"]
    if not world.is_key(form.get("client_secret")) and company != "apple":
        raise _error(401, "invalid_client")
    visit = world.store.one("SELECT * FROM openid_visits WHERE code = ?", form.get("code", ""))
    world.store.run("DELETE FROM openid_visits WHERE code = ?", [form.get("code", "")])
    if visit is None or not _fits(world, visit, form, company):
        raise _error(400, "invalid_grant")
    access = issue(world, f"openid-{company}", subject=visit["email"], seconds=TOKEN_S)
    told: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": TOKEN_S}
    if company != "facebook":
        told["id_token"] = sign(_claims(world, request, visit))
    return json_answer(told)


def me(world: World, request: Request) -> Answer:
    """Facebook's answer to who the token is of; the proof shows that the app's secret is known."""
    query = request.query
    known = opened(world, "openid-facebook", query.get("access_token", ""))
    proof = hmac.new(world.options.key.encode(), query.get("access_token", "").encode(), hashlib.sha256).hexdigest()
    if known is None or not hmac.compare_digest(proof, query.get("appsecret_proof", "")):
        raise Refused(json_answer({"error": {"type": "OAuthException", "code": 190}}, 400))
    return json_answer({"id": _subject("facebook", known[1]), "email": known[1]})


def _claims(world: World, request: Request, visit: Row) -> dict[str, Any]:
    # Tokens go by real time, which the sandbox's clock does not move.
    now = int(time.time())
    told = {"iss": _issuer(request), "aud": visit["client"], "sub": _subject(visit["company"], visit["email"])}
    return told | {"iat": now, "exp": now + TOKEN_S, "nonce": visit["nonce"], "email": visit["email"], "email_verified": True}


def _subject(company: str, email: str) -> str:
    return hashlib.sha256(f"{company}:{email}".encode()).hexdigest()[:24]


def _fits(world: World, visit: Row, form: dict[str, str], company: str) -> bool:
    made = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
    told = (visit["company"], visit["back"], visit["client"], visit["challenge"])
    return told == (company, form.get("redirect_uri"), form.get("client_id"), made) and visit["until"] > world.clock.now_ms()


def _is_whole(query: dict[str, str], company: str) -> bool:
    there = urlsplit(query.get("redirect_uri", "")).scheme in {"http", "https"}
    asked = query.get("response_type") == "code" and query.get("code_challenge_method") == "S256"
    return company in TITLES and there and asked and bool(query.get("client_id") and query.get("code_challenge"))


def _issuer(request: Request) -> str:
    return f"http://{request.headers.get('host', 'sandbox')}/openid/{request.params['company']}"


def _error(status: int, code: str) -> Refused:
    return Refused(json_answer({"error": code}, status))


ROUTES: list[Route] = [
    ("GET", "/openid/{company}/.well-known/openid-configuration", discovery),
    ("GET", "/openid/{company}/keys", keys),
    ("GET", "/openid/{company}/authorize", show),
    ("POST", "/openid/{company}/authorize", submit),
    ("GET", "/openid/{company}/dialog/oauth", show),
    ("POST", "/openid/{company}/dialog/oauth", submit),
    ("POST", "/openid/{company}/token", token),
    ("POST", "/openid/{company}/oauth/access_token", token),
    ("GET", "/openid/{company}/me", me),
    ("GET", "/openid/{company}/app", lambda _world, _request: json_answer({"id": "sandbox"})),
]

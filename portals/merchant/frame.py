"""What every page of the merchant portal needs: the signed-in person, their shop, and their permissions there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext

from accounts.models import User
from brands.queries import brand_of
from core.clock import local_date, now, offset
from core.errors import DomainError, Forbidden
from core.formats import city_text, clock_text, money_text, time_text
from core.locales import page_locale
from core.money import Money
from core.once import act_once
from core.sentences import Sentence
from merchants.models import Membership, Merchant
from merchants.queries import list_memberships
from merchants.rules import PERMISSIONS, may, scopes_of
from portals.again import Problem, key_of
from portals.doors import View, page

CHOSEN = "merchant"
"""The session's key for the shop that a member of several teams has chosen."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A member of a shop's team, at the time of the request."""

    user: User
    membership: Membership
    at: datetime
    has_others: bool = False

    @property
    def merchant(self) -> Merchant:
        """The shop."""
        return self.membership.merchant

    @property
    def allowed(self) -> frozenset[str]:
        """All permissions of the person's role."""
        return PERMISSIONS.get(self.membership.role, frozenset())

    @property
    def key_scopes(self) -> frozenset[str]:
        """All scopes that the person may give to an API key."""
        return scopes_of(self.membership.role)

    @property
    def actor(self) -> str:
        """The person as histories record them, an actor id."""
        return f"user:{self.user.pk}"

    @property
    def zone(self) -> str:
        """The shop's time zone."""
        return self.merchant.market.time_zone

    @property
    def today(self) -> date:
        """The date where the shop is."""
        return local_date(self.at, self.zone)

    @property
    def clock(self) -> str:
        """The clock of all times in the portal: "New York, 5:04 PM EST"; in a sandbox also whether it was moved."""
        here = self.at.astimezone(ZoneInfo(self.zone))
        told = f"{city_text(self.zone, self.locale)}, {time_text(here, self.locale)} {clock_text(here)}"
        return gettext("%(time)s, by the sandbox's clock, which was moved") % {"time": told} if offset() else told

    def time_of(self, at: datetime | None) -> str:
        """Return a moment for a file, in the shop's time zone with its offset from UTC; an empty text for None."""
        return at.astimezone(ZoneInfo(self.zone)).isoformat(timespec="seconds") if at else ""

    @property
    def locale(self) -> str:
        """The locale that the pages are written in."""
        return page_locale(self.merchant.market.locale)

    def may(self, action: str) -> bool:
        """Return whether the person's role allows an action."""
        return may(self.membership.role, action)

    def require(self, action: str) -> None:
        """Raise Forbidden unless the person's role allows an action."""
        if not self.may(action):
            role = self.membership.get_role_display().lower()
            raise Forbidden(
                Sentence("Your role (%(role)s) does not allow this. Ask an owner of your team.", role=role), code="team.role_not_enough"
            )

    def money(self, minor: int, style: str = "exact") -> str:
        """Write an amount in the shop's currency."""
        return money_text(minor, self.merchant.currency, self.locale, style)

    def amount(self, minor: int) -> Money:
        """Return an amount in the shop's currency."""
        return Money(minor, self.merchant.currency)


def merchant_page(*methods: str, needs: str = "orders.read") -> Callable[[View], View]:
    """Make a view a page of a shop's team, `view(request, desk, ...)`, for roles with the permission `needs`.

    A visitor who is not signed in signs in first and then returns; a person without the permission is refused (403) before the view runs.
    """

    def decorate(view: View) -> View:
        @page(*methods, show_problem=_show_problem)
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            desk = find_desk(request)
            if not isinstance(desk, Desk):
                return desk
            desk.require(needs)
            return view(request, desk, *args, **kwargs)

        return answer

    return decorate


def _show_problem(request: HttpRequest, problem: Problem | DomainError) -> HttpResponse:
    desk = find_desk(request)
    return show(request, desk, "problem", "", {"problem": problem}, status=problem.status) if isinstance(desk, Desk) else desk


def find_desk(request: HttpRequest) -> Desk | HttpResponse:
    """Return the person and their shop, or the answer that leads there: sign in, choose a shop, or no shop at all. Two statements."""
    if not isinstance(request.user, User):
        back = request.get_full_path() if request.method == "GET" else ""
        return redirect(reverse("merchant_sign_in") + (f"?{urlencode({'next': back})}" if back else ""))
    teams = list_memberships(request.user, brand_of(request).code)
    chosen = request.session.get(CHOSEN)
    membership = teams[0] if len(teams) == 1 else next((team for team in teams if team.merchant.public_id == chosen), None)
    if membership is not None:
        return Desk(request.user, membership, now(), has_others=len(teams) > 1)
    if teams:
        return redirect("merchant_choose")
    return show_door(request, "no_team", {"user": request.user}, status=403)


def show_door(request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """Render a page for a visitor who is not signed in to a shop yet."""
    return render(request, f"portals/merchant/{template}.html", {"mark_suffix": gettext("for shops")} | (context or {}), status=status)


def show(
    request: HttpRequest, desk: Desk, template: str, nav: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page in the shop's locale and time zone; `once` is a fresh key for its forms."""
    whole = {
        "nav": nav,
        "locale": desk.locale,
        "now": desk.at,
        "today": desk.today,
        "shop": desk.merchant.name,
        "currency": desk.merchant.currency,
        "allowed": desk.allowed,
        "once": key_of(request),
        "names_clock": True,
        "clock": desk.clock,
        "person": {
            "name": desk.user.name or desk.user.email,
            "note": desk.merchant.name,
            "sign_out_path": reverse("merchant_sign_out"),
            "switch_path": reverse("merchant_choose") if desk.has_others else "",
        },
    }
    with timezone.override(ZoneInfo(desk.zone)):
        return render(request, f"portals/merchant/{template}.html", whole | (context or {}), status=status)


def once_for(request: HttpRequest, desk: Desk, work: Callable[[], Any]) -> tuple[Any, bool]:
    """Carry out a shop's form once; return the result, and whether an earlier submission of the same form produced it."""
    return act_once(request, scope=desk.merchant.public_id, at=desk.at, work=work)


def confirm(
    request: HttpRequest, desk: Desk, nav: str, *, title: str, text: str, button: str, back: str, danger: bool = True
) -> HttpResponse:
    """Ask for confirmation; the page posts to its own address."""
    return show(request, desk, "confirm", nav, {"title": title, "text": text, "button": button, "back": back, "danger": danger})


def safe_next(request: HttpRequest, path: str) -> str:
    """Return where to go after signing in: a page of this portal, else the overview."""
    own = path.startswith("/merchant/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None, require_https=request.is_secure())
    return path if own else reverse("merchant_overview")

"""The kind of proposals about disaster areas: payments of who lives there are paused."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid
from core.moments import amount_words, day_words
from core.sentences import Sentence
from markets.queries import get_market
from plans import services
from plans.models import DisasterArea
from plans.rules.areas import entries_of

AREA = "plans.disaster_area"
NAME, CAUSE, CODES, TEXT, UNTIL = "name", "cause", "codes", "text", "until"
PLANS, OPEN = "plans", "open_minor"
"""How many plans of people who lived there were active when it was proposed, and what was open of them."""
MOST_DAYS = 180
"""The longest pause, in days."""


class AreaDeclared(Kind):
    """A disaster area: its name, cause and postal codes, the text that people read, and its last day; `subject` is the market."""

    name, about, title = AREA, "refund", gettext_lazy("Payments paused in a disaster area")

    def subject_name(self, subject: str) -> str:
        """Return the market's country."""
        return get_market(subject).country

    def zone(self, subject: str) -> str:
        """Return the market's time zone."""
        return get_market(subject).time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is paused."""
        return {}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse an area without postal codes, a text or a day within `MOST_DAYS` of its first; Invalid names the field."""
        if (
            set(after) != {NAME, CAUSE, CODES, TEXT, UNTIL, PLANS, OPEN}
            or starts_on is None
            or after[CAUSE] not in dict(DisasterArea.CAUSES)
        ):
            raise Invalid("This cannot be changed here.")
        for name in (NAME, TEXT):
            if not str(after[name]).strip():
                raise Invalid("Something is missing.", fields={name: Sentence("is missing")})
        try:
            entries_of(",".join(after[CODES]))
        except ValueError as error:
            raise Invalid("These are no postal codes.", fields={CODES: Sentence("is no postal code: %(code)s", code=str(error))}) from error
        if not starts_on <= date.fromisoformat(after[UNTIL]) <= starts_on + timedelta(days=MOST_DAYS):
            fault = Sentence("must be within %(days)s days", days=MOST_DAYS)
            raise Invalid("Choose another last day.", fields={UNTIL: fault})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Declare the area; return its public id."""
        told: dict[str, Any] = {name: after[name] for name in (NAME, CAUSE, CODES, TEXT)}
        until = date.fromisoformat(after[UNTIL])
        return services.declare_area(market=get_market(subject), until=until, proposal=proposal_of(actor), at=at, **told).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a value's name, and the value in words."""
        shown = {
            NAME: (_("Area"), value),
            CAUSE: (_("Kind of disaster"), dict(DisasterArea.CAUSES).get(str(value), value)),
            CODES: (_("Postal codes"), ", ".join(value) if name == CODES else ""),
            TEXT: (_("What people there read"), value),
            PLANS: (_("Plans of people who live there"), value),
        }
        if name == UNTIL:
            return _("Last day"), day_words(date.fromisoformat(value))
        if name == OPEN:
            return _("Open of these plans"), amount_words(value, get_market(subject).currency)
        title, text = shown[name]
        return title, str(text)

    def link(self, subject: str) -> str:
        """Return the URL of the list of areas."""
        return reverse("admin:plans_disasterarea_changelist")

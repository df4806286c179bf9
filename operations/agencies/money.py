"""The money pages of an agency: what it reported, what it sent, what it is owed, and its terms."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from collection import services as collection
from collection.agency_lines import ANSWERS, REFUSED, Answered, read_remittance, read_report
from collection.agency_money import list_flaws, list_payments, shares_of, standing_of
from collection.models import Agency, AgencyTerms, Remittance, RemittanceLine
from collection.services.agencies import MAY_MANAGE
from collection.services.commissions import terms_now
from collection.services.remitting import off_of
from core import clock
from core.admin import looking
from core.clock import local_date
from core.csv_files import Cell, csv_answer
from core.errors import Malformed
from core.moments import amount_words
from core.once import new_key
from core.sentences import translated
from operations.agencies.forms import RemittanceForm, ReportForm, TermsForm
from operations.agencies.loading import LoadingPages
from operations.choosing import page_number
from operations.frame import act_in_form, operator, show

SHOWN = 100
FIELDS = ("payment", "account", "reference", "paid_on", "currency", "amount_minor", "share_minor", "given_back", "remittance")
"""Columns of the file of an agency's payments."""


class MoneyPages(LoadingPages):
    """The pages of money between agencies and us; `AgencyPages` adds the others."""

    def money_urls(self) -> list[URLPattern]:
        """Return the URLs of an agency's money."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/money/", wrap(self.money), name="collection_agency_money"),
            path("<uuid:pk>/money/report/", wrap(self.report), name="collection_agency_report"),
            path("<uuid:pk>/money/remittance/", wrap(self.remittance), name="collection_agency_remittance"),
            path("<uuid:pk>/money/terms/", wrap(self.terms), name="collection_agency_terms"),
        ]

    @looking
    def money(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Show what an agency collected, sent and is owed, or return its payments as CSV (`?as=csv`)."""
        agency = self.seen(request, pk)
        if request.GET.get("as") == "csv":
            return csv_answer(f"payments-{agency.public_id}", FIELDS, _rows(agency))
        return self._money(request, agency)

    def report(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Take a report of payments; the answer, line by line, is the page, or with `as=csv` a file."""
        agency, form = self.managed(request, pk), ReportForm(request.POST or None, request.FILES or None)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:collection_agency_money", args=[agency.pk]))
        lines = _lines_in(form, read_report)
        if lines is None:
            return self._money(request, agency, form=form)
        # Safe to repeat: what counts already is answered as repeated.
        answers = collection.report_as_operator(agency=agency, lines=lines, user=operator(request), at=clock.now())
        if request.POST.get("as") == "csv":
            rows = ([one.as_row()[name] for name in ANSWERS] for one in answers)
            return csv_answer(f"answer-{agency.public_id}-{clock.now():%Y%m%d%H%M%S}", ANSWERS, rows)
        return self._money(request, agency, answers=answers)

    def remittance(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Write down money between the agency and us, with its list, and propose to enter it."""
        agency = self.managed(request, pk)
        form = RemittanceForm(request.POST or None, request.FILES or None, currency=agency.market.currency, today=clock.now().date())
        lines = _lines_in(form, read_remittance)
        if lines is None or not act_in_form(request, form, _proposing(agency, form, lines)):
            return self._money(request, agency, money_form=form)
        messages.success(request, _("Proposed. Another person decides now."))
        return HttpResponseRedirect(reverse("admin:collection_agency_money", args=[agency.pk]))

    def terms(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Give the contract other terms from a day on."""
        agency = self.managed(request, pk)
        form = TermsForm(request.POST or None, today=_today(agency))
        if form.is_valid() and act_in_form(request, form, collection.change_terms, agency_id=agency.pk, **form.cleaned_data):
            messages.success(request, _("These terms hold from their day on."))
            return HttpResponseRedirect(reverse("admin:collection_agency_money", args=[agency.pk]))
        return self._money(request, agency, terms_form=form)

    def _money(self, request: HttpRequest, agency: Agency, *, answers: Any = (), **forms: Form) -> HttpResponse:
        currency, number = agency.market.currency, page_number(request)
        shown = list(list_payments(agency)[(number - 1) * SHOWN : number * SHOWN + 1])
        shares, terms = shares_of([one.charge_id for one in shown]), terms_now(agency, clock.now())
        sent, dated = Remittance.objects.filter(agency=agency), AgencyTerms.objects.filter(agency=agency)
        facts: dict[str, Any] = {
            "agency": agency,
            "standing": standing_of(agency).in_words(),
            "payments": [_payment(one, shares.get(one.charge_id, 0), currency) for one in shown[:SHOWN]],
            "sent": [_sent(one, currency) for one in sent.prefetch_related("lines").order_by("-id")[:SHOWN]],
            "flaws": [(one, amount_words(one.off_minor, currency)) for one in list_flaws(agency)[:SHOWN]],
            "rate": f"{terms.rate_bps / 100:g} %",
            "terms": terms,
            "coming": [(one, f"{one.rate_bps / 100:g} %") for one in dated.order_by("-valid_from")[:SHOWN]],
            "number": number,
            "more": len(shown) > SHOWN,
            "may_manage": operator(request).may(MAY_MANAGE),
            "form": ReportForm(),
            "money_form": RemittanceForm(currency=currency, today=clock.now().date()),
            "terms_form": TermsForm(today=_today(agency)),
            "told": _told(answers),
            "refused": [(one, translated(one.reason)) for one in answers if one.status == REFUSED],
            "once": new_key(),
        }
        title = _("Money with %(agency)s") % {"agency": agency.name}
        return show(request, "agencies/money.html", title, model_admin=self, **facts | forms)


def _lines_in(form: Form, read: Callable[[bytes], list[Any]]) -> list[Any] | None:
    """Return the lines of the form's file, none without one; None, with the error in the form, if something is wrong."""
    if not form.is_valid():
        return None
    try:
        return read(form.cleaned_data["file"]) if form.cleaned_data["file"] else []
    except Malformed as error:
        form.add_error("file", error.detail)
        return None


def _proposing(agency: Agency, form: Form, lines: list[Any]) -> Callable[..., object]:
    """Return the act that writes money down and proposes to enter it."""
    told = dict(form.cleaned_data)
    sign = -1 if told.pop("way") == "out" else 1
    amount, reason = sign * told.pop("amount_minor"), told.pop("reason")
    told.pop("file")

    def act(**who: Any) -> None:
        row = collection.list_remittance(agency_id=agency.pk, amount_minor=amount, lines=lines, **told, **who)
        collection.propose_remittance(remittance_id=row.pk, reason=reason, **who)

    return act


def _payment(row: Any, share: int, currency: str) -> tuple[Any, str, str]:
    return row, amount_words(row.charge.amount_minor, currency), amount_words(share, currency)


def _sent(row: Remittance, currency: str) -> tuple[Remittance, str, int, str]:
    """Return money of an agency with its amount, how many lines it has, and by how much it differs from them, if it does."""
    lines: list[RemittanceLine] = list(row.lines.all())
    off = off_of(row, lines)
    return row, amount_words(row.amount_minor, currency), len(lines), amount_words(off, currency) if off else ""


def _rows(agency: Agency) -> Iterator[list[Cell]]:
    """Yield an agency's payments for a file, newest first."""
    found = list(list_payments(agency).select_related("plan", "charge", "remitted__remittance"))
    shares = shares_of([one.charge_id for one in found])
    for one in found:
        line = getattr(one, "remitted", None)
        amounts: list[Cell] = [one.charge.amount_minor, shares.get(one.charge_id, 0)]
        given = one.undone_at.date().isoformat() if one.undone_at else ""
        sent = line.remittance.public_id if line else ""
        yield [one.public_id, one.plan.public_id, one.reference, one.paid_on.isoformat(), one.charge.currency, *amounts, given, sent]


def _today(agency: Agency) -> Any:
    return local_date(clock.now(), agency.market.time_zone)


def _told(answers: list[Answered]) -> str:
    if not answers:
        return ""
    refused = sum(one.status == REFUSED for one in answers)
    return _("Lines that count: %(taken)s. Refused: %(refused)s.") % {"taken": len(answers) - refused, "refused": refused}

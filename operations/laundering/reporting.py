"""The desk's report of a suspicion: the officer's form, the files, and a printable document."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.moments import amount_words, day_words, moment_words
from fraud.laundering.goaml import Header
from fraud.models import LaunderingAlert, LaunderingReport
from operations.laundering.page import KINDS
from operations.wording import status_of
from plans.documents.lines import head, pair, row, text, title
from plans.documents.pdf import render
from plans.documents.reading import Paper

CODE = r"[A-Za-z0-9_.\-]{1,20}"


class ReportForm(forms.Form):
    """What the authority requires beyond the known facts: who reports, from where, the kind of report, what was done, and its codes."""

    entity_id = forms.IntegerField(min_value=1, max_value=2**31 - 1, label=gettext_lazy("Your number at the authority (rentity_id)"))
    branch = forms.CharField(max_length=255, label=gettext_lazy("Branch"))
    report_code = forms.RegexField(CODE, label=gettext_lazy("Kind of report, such as STR or SAR"))
    first_name = forms.CharField(max_length=100, label=gettext_lazy("Your first name"))
    last_name = forms.CharField(max_length=100, label=gettext_lazy("Your last name"))
    address = forms.CharField(max_length=100, label=gettext_lazy("Street and number of your office"))
    postal_code = forms.CharField(max_length=10, required=False, label=gettext_lazy("Postal code"))
    city = forms.CharField(max_length=255, label=gettext_lazy("City"))
    country = forms.RegexField(r"[A-Z]{2}", label=gettext_lazy("Country, as two capital letters"))
    indicators = forms.CharField(max_length=400, label=gettext_lazy("The authority's codes of indicators, with blanks between them"))
    action = forms.CharField(
        max_length=4_000, required=False, label=gettext_lazy("What you did about it"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_indicators(self) -> tuple[str, ...]:
        """Split the codes."""
        codes = tuple(self.cleaned_data["indicators"].replace(",", " ").split())
        one = forms.RegexField(CODE)
        return tuple(one.clean(code) for code in codes)

    def header(self) -> Header:
        """Return the typed values as the header of the report."""
        return Header(**self.cleaned_data)


class FiledForm(forms.Form):
    """Records that a report was filed."""

    filed_number = forms.CharField(max_length=80, label=gettext_lazy("The authority's number"))
    filed_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label=gettext_lazy("Handed in on"))


def first_values(alert: LaunderingAlert, user: Any) -> dict[str, Any]:
    """Return the first values of the form: those of the newest report about any alert, else what is known of the officer."""
    first, _gap, last = str(user).rpartition(" ")
    found = {"first_name": first or last, "last_name": last, "country": alert.consumer.market_id, "report_code": "STR"}
    newest = LaunderingReport.objects.order_by("-id").first()
    if newest is None:
        return found
    kept = {name: value for name, value in newest.header.items() if name not in {"first_name", "last_name", "action", "indicators"}}
    same = newest.alert_id == alert.pk
    return found | kept | ({"indicators": " ".join(newest.header["indicators"]), "action": newest.header["action"]} if same else {})


def list_reports(alert: LaunderingAlert) -> list[dict[str, Any]]:
    """Return the versions of an alert's report, the newest first."""
    found = alert.reports.select_related("made_by", "filed_by").defer("xml", "header").order_by("-number")
    return [
        {
            "id": one.pk,
            "public_id": one.public_id,
            "number": one.number,
            "by": str(one.made_by),
            "at": one.made_at,
            "filed_number": one.filed_number,
            "filed_on": one.filed_on,
            "filed_by": str(one.filed_by) if one.filed_by else "",
        }
        for one in found
    ]


def pdf_of(report: LaunderingReport) -> bytes:
    """Return a report as a PDF in the reader's language, with the content of the goAML file."""
    alert, header = report.alert, report.header
    told, person, lender = alert.report, alert.report["person"], alert.report["lender"]
    filed = [pair(_("The authority's number"), f"{report.filed_number}, {day_words(report.filed_on)}")] if report.filed_on else []
    home = person["address"] or {}
    place = ", ".join(str(home[name]) for name in ("line1", "line2", "postal_code", "city", "region") if home.get(name))
    lines = [
        title(_("Report of suspicion of money laundering")),
        pair(_("Report"), f"{report.public_id}, {report.number}"),
        pair(_("Written"), moment_words(report.made_at)),
        *filed,
        head(_("Who reports")),
        pair(_("Lender"), ", ".join(filter(None, (lender["legal_name"] or lender["name"], lender["number"])))),
        pair(_("Number at the authority"), f"{header['entity_id']}, {header['branch']}"),
        pair(_("Officer"), f"{header['first_name']} {header['last_name']}"),
        pair(_("Office"), ", ".join(filter(None, (header["address"], header["postal_code"], header["city"], header["country"])))),
        pair(_("Kind and indicators"), ", ".join([header["report_code"], *header["indicators"]])),
        head(_("About whom")),
        pair(_("Name"), person["name"] or "-"),
        pair(_("Born"), day_words(date.fromisoformat(person["birth_date"])) if person["birth_date"] else "-"),
        pair(_("Address"), ", ".join(filter(None, (place, person["market"])))),
        pair(_("E-mail and phone"), ", ".join(filter(None, (person["email"], person["phone"]))) or "-"),
        pair(_("Customer"), f"{person['id']}, {moment_words(datetime.fromisoformat(person['since']))}"),
        head(_("What is suspected, and why")),
        text(alert.decision),
        *([head(_("What was done")), text(header["action"])] if header["action"] else []),
        head(_("Bought, paid and refunded in 90 days")),
        row([_("When"), _("What"), _("Where"), _("Amount")]),
        *(_movement(one) for one in told["movements"]),
    ]
    language = get_language() or "en"
    paper = Paper("report", str(report.number), language, "\n".join(lines), lender, report.made_at.isoformat())
    return render(paper, reference=report.public_id, market=person["market"])


def _movement(one: dict[str, Any]) -> str:
    where = one.get("shop") or one.get("method") or ""
    elsewhere = f" ({_('not to what had paid')})" if one.get("elsewhere") else ""
    amount = amount_words(one["amount_minor"], one["currency"])
    at = moment_words(datetime.fromisoformat(one["at"]))
    return row([at, f"{KINDS[one['kind']]}, {status_of(one['status'])['word']}", f"{where}{elsewhere}", amount])

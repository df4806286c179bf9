"""The pages of sales of debts: the lists, a sale with its tape, and the forms of what two operators decide."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import keep_look
from collection import services as collection
from collection.services.selling import MAY_SELL
from core import clock
from core.admin import ReadOnlyAdmin, display, find_row, looking, moment_column
from core.csv_files import csv_answer
from core.errors import Invalid
from core.ids import parse_id
from core.moments import amount_words
from core.once import new_key
from core.sentences import Sentence
from markets.queries import get_market
from operations.choosing import all_markets, chosen, chosen_number
from operations.frame import act_in_form, operator, show
from operations.sales.forms import ListForm, MoneyForm, ReasonForm, ReturnForm
from operations.sales.page import FIELDS, PERSON, facts_of, people_of, tape_of
from operations.sales.tax import FIELDS as FIELDS_OF_TAX
from operations.sales.tax import lines_of
from plans.models import DebtSale, Plan, SoldPlan
from reports.tax import form_of, list_canceled


class SalePages(ReadOnlyAdmin):
    """Sales of debts: lists that were made, and what was sold."""

    nothing = (gettext_lazy("No debts are for sale"), gettext_lazy("Make a list from what was given up; two people then sell it."))
    list_display = (
        "buyer",
        "market",
        moment_column("made_at", gettext_lazy("Listed")),
        moment_column("sold_at", gettext_lazy("Sold")),
        "price",
    )
    search_fields = ("id",)
    search_help_text = gettext_lazy("A sale's id")
    ordering = ("-id",)
    change_list_template = "admin/sales/list.html"

    @display(description=gettext_lazy("Price"))
    def price(self, row: DebtSale) -> str:
        """Show the price as a share of what is open."""
        return f"{row.price_bps / 100:g} %"

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of a new list, of a sale's tape, and of what is proposed."""
        wrap = self.admin_site.admin_view
        return [
            path("tax/", wrap(self.tax), name="plans_debtsale_tax"),
            path("new/", wrap(self.new), name="plans_debtsale_new"),
            path("<uuid:pk>/tape/", wrap(self.tape), name="plans_debtsale_tape"),
            path("<uuid:pk>/propose/", wrap(self.propose), name="plans_debtsale_propose"),
            path("<uuid:pk>/return/", wrap(self.take_back), name="plans_debtsale_return"),
            path("<uuid:pk>/money/", wrap(self.money), name="plans_debtsale_money"),
            *super().get_urls(),
        ]

    def new(self, request: HttpRequest) -> HttpResponse:
        """Make a list from what was given up in a market."""
        if not operator(request).may(MAY_SELL):
            raise PermissionDenied
        markets = all_markets()
        market = chosen(request, "market", markets, markets[0][0])
        form = ListForm(request.POST or None, currency=get_market(market).currency, today=clock.now().date())
        if request.method == "POST" and form.is_valid():
            made: list[DebtSale] = []
            told = form.cleaned_data | {"causes": tuple(form.cleaned_data["causes"]), "market": market}
            if act_in_form(request, form, lambda **more: made.append(collection.list_debts(**more)), **told) and made:
                return HttpResponseRedirect(reverse("admin:plans_debtsale_change", args=[made[0].pk]))
            if form.is_valid():
                return HttpResponseRedirect(reverse("admin:plans_debtsale_changelist"))
        return show(request, "sales/new.html", _("New list of debts to sell"), form=form, markets=markets, market=market, once=new_key())

    @looking
    def tax(self, request: HttpRequest) -> HttpResponse:
        """Show the debts that were canceled in a year, or return them as the file for the tax authority; it names people, and is logged."""
        if not (self.has_view_permission(request) and operator(request).may("accounts.view_person")):
            raise PermissionDenied
        markets, this_year = all_markets(), clock.now().year
        market = chosen(request, "market", markets, "US" if "US" in dict(markets) else markets[0][0])
        year = chosen_number(request, "year", range(this_year - 7, this_year + 1), this_year - 1)
        form, found = form_of(market, year), list_canceled(market, year)
        if form and request.GET.get("as") == "csv":
            keep_look(request, "charge_off", sorted({one.plan.consumer_id for one in found}))
            return csv_answer(f"{form}-{market}-{year}", FIELDS_OF_TAX, lines_of(form, year, found))
        lines = [(one.plan.public_id, one.on, amount_words(one.amount_minor, one.plan.currency), one.code) for one in found]
        years = list(range(this_year, this_year - 8, -1))
        chosen_now = {"market": market, "year": year, "markets": markets, "years": years}
        return show(request, "sales/tax.html", _("Canceled debts for tax authorities"), form=form, lines=lines, **chosen_now)

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a sale."""
        return self._page(request, self._load(request, object_id))

    def tape(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Return the tape as CSV; once the debts are sold it names the people, to who may see them, and the look is logged."""
        sale = self._load(request, pk)
        listed = list(sale.plans.select_related("plan__consumer", "plan__product").order_by("plan_id"))
        if sale.sold_at:
            if not operator(request).may("accounts.view_person"):
                raise PermissionDenied
            listed = [one for one in listed if one.returned_at is None]
            keep_look(request, "charge_off", people_of(listed))
        return csv_answer(f"tape-{sale.public_id}", [*FIELDS, *(PERSON if sale.sold_at else ())], tape_of(sale, listed))

    def propose(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Propose to sell the list."""
        sale, form = self._load(request, pk), ReasonForm(request.POST or None)
        return self._try(request, sale, form, collection.propose_sale, lambda told: {"sale_id": sale.pk, **told}, "form")

    def take_back(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Propose that a sold debt comes back."""
        sale = self._load(request, pk)
        form = ReturnForm(request.POST or None, currency=sale.currency)

        def told(given: dict[str, Any]) -> dict[str, Any]:
            key = parse_id(Plan.PREFIX, given.pop("plan").strip())
            one = sale.plans.filter(plan_id=key).first()
            if one is None:
                raise Invalid("This plan is not in the sale.", fields={"plan": Sentence("this plan is not in the sale")})
            price = given["price_minor"] if given["cause"] == SoldPlan.BOUGHT_BACK else one.warranty_minor
            return given | {"plan_id": key, "price_minor": price}

        return self._try(request, sale, form, collection.propose_return, told, "return_form")

    def money(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Propose to record money between the buyer and us."""
        sale = self._load(request, pk)
        form = MoneyForm(request.POST or None, currency=sale.currency)

        def told(given: dict[str, Any]) -> dict[str, Any]:
            sign = -1 if given.pop("way") == "out" else 1
            return given | {"sale_id": sale.pk, "amount_minor": sign * given["amount_minor"]}

        return self._try(request, sale, form, collection.propose_buyer_payment, told, "money_form")

    def _try(
        self,
        request: HttpRequest,
        sale: DebtSale,
        form: Form,
        act: Callable[..., object],
        told: Callable[[dict[str, Any]], dict[str, Any]],
        name: str,
    ) -> HttpResponse:
        """Propose something about a sale; what is refused is shown in its form."""
        if not operator(request).may(MAY_SELL):
            raise PermissionDenied

        def proposing(**more: Any) -> None:
            act(**told(dict(form.cleaned_data)), **more)

        if request.method == "POST" and form.is_valid() and act_in_form(request, form, proposing):
            return HttpResponseRedirect(reverse("admin:plans_debtsale_change", args=[sale.pk]))
        return self._page(request, sale, **{name: form})

    def _load(self, request: HttpRequest, pk: object) -> DebtSale:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(DebtSale.objects.all(), pk)

    def _page(self, request: HttpRequest, sale: DebtSale, **forms: Form) -> HttpResponse:
        given: dict[str, Any] = {
            "form": ReasonForm(),
            "return_form": ReturnForm(currency=sale.currency),
            "money_form": MoneyForm(currency=sale.currency),
            "may_sell": operator(request).may(MAY_SELL),
            "once": new_key(),
        }
        return show(request, "sales/sale.html", sale.buyer, model_admin=self, **facts_of(sale), **given | forms)

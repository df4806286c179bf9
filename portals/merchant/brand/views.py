"""Checkout look: name, color and words of a shop, with a preview that says when the color had to be adjusted."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from brands.queries import get_brand
from brands.theme import DEFAULT
from core.errors import DomainError
from merchants.services import update_brand
from portals.again import ask_again, find_kept, form_again
from portals.forms import add_errors
from portals.merchant.brand.forms import COLOR, LookForm, read_color, theme_of
from portals.merchant.frame import Desk, merchant_page, show

SAMPLE_MINOR = 22_900


@merchant_page("GET", "POST", needs="brand.write")
def look(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show and change the look; "Preview" shows the typed values and changes nothing."""
    if request.method != "POST":
        kept = find_kept(request)
        return _show(request, desk, form_again(kept, LookForm) if kept else LookForm.of(desk.merchant))
    form = LookForm(request.POST)
    if form.is_valid() and request.POST.get("step") != "preview":
        try:
            update_brand(merchant=desk.merchant, changes=form.cleaned_data, actor=desk.actor, at=desk.at)
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your checkout has its new look."))
            return redirect("merchant_look")
    return ask_again(request, form=form)


@merchant_page("GET", needs="brand.write")
def preview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show only the preview of the typed values; the page requests it while somebody types."""
    return render(request, "portals/merchant/brand/_look_preview.html", {"preview": _preview(desk, request.GET), "locale": desk.locale})


def _show(request: HttpRequest, desk: Desk, form: LookForm) -> HttpResponse:
    typed = {name: form[name].value() for name in form.fields}
    return show(request, desk, "brand/look", "look", {"form": form, "preview": _preview(desk, typed)})


def _preview(desk: Desk, typed: Any) -> dict[str, Any]:
    """Return what the preview draws: the color as shown, light and dark, and whether it is the color that was typed."""
    color = read_color(str(typed.get("brand_color") or ""))
    fallback = get_brand(desk.merchant.brand_id).color or DEFAULT
    theme = theme_of(color, fallback)
    return {
        "name": str(typed.get("name") or "")[:80] or desk.merchant.name,
        "text": str(typed.get("checkout_text") or "")[:140],
        "given": theme.given,
        "hex": theme.given.removeprefix("#"),
        "shown": theme.light.brand,
        "unread": bool(color) and not COLOR.fullmatch(color),
        "adjusted": theme.adjusted,
        "modes": ("light", "dark"),
        "minor": SAMPLE_MINOR,
        "part": SAMPLE_MINOR // 4,
        "currency": desk.merchant.currency,
    }

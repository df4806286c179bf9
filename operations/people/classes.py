"""The pages of customer classes: the classes on each axis, new classes, and changes of titles."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.classes import get_class, title_in
from accounts.models import CustomerClass
from accounts.services.classes import LONGEST_TITLE, MAY_ADD
from controls.queries import may_see_rules
from core.admin import ReadOnlyAdmin, carry_out
from core.errors import NotFound
from core.once import new_key
from operations.frame import act_in_form, operator, show

MAY_SEE = "accounts.view_customerclass"


class TitlesForm(forms.Form):
    """The titles of a class, one per language. English is required, and replaces missing ones."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code, name in settings.LANGUAGES:
            label = _("Title in %(language)s") % {"language": name}
            self.fields[f"title_{code}"] = forms.CharField(max_length=LONGEST_TITLE, required=code == "en", label=label)

    @property
    def titles(self) -> dict[str, str]:
        """The titles by language."""
        return {code: self.cleaned_data[f"title_{code}"] for code, _name in settings.LANGUAGES}


class ClassForm(TitlesForm):
    """A new class: its axis, code and titles."""

    axis = forms.ChoiceField(choices=list(CustomerClass.AXES.items()), label=gettext_lazy("Kind of class"))
    code = forms.CharField(
        max_length=30,
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Small letters, digits and _. Rules name the class by it, so it never changes."),
    )


class ClassPages(ReadOnlyAdmin):
    """Customer classes: rules give them, operators pin them, other rules ask about them."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of a class."""
        wrap = self.admin_site.admin_view
        return [path("of/<str:axis>/<str:code>/", wrap(self.rename), name="accounts_customerclass_of"), *super().get_urls()]

    def _may(self, request: HttpRequest, permission: str) -> None:
        if not operator(request).may(permission):
            raise PermissionDenied

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the classes; add one."""
        self._may(request, MAY_SEE)
        user = operator(request)
        may_add = user.may(MAY_ADD)
        form = ClassForm(request.POST or None)
        if request.method == "POST":
            self._may(request, MAY_ADD)
            if form.is_valid():
                given = form.cleaned_data
                told = {"axis": given["axis"], "code": given["code"], "titles": form.titles}
                if act_in_form(request, form, services.add_class, **told):
                    return carry_out(request, lambda: None, done=_("Added. Rules may give it now."), back=request.path)
        return show(
            request,
            "people/classes.html",
            _("Customer classes"),
            may_see_rules=may_see_rules(user),
            axes=_axes(),
            form=form,
            may_add=may_add,
            once=new_key(),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the list."""
        self._may(request, MAY_SEE)
        return HttpResponseRedirect(reverse("admin:accounts_customerclass_changelist"))

    def rename(self, request: HttpRequest, axis: str, code: str) -> HttpResponse:
        """Change the titles of a class."""
        self._may(request, MAY_ADD)
        try:
            found = get_class(axis, code)
        except NotFound:
            raise Http404 from None
        back = reverse("admin:accounts_customerclass_changelist")
        form = TitlesForm(request.POST or None, initial={f"title_{language}": text for language, text in found.titles.items()})
        if request.method == "POST" and form.is_valid():
            told = {"axis": axis, "code": code, "titles": form.titles}
            if act_in_form(request, form, services.rename_class, **told):
                return carry_out(request, lambda: None, done=_("Renamed. Whoever has the class keeps it."), back=back)
        return show(request, "people/class.html", title_in(found.titles), one=found, form=form, once=new_key())


def _axes() -> list[dict[str, Any]]:
    """Return the classes by axis; one query."""
    classes = list(CustomerClass.objects.order_by("id"))
    return [{"title": title, "classes": [_line(one) for one in classes if one.axis == axis]} for axis, title in CustomerClass.AXES.items()]


def _line(one: CustomerClass) -> dict[str, Any]:
    link = reverse("admin:accounts_customerclass_of", args=[one.axis, one.code])
    return {"code": one.code, "title": title_in(one.titles), "link": link}

"""Pages of settings: the list, and one setting with its history and its change. Changes are made by services of `controls`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from controls import services
from controls.models import SettingChange
from controls.queries import may_see_settings
from controls.services.adjusting import MAY_CHANGE, MAY_PROPOSE
from core.adjusting import Setting, get_setting
from core.admin import ReadOnlyAdmin, carry_out
from core.errors import NotFound
from core.once import new_key
from operations.adjusting import pages
from operations.adjusting.forms import ChangeForm
from operations.frame import act_in_form, operator, show

LONGEST_TERM, LONGEST_KEY = 80, 18


def setting_named(name: str) -> Setting:
    """Return the setting named in a URL; Http404."""
    try:
        return get_setting(name)
    except NotFound:
        raise Http404 from None


class SettingPages(ReadOnlyAdmin):
    """Settings: the meaning and value of each, who changed it and why."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of settings."""
        wrap = self.admin_site.admin_view
        return [
            path("of/<str:name>/", wrap(self.setting_page), name="controls_setting"),
            path("installation/", wrap(self.installation), name="controls_installation"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show settings to operators who may view, change, propose or decide them."""
        return may_see_settings(operator(request))

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List all settings, by module; `q` searches."""
        self._may(request)
        term = request.GET.get("q", "").strip()[:LONGEST_TERM]
        return show(request, "settings/list.html", _("Settings"), **pages.all_settings(term))

    def installation(self, request: HttpRequest) -> HttpResponse:
        """Show the environment variables that the installation was started with, without secrets."""
        self._may(request)
        return show(request, "settings/installation.html", _("The installation"), **pages.installation())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect from a change to the page of its setting."""
        self._may(request)
        is_key = object_id.isascii() and object_id.isdecimal() and len(object_id) <= LONGEST_KEY
        found = SettingChange.objects.filter(pk=int(object_id)).first() if is_key else None
        if found is None:
            raise Http404
        return HttpResponseRedirect(_page_of(found.name))

    def setting_page(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show a setting with its history; change it, or propose a change, with a reason."""
        self._may(request)
        setting, user = setting_named(name), operator(request)
        may_change = user.may(MAY_PROPOSE if setting.dangerous else MAY_CHANGE)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            form = ChangeForm(setting, request.POST)
            if form.is_valid() and _keep(request, setting, form):
                said = _("Proposed. Another person decides now.") if setting.dangerous else _("It holds everywhere within a few seconds.")
                return carry_out(request, lambda: None, done=said, back=_page_of(name))
            told = pages.one_setting(setting)
        else:
            told = pages.one_setting(setting)
            form = ChangeForm(setting, initial={"value": told["held"], "seen": told["seen"]})
        return show(request, "settings/one.html", str(setting.title), form=form, may_change=may_change, once=new_key(), **told)


def _keep(request: HttpRequest, setting: Setting, form: ChangeForm) -> bool:
    """Carry out the change once; if it is refused, return False, with the errors in the form."""
    act = services.propose_setting if setting.dangerous else services.change_setting
    given = form.cleaned_data
    value = None if form.is_back else given["value"]
    return act_in_form(request, form, act, name=setting.name, value=value, reason=given["reason"], seen=given["seen"])


def _page_of(name: str) -> str:
    return reverse("admin:controls_setting", args=[name])

"""The keys by which an agency's programs call us: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from collection import services as collection
from collection.models import AgencyKey
from core import clock
from core.admin import find_row
from core.errors import DomainError
from core.once import act_once
from operations.agencies.loading import LoadingPages
from operations.frame import carry_out_once, operator, show


class KeyPages(LoadingPages):
    """What is done with an agency's keys; `AgencyPages` adds the others, and lists the keys."""

    def key_urls(self) -> list[URLPattern]:
        """Return the URLs of an agency's keys."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/keys/new/", wrap(self.make_key), name="collection_agency_key_make"),
            path("<uuid:pk>/keys/<uuid:key>/revoke/", wrap(self.revoke_key), name="collection_agency_key_revoke"),
        ]

    def make_key(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Make a key and show it; the answer, which no browser keeps, is the only place where it stands in full."""
        agency, user, at, made = self.managed(request, pk), operator(request), clock.now(), list[str]()
        back = HttpResponseRedirect(reverse("admin:collection_agency_change", args=[agency.pk]))
        if request.method != "POST":
            return back

        def work() -> str:
            key, full = collection.make_agency_key(agency_id=agency.pk, user=user, at=at)
            # Returned beside, so that it is not stored with the form's answer.
            made.append(full)
            return key.public_id

        try:
            act_once(request, scope=str(user.pk), door="desk", at=at, work=work)
        except DomainError as error:
            messages.error(request, error.detail)
            return back
        if not made:
            told = _("This key was made a moment ago and was shown once. If you did not keep it, revoke it and make another.")
            messages.error(request, told)
            return back
        return show(request, "agencies/key.html", _("Your new key"), model_admin=self, agency=agency, full=made[0])

    def revoke_key(self, request: HttpRequest, pk: object, key: object) -> HttpResponse:
        """Revoke a key."""
        agency = self.managed(request, pk)
        one, user, at = find_row(AgencyKey.objects.filter(agency=agency), key), operator(request), clock.now()
        back = reverse("admin:collection_agency_change", args=[agency.pk])
        if request.method != "POST":
            return HttpResponseRedirect(back)
        act, done = collection.revoke_agency_key, _("The key is revoked.")
        return carry_out_once(request, lambda: act(agency_id=agency.pk, key_id=one.pk, user=user, at=at), done=done, back=back)

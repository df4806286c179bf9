"""Pictures that prove who somebody is: the list of what waits, and the page on which a reviewer decides. Each view is logged."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import keep_look
from accounts.models import IdentityProof, User
from accounts.proofs.checking.services import REASONS
from accounts.proofs.models import DOCUMENTS, LEVELS, PARTS
from accounts.proofs.pictures import marked
from accounts.proofs.queries import is_late, list_proofs, parts_of, picture_of
from accounts.proofs.services import LONGEST_NOTE, MAY_REVIEW, decide_proof
from accounts.states import ProofStatus
from core import clock
from core.admin import ReadOnlyAdmin, display, find_row, looking, moment_column, status_column, word_column
from core.clock import wall
from core.errors import NotFound
from core.longlists import one_of
from core.moments import day_words
from core.once import new_key
from core.readable import readable
from core.unreadable import Unreadable
from operations.frame import act_in_form, operator, show
from operations.wording import status_of


class DecisionForm(forms.Form):
    """What a reviewer found."""

    ends_on = forms.DateField(
        required=False,
        label=gettext_lazy("Last day of the document"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("To accept it."),
    )
    reason = forms.CharField(
        max_length=LONGEST_NOTE, label=gettext_lazy("What you compared, and what you found"), widget=forms.Textarea(attrs={"rows": 4})
    )


@display(description=gettext_lazy("Person"))
def _column_of_person(proof: IdentityProof) -> str:
    """Return the account's id: the list shows no name, so that only an opened page is a look at somebody."""
    return proof.consumer.public_id


class ProofPages(ReadOnlyAdmin):
    """Identity checks by pictures."""

    nothing = (gettext_lazy("No pictures"), gettext_lazy("Nobody has sent pictures of a document so far."))
    list_display = (
        moment_column("sent_at", gettext_lazy("Sent")),
        _column_of_person,
        word_column("level", gettext_lazy("Level"), lambda level: str(dict(LEVELS)[level])),
        word_column("document", gettext_lazy("Document"), lambda document: str(dict(DOCUMENTS)[document])),
        moment_column("review_by", gettext_lazy("Decide by"), lambda proof: proof.status == ProofStatus.REVIEW),
        status_column(),
    )
    list_select_related = ("consumer",)
    list_filter = (one_of("status", [one.value for one in ProofStatus]),)
    search_fields = ("id",)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show them only to reviewers."""
        return isinstance(request.user, User) and request.user.may(MAY_REVIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the menu item only to them."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the decision and of a picture."""
        wrap = self.admin_site.admin_view
        mine = [
            path("<uuid:pk>/decide/", wrap(self.decide), name="accounts_identityproof_decide"),
            path("<uuid:pk>/<str:part>.jpg", wrap(self.picture), name="accounts_identityproof_picture"),
        ]
        return [*mine, *super().get_urls()]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the pictures beside what the person told, and log the view."""
        proof = self._load(request, object_id)
        return self._page(request, proof, DecisionForm(initial={"ends_on": proof.ends_on}))

    def decide(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Accept or refuse the pictures, with the reason."""
        proof, form = self._load(request, pk), DecisionForm(request.POST or None)
        page = reverse("admin:accounts_identityproof_change", args=[proof.pk])
        if request.method != "POST":
            return HttpResponseRedirect(page)
        accepts = request.POST.get("outcome") == "accept"
        if form.is_valid() and act_in_form(request, form, decide_proof, proof_id=proof.pk, accepts=accepts, **form.cleaned_data):
            messages.success(request, _("Kept. The person is told."))
            return HttpResponseRedirect(page)
        return self._page(request, proof, form)

    def picture(self, request: HttpRequest, pk: uuid.UUID, part: str) -> HttpResponse:
        """Return a picture with the reviewer and the moment written over it, and log the view."""
        proof = self._load(request, pk)
        keep_look(request, "identity", [proof.consumer_id])
        try:
            body = picture_of(proof, part)
        except NotFound:
            return HttpResponse(status=404)
        words = f"{operator(request).email}  {wall():%Y-%m-%d %H:%M}  {proof.public_id}"
        response = HttpResponse(marked(body, words), content_type="image/jpeg")
        response["Cache-Control"], response["X-Content-Type-Options"] = "no-store, private", "nosniff"
        return response

    def _load(self, request: HttpRequest, pk: object) -> IdentityProof:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(IdentityProof.objects.select_related("consumer__market", "decided_by"), pk)

    def _page(self, request: HttpRequest, proof: IdentityProof, form: DecisionForm) -> HttpResponse:
        keep_look(request, "identity", [proof.consumer_id])
        return show(request, "people/proof.html", _("Identity check by pictures"), form=form, once=new_key(), **facts_of(proof))


def facts_of(proof: IdentityProof) -> dict[str, Any]:
    """Return the content of a proof's page: its pictures, the person's details, the decision, and the person's other proofs."""
    names, at = dict(PARTS), clock.now()
    return {
        "proof": {
            "id": proof.pk,
            "level": str(dict(LEVELS)[proof.level]),
            "document": str(dict(DOCUMENTS)[proof.document]),
            "at": proof.sent_at,
            "by": proof.review_by,
            "late": is_late(proof, at),
            "reasons": [str(REASONS[one]) for one in proof.reasons],
            "company": proof.provider,
            "told": "" if isinstance(proof.evidence, Unreadable) else readable(proof.evidence) if proof.evidence else "",
            "status": status_of(proof.status),
            "looking": proof.status == ProofStatus.CHECKING,
            "waits": proof.status == ProofStatus.REVIEW,
            "ends_on": day_words(proof.ends_on) if proof.ends_on else "",
            "who": str(proof.decided_by or ""),
            "decided_at": proof.decided_at,
            "note": "" if isinstance(proof.note, Unreadable) else proof.note,
        },
        "pictures": [
            {"name": str(names[part]), "path": reverse("admin:accounts_identityproof_picture", args=[proof.pk, part])}
            for part in parts_of(proof)
        ],
        "person": _person(proof),
        "others": [
            {"id": one.pk, "at": one.sent_at, "status": status_of(one.status)} for one in list_proofs(proof.consumer) if one.pk != proof.pk
        ],
    }


def _person(proof: IdentityProof) -> list[tuple[str, str]]:
    person = proof.consumer
    home = person.address if isinstance(person.address, dict) else {}
    born = "" if isinstance(person.birth_date, Unreadable) or not person.birth_date else day_words(date.fromisoformat(person.birth_date))
    lines = (
        (_("Name"), "" if isinstance(person.name, Unreadable) else person.name),
        (_("Born"), born),
        (_("Address"), ", ".join(filter(None, (home.get(part) for part in ("line1", "postal_code", "city", "region"))))),
        (_("Market"), person.market_id),
        (_("Account"), person.public_id),
    )
    return [(label, value or "–") for label, value in lines]

"""The back office's pages of proposals: the change, its proposer, and the second person's decision."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls import services
from controls.files import MOST_BYTES, TYPES, NamedFile, type_of
from controls.kinds import Person, get_kind
from controls.models import Proposal
from controls.queries import absences_on, changes_since, differences, list_files, may_see_proposals, proposals_of, troubles_of
from controls.states import PROPOSAL, ProposalStatus
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, display, find_row, looking, moment_column
from core.errors import DomainError, NotFound
from core.ids import parse_id
from core.longlists import one_of

TONES = {
    ProposalStatus.PROPOSED: "warning",
    ProposalStatus.APPROVED: "info",
    ProposalStatus.APPLIED: "success",
    ProposalStatus.REJECTED: "danger",
    ProposalStatus.WITHDRAWN: "default",
    ProposalStatus.EXPIRED: "default",
}
MARKS = {
    ProposalStatus.PROPOSED: "desk-waiting",
    ProposalStatus.APPROVED: "desk-prepared",
    ProposalStatus.APPLIED: "desk-approved",
    ProposalStatus.REJECTED: "desk-rejected",
    ProposalStatus.WITHDRAWN: "",
    ProposalStatus.EXPIRED: "",
}
STATUSES = {
    ProposalStatus.PROPOSED: gettext_lazy("Waits for another person"),
    ProposalStatus.APPROVED: gettext_lazy("Approved, holds from its day"),
    ProposalStatus.APPLIED: gettext_lazy("Holds"),
    ProposalStatus.REJECTED: gettext_lazy("Rejected"),
    ProposalStatus.WITHDRAWN: gettext_lazy("Withdrawn"),
    ProposalStatus.EXPIRED: gettext_lazy("Not decided in time"),
}


class DecideForm(forms.Form):
    """The second person's decision, and the reason."""

    decision = forms.ChoiceField(choices=[("approve", "approve"), ("reject", "reject")], widget=forms.HiddenInput)
    note = forms.CharField(max_length=500, required=False, label=gettext_lazy("What you found"), widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        """Require a reason for a rejection."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") == "reject" and not given.get("note", "").strip():
            self.add_error("note", _("Say why you reject it."))
        return given


class _FilesInput(forms.ClearableFileInput):
    """A field for several files."""

    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files, each with its name and its content."""

    widget = _FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[NamedFile]:
        """Return the files; none where none were chosen."""
        given = [super(_FilesField, self).clean(one, initial) for one in data or []]
        if any(one.size > MOST_BYTES for one in given):
            raise ValidationError(_("A file has at most %(most)d MB.") % {"most": MOST_BYTES // 1024 // 1024})
        return [NamedFile(one.name, one.read()) for one in given]


class ChangeForm(forms.Form):
    """A changed proposal: the values that can be typed here, the first day, the reason and the evidence."""

    def __init__(self, *args: Any, proposal: Proposal, **options: Any) -> None:
        super().__init__(*args, **options)
        self.proposal = proposal
        self.values = get_kind(proposal.kind).form_fields(proposal.subject, proposal.after)
        self.fields |= self.values
        if proposal.starts_on:
            day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields["starts_on"] = forms.DateField(label=_("From which day"), initial=proposal.starts_on, widget=day)
        for name, label, most, required in (
            ("reason", _("Why"), 500, True),
            ("evidence", _("What shows it: text, and addresses of documents"), services.LONGEST_EVIDENCE, False),
        ):
            area = forms.Textarea(attrs={"rows": 3})
            initial = getattr(proposal, name)
            self.fields[name] = forms.CharField(max_length=most, required=required, label=label, initial=initial, widget=area)
        if proposal.files:
            named = [(one["sha256"], one["name"]) for one in proposal.files]
            kept = forms.MultipleChoiceField(
                choices=named, required=False, label=_("Files that stay"), initial=[key for key, _name in named]
            )
            kept.widget = forms.CheckboxSelectMultiple(choices=named)
            self.fields["kept"] = kept
        accepted = _FilesInput(attrs={"accept": ",".join(f".{one}" for one in TYPES)})
        label = _("Files that show it: PDF, PNG, JPEG or plain text")
        self.fields["files"] = _FilesField(required=False, label=label, widget=accepted)

    def changed(self) -> dict[str, Any]:
        """Return the values of the changed proposal."""
        given = self.cleaned_data
        after = self.proposal.after | {name: given[name] for name in self.values}
        files = [one for one in list_files(self.proposal) if one.sha256 in given.get("kept", ())] + given["files"]
        told = {"after": after, "reason": given["reason"], "evidence": given["evidence"], "files": files}
        return told | {"starts_on": given.get("starts_on")}


def person_name(key: str) -> str:
    """Return the name of an operator by their key; other texts, such as a timer's, are returned unchanged."""
    try:
        found = get_user_model().objects.filter(pk=key).first()
    except (ValidationError, ValueError):
        found = None
    return str(found) if found else key


def proposal_link(actor: str) -> str:
    """Return the URL of the proposal named by an actor (`proposal:prp_...`); empty for other actors."""
    _head, _sep, public_id = actor.partition("proposal:")
    return reverse("admin:controls_proposal_change", args=[parse_id(Proposal.PREFIX, public_id)]) if public_id else ""


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """Proposals: one person makes them, another decides."""

    nothing = (
        gettext_lazy("Nothing was proposed yet"),
        gettext_lazy("A change of a shop comes here before it holds, so that a second person decides."),
    )
    list_display = (
        "what",
        "about",
        "state",
        moment_column("proposed_at", gettext_lazy("Proposed")),
        moment_column("ended_at", gettext_lazy("Ended")),
    )
    list_filter = (one_of("status", PROPOSAL.choices),)
    search_fields = ("id",)
    search_help_text = gettext_lazy("A proposal's id")

    @display(description=gettext_lazy("What"))
    def what(self, row: Proposal) -> str:
        """Name the kind."""
        return str(get_kind(row.kind).title)

    @display(description=gettext_lazy("About"))
    def about(self, row: Proposal) -> str:
        """Name the subject."""
        try:
            return get_kind(row.kind).subject_name(row.subject)
        except NotFound:
            return row.subject

    @display(description=gettext_lazy("Status"), label=TONES)
    def state(self, row: Proposal) -> tuple[str, str]:
        """Show the status as a label."""
        return row.status, str(STATUSES[ProposalStatus(row.status)])

    def has_view_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        """Show proposals to operators who may view, propose or decide any kind of them."""
        return may_see_proposals(_user(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the steps."""
        wrap = self.admin_site.admin_view
        steps = {"decide": self.decide, "withdraw": self.withdraw, "retry": self.retry, "replace": self.replace}
        return [
            *(path(f"<uuid:pk>/{name}/", wrap(view), name=f"controls_proposal_{name}") for name, view in steps.items()),
            path("<uuid:pk>/file/<str:sha256>/", wrap(self.file), name="controls_proposal_file"),
            *super().get_urls(),
        ]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a proposal: each value before and after, in words."""
        return self._page(request, self._load(request, object_id), DecideForm())

    def file(self, request: HttpRequest, pk: uuid.UUID, sha256: str) -> HttpResponse:
        """Show a file that shows that a proposal is right; 404 where it was deleted for its age, or is not what was proposed."""
        proposal = self._load(request, pk)
        found = next((one for one in list_files(proposal) if one.sha256 == sha256), None)
        if found is None:
            raise Http404
        services.note_reading(reading=services.Reading.EVIDENCE_OPENED, about=[proposal.public_id, sha256], at=clock.now())
        headers = {"Content-Disposition": content_disposition_header(as_attachment=False, filename=found.name) or "inline"}
        return HttpResponse(found.body, content_type=TYPES[type_of(found.body)], headers=headers)

    def decide(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, then carry out the second person's decision."""
        proposal = self._load(request, pk)
        form = DecideForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, proposal, form)
        if "confirmed" not in request.POST:
            return self._page(request, proposal, form, asking=form.cleaned_data["decision"])
        approves = form.cleaned_data["decision"] == "approve"
        act = services.approve_proposal if approves else services.reject_proposal
        told = {"proposal_id": proposal.pk, "user": _user(request), "note": form.cleaned_data["note"], "at": clock.now()}
        return self._do(request, proposal, _("Approved.") if approves else _("Rejected. Nothing changes."), lambda: act(**told))

    def withdraw(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Withdraw the proposal."""
        return self._step(request, pk, _("Withdrawn. Nothing changes."), services.withdraw_proposal)

    def retry(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Apply an approved proposal again."""
        return self._step(request, pk, _("It holds now."), services.retry_proposal)

    def replace(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Change a proposal: a new one replaces it, and needs a decision of its own."""
        proposal, user, at = self._load(request, pk), _user(request), clock.now()
        if not user.may(get_kind(proposal.kind).may_propose):
            raise PermissionDenied
        form = ChangeForm(request.POST or None, request.FILES or None, proposal=proposal)
        if proposal.is_open and request.method == "POST" and form.is_valid():
            try:
                made = services.replace_proposal(proposal_id=proposal.pk, **form.changed(), user=user, at=at)
            except DomainError as error:
                for name, fault in (error.fields or {"": error.detail}).items():
                    form.add_error(name if name in form.fields else None, fault)
            else:
                messages.success(request, _("Proposed instead. Another person decides now."))
                return HttpResponseRedirect(reverse("admin:controls_proposal_change", args=[made.pk]))
        if not proposal.is_open:
            return HttpResponseRedirect(reverse("admin:controls_proposal_change", args=[proposal.pk]))
        title = _("Change the proposal")
        shown = {"title": title, "content_title": title, "model_admin": self, "proposal": proposal, "form": form, "has_permission": True}
        return TemplateResponse(request, "admin/proposal_change.html", self.admin_site.each_context(request) | shown)

    def _step(self, request: HttpRequest, pk: uuid.UUID, done: str, act: Callable[..., Proposal]) -> HttpResponse:
        proposal = self._load(request, pk)
        if request.method != "POST":
            return self._page(request, proposal, DecideForm())
        return self._do(request, proposal, done, lambda: act(proposal_id=proposal.pk, user=_user(request), at=clock.now()))

    def _load(self, request: HttpRequest, pk: object) -> Proposal:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(Proposal.objects.select_related("replaces"), pk)

    def _page(self, request: HttpRequest, proposal: Proposal, form: DecideForm, *, asking: str = "") -> TemplateResponse:
        kind, user = get_kind(proposal.kind), _user(request)
        title = f"{kind.title}: {kind.subject_name(proposal.subject)}"
        undecided, mine = proposal.status == ProposalStatus.PROPOSED, proposal.proposed_by == str(user.pk)
        shown = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "proposal": proposal,
            "kind": kind,
            "subject": kind.subject_name(proposal.subject),
            "link": kind.link(proposal.subject),
            "preview": kind.preview(proposal.pk),
            "differences": differences(proposal),
            "files": _files(proposal),
            "cautions": kind.cautions(proposal.subject, proposal.after) if proposal.is_open else [],
            "details": kind.details(proposal.subject, proposal.before, proposal.after),
            "consequences": kind.consequences(proposal.before, proposal.after),
            "changes": changes_since(proposal),
            "replaced_by": proposals_of(proposal.subject, [proposal.kind]).filter(replaces=proposal).first(),
            "status": STATUSES[ProposalStatus(proposal.status)],
            "proposed_by": person_name(proposal.proposed_by),
            "decided_by": person_name(proposal.decided_by),
            "ended_by": person_name(proposal.ended_by),
            "can_decide": undecided and not mine and user.may(kind.may_approve),
            "can_withdraw": proposal.is_open and user.may(kind.may_propose),
            "troubles": troubles_of(proposal),
            "can_retry": bool(proposal.trouble) and proposal.is_open and user.may(kind.may_approve),
            "is_rejected": proposal.status == ProposalStatus.REJECTED,
            "is_applied": proposal.status == ProposalStatus.APPLIED,
            "is_withdrawn": proposal.status == ProposalStatus.WITHDRAWN,
            "is_expired": proposal.status == ProposalStatus.EXPIRED,
            "mark": MARKS[ProposalStatus(proposal.status)],
            "mine": mine,
            "stands_in_for": _stands_in_for(user) if undecided and not mine else [],
            "undecided": undecided,
            "form": form,
            "asking": asking,
            "has_permission": True,
        }
        return TemplateResponse(request, "admin/proposal.html", self.admin_site.each_context(request) | shown)

    def _do(self, request: HttpRequest, proposal: Proposal, done: str, act: Callable[[], object]) -> HttpResponse:
        return carry_out(request, act, done=done, back=reverse("admin:controls_proposal_change", args=[proposal.pk]))


def _files(proposal: Proposal) -> list[dict[str, Any]]:
    """Return what a proposal says of each of its files, and whether it can still be opened."""
    there = set(proposal.contents.values_list("sha256", flat=True)) if proposal.files else set()
    return [one | {"there": one["sha256"] in there} for one in proposal.files]


def _stands_in_for(user: Person) -> list[str]:
    """Return the names of people who are away today and for whom the operator stands in."""
    return [person_name(one.person) for one in absences_on(clock.wall().date()).values() if one.stand_in == str(user.pk)]


def _user(request: HttpRequest) -> Person:
    user: Any = request.user
    return user  # type: ignore[no-any-return]

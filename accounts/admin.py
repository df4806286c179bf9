"""The back office's pages about people."""

import logging
import uuid
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts import services
from accounts.factors.queries import has_authenticator
from accounts.factors.services import end_sessions
from accounts.leavers import AwayFilter
from accounts.lost_factors import GIVEN_UP, LostFactor
from accounts.models import Consumer, User
from accounts.passwords import forget_tries, tried_for
from accounts.proposals import ACTIVE, OPERATOR, ROLES, Access, access_of
from accounts.queries import (
    find_consumers,
    groups_within,
    lock_rights,
    may_as_much,
    operators,
    permissions_of,
    rights_history,
)
from accounts.rules import rights
from accounts.states import IDENTITY
from accounts.wording import permission_name, permission_names
from controls.queries import find_open_proposal
from controls.services import propose, release_all_of
from core.admin import ListedAdmin, ReadOnlyAdmin, display, find_row, moment_column, status_column, text_column
from core.clock import now, wall
from core.errors import DomainError
from core.logs import told
from core.longlists import one_of
from core.moments import moment_words
from core.network import client_address
from core.sentences import Sentence, translated

log = logging.getLogger("bnpl.sign_in")


def _acting(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def keep_look(request: HttpRequest, page: str, consumers: Iterable[uuid.UUID], *, purpose: str = "") -> None:
    """Record, in real time, that the operator sees personal data of consumers on a page (`Look.PAGES`)."""
    services.note_look(user=_acting(request), consumers=consumers, page=page, purpose=purpose, address=client_address(request), at=wall())


def _is_free(request: HttpRequest, group: Group | None) -> bool:
    """Return whether a group has no members and no permission that the operator lacks."""
    return group is None or groups_within(_acting(request)).filter(pk=group.pk, user=None).exists()


class ConsumerAdmin(ReadOnlyAdmin):
    """Consumers, found by id; personal data is shown only on the pages of cases."""

    list_display = (
        text_column("public_id", _("Person")),
        "brand",
        "market",
        status_column("identity", _("Identity")),
        moment_column("created_at", _("Since")),
    )
    list_filter = ("brand", "market", one_of("identity", IDENTITY.choices))
    search_fields = ("id",)
    search_help_text = _("A person's id, or the whole e-mail address or phone number (+1 212 555 0111) that they sign in with")
    ordering = ("-id",)
    list_select_related = ("brand", "market")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Consumer], search_term: str) -> tuple[QuerySet[Consumer], bool]:
        """Find by the exact e-mail address or phone number with which a person signs in, otherwise by id."""
        found = find_consumers(channel="email" if "@" in search_term else "sms", destination=search_term)
        return (
            (queryset.filter(pk__in=[one.pk for one in found]), False)
            if found
            else super().get_search_results(request, queryset, search_term)
        )


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A user, and the reason for a change of their rights, which another person decides; only a user who leaves is locked out at once."""

    class Meta:
        labels = {"is_active": _("Active")}

    why = forms.CharField(
        max_length=500,
        required=False,
        label=_("Why"),
        help_text=_(
            "Who works here, and with which roles, is proposed, and another person decides. In an emergency, take the tick from “Active”:"
            " this locks the person out at once, without a second person, and all who decide about rights are told by mail."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    proof = forms.CharField(
        max_length=2000,
        required=False,
        label=_("What shows it: text, and addresses of documents"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    proof_files = forms.FileField(
        required=False, label=_("A file that shows it: PDF, PNG, JPEG or plain text"), widget=UnfoldAdminFileFieldWidget
    )

    language = forms.ChoiceField(
        choices=settings.LANGUAGES,
        required=False,
        label=_("Language of the invitation"),
        help_text=_("The person can choose another one after signing in."),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the language of the page for the invitation; who is here already chooses their own."""
        super().__init__(*args, **options)
        self.fields["language"].initial = get_language()
        if options.get("instance") is not None:
            del self.fields["language"]

    def clean(self) -> dict[str, Any]:
        """Require a reason if the user's rights change."""
        given: dict[str, Any] = super().clean() or {}
        before = access_of(User.objects.filter(pk=self.instance.pk).first())
        wanted = before | {name: given[name] for name in (OPERATOR, ACTIVE) if name in given}
        if ROLES in given:
            wanted[ROLES] = sorted(group.name for group in given[ROLES])
        self.before, self.leaves = before, before[ACTIVE] and not wanted[ACTIVE]
        self.wanted = before if self.leaves else wanted
        if (self.wanted != before or self.leaves) and not given.get("why", "").strip():
            why = gettext("Say why, for those who are told.") if self.leaves else gettext("Say why, for the person who decides.")
            self.add_error("why" if "why" in self.fields else None, why)
        return given


def _changed(moment: str, told: Sequence[Sentence], by: str, reason: str) -> str:
    """Show a change of somebody's rights: what they are now, why, and, on request, each single right."""
    by = gettext("two people") if by.startswith("proposal:") else by
    single = [one for one in told if one.text in rights.SINGLE]
    main = "; ".join(filter(None, [", ".join(translated(one) for one in told if one not in single), reason]))
    line = format_html(gettext("{}: {} (by {})"), moment, main, by) if main else format_html(gettext("{} (by {})"), moment, by)
    if not single:
        return format_html("<p>{}</p>", line)
    count = ngettext("%(count)s right", "%(count)s rights", len(single)) % {"count": len(single)}
    each = format_html_join("", "<li>{}</li>", ((translated(one),) for one in single))
    return format_html(
        '<p>{}</p><details class="desk-more"><summary>{}</summary><ul class="desk-plain">{}</ul></details>', line, count, each
    )


@admin.register(User)
class UserAdmin(ListedAdmin):
    """Operators and merchant staff; passwords are set by the password form, never shown."""

    form = UserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "operator", "may_all", "active", moment_column("last_login", _("Last signed in")))
    list_filter = ("is_staff", "is_active", "groups", AwayFilter)
    search_fields = ("email", "name")
    fields = (
        "email",
        "name",
        "language",
        "is_active",
        "is_staff",
        "groups",
        "why",
        "proof",
        "proof_files",
        "proposed",
        "tries",
        "sessions",
        "lost",
        "history",
        "log",
    )
    readonly_fields = ("proposed", "tries", "sessions", "lost", "history", "log")
    ordering = ("email",)
    actions = ("invite_again",)

    @display(description=_("Operator"), boolean=True, ordering="is_staff")
    def operator(self, user: User) -> bool:
        """Show whether the user works in the back office."""
        return user.is_staff

    @display(description=_("May do all"), boolean=True, ordering="is_superuser")
    def may_all(self, user: User) -> bool:
        """Show whether the user has all permissions."""
        return user.is_superuser

    @display(description=_("Active"), boolean=True, ordering="is_active")
    def active(self, user: User) -> bool:
        """Show whether the user may sign in."""
        return user.is_active

    @display(description=_("Failed sign-ins"))
    def tries(self, user: User) -> str:
        """Show how many wrong passwords count, whether anyone is locked out by them, and the button that forgets them."""
        tried = tried_for(user.email)
        if tried.last is None:
            return gettext("None lately")
        count = ngettext("%(count)s, at %(last)s.", "%(count)s, the last at %(last)s.", tried.failures)
        told = count % {"count": tried.failures, "last": moment_words(tried.last)}
        if tried.shut_until:
            told += " " + gettext("Where they were typed nobody gets in before %(until)s.") % {"until": moment_words(tried.shut_until)}
        button = '<p>{}</p><button type="submit" formnovalidate formaction="{}" class="desk-button desk-ghost desk-small">{}</button>'
        return format_html(button, told, reverse("admin:accounts_user_free", args=[user.pk]), gettext("Let them try again now"))

    @display(description=_("Signing in"))
    def sessions(self, user: User) -> str:
        """Show when the user last signed in, whether with a second factor, and the button that ends all their sessions."""
        last = gettext("Never signed in.")
        if user.last_login:
            last = gettext("Last signed in at %(last)s.") % {"last": moment_words(user.last_login)}
        factor = gettext("Has an app with codes.") if has_authenticator(user.pk) else gettext("Has no app with codes.")
        button = '{} {}<p><button type="submit" formnovalidate formaction="{}" class="desk-button desk-ghost desk-small">{}</button></p>'
        return format_html(button, last, factor, reverse("admin:accounts_user_end", args=[user.pk]), gettext("Sign them out everywhere"))

    @display(description=_("Lost second factor"))
    def lost(self, user: User) -> str:
        """Show the button that proposes to end the user's second factor, or the proposal that waits."""
        if waiting := find_open_proposal(LostFactor.name, str(user.pk)):
            page, words = reverse("admin:controls_proposal_change", args=[waiting.pk]), gettext("Another person decides about it")
            return format_html('<a href="{}" class="text-primary-600 underline">{}</a>', page, words)
        told = gettext("If the app, the recovery codes and the passkeys are lost, say above why, and how you know that it is the person.")
        button = '{}<p><button type="submit" formnovalidate formaction="{}" class="desk-button desk-ghost desk-small">{}</button></p>'
        return format_html(button, told, reverse("admin:accounts_user_lost", args=[user.pk]), gettext("Propose that they set up another"))

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Leave out fields that a new user cannot have, and the button for operators who may not change the user."""
        left_out = {"proposed", "tries", "sessions", "lost", "history", "log"} if obj is None else {"language"}
        if not self._may_free(request):
            left_out |= {"tries", "sessions"}
        if not (obj and self._may_propose(request, obj) and has_authenticator(obj.pk)):
            left_out |= {"lost"}
        if not _acting(request).has_perm("controls.view_auditrow"):
            left_out |= {"log"}
        if obj == request.user or (obj is None and not self._may_propose(request, obj)):
            left_out |= {"why", "proof", "proof_files"}
        return [name for name in self.fields if name not in left_out]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Show the user's rights read-only to operators who may not propose changes to them."""
        return self.readonly_fields if self._may_propose(request, obj) else ("is_staff", "groups", *self.readonly_fields)

    def _may_propose(self, request: HttpRequest, obj: User | None) -> bool:
        """Return whether the operator may propose changes to the user's rights; never to their own."""
        return _acting(request).may(Access().may_propose) and obj != request.user

    @display(description=_("Proposed"))
    def proposed(self, user: User) -> str:
        """Link to the proposals about the user that wait for another person."""
        waiting = find_open_proposal(Access.name, str(user.pk))
        if waiting is None:
            return gettext("Nothing")
        page = reverse("admin:controls_proposal_change", args=[waiting.pk])
        return format_html(
            '<a href="{}" class="text-primary-600 underline">{}</a>', page, gettext("Another person decides what this person may do")
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that forget wrong passwords, end sessions, and propose the end of a second factor."""
        lost = path("<uuid:pk>/lost-factor/", self.admin_site.admin_view(self.propose_lost), name="accounts_user_lost")
        end = path("<uuid:pk>/sign-out/", self.admin_site.admin_view(self.end), name="accounts_user_end")
        free = path("<uuid:pk>/free/", self.admin_site.admin_view(self.free), name="accounts_user_free")
        return [free, end, lost, *super().get_urls()]

    def _may_free(self, request: HttpRequest) -> bool:
        """Return whether the operator may forget anyone's wrong passwords; as that gives no right, the user's rights do not matter."""
        return super().has_change_permission(request)  # type: ignore[no-any-return]

    def free(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Forget a user's wrong passwords, so that they may sign in at once; recorded in the log of changes."""
        user = find_row(User.objects.all(), pk)
        if request.method != "POST" or not self._may_free(request):
            raise PermissionDenied
        if failures := forget_tries(user.email):
            self.log_change(request, user, f"Forgot {failures} failed sign-ins")
            log.info(told("tries_forgotten", user=user.pk, by=request.user.pk))
        messages.success(request, gettext("%(email)s may sign in at once.") % {"email": user.email})
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))

    def end(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """End all sessions of a user, who is told; recorded in the log of changes."""
        user = find_row(User.objects.all(), pk)
        if request.method != "POST" or not self._may_free(request):
            raise PermissionDenied
        end_sessions(user=user, at=now())
        self.log_change(request, user, "Ended all sessions")
        messages.success(request, gettext("%(name)s is signed out everywhere.") % {"name": user})
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))

    def propose_lost(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Propose that a user sets up a second factor anew; another person decides."""
        user, why = find_row(User.objects.all(), pk), request.POST.get("why", "").strip()
        if request.method != "POST" or not self._may_propose(request, user):
            raise PermissionDenied
        if why:
            told: dict[str, Any] = {"kind": LostFactor.name, "subject": str(user.pk), "after": GIVEN_UP, "starts_on": None}
            try:
                propose(**told, reason=why[:500], user=_acting(request), at=now())
            except DomainError as error:
                messages.error(request, error.detail)
            else:
                messages.info(request, gettext("Proposed. Another person decides now."))
        else:
            messages.error(request, gettext("Say why, for the person who decides."))
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))

    @display(description=_("What they may do, and since when"))
    def history(self, user: User) -> str:
        """Show each change of the user's rights, newest first, in words."""
        found = list(rights_history(user))
        names = permission_names(
            {code for change, _by in found for state in (change.before, change.after) for code in state.get("permissions", [])}
        )
        lines = [
            _changed(moment_words(change.at), rights.told(change.before, change.after, names), by, change.reason) for change, by in found
        ]
        return format_html_join("", "{}", ((line,) for line in lines)) or gettext("No change yet")

    @display(description=_("Audit log"))
    def log(self, user: User) -> str:
        """Link to the acts of the user, and on the user, in the audit log."""
        page = f"{reverse('admin:controls_auditrow_changelist')}?{urlencode({'q': user.email})}"
        return format_html(
            '<a href="{}" class="text-primary-600 underline">{}</a>', page, gettext("What they did, and what others did to them")
        )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse to change a user with more rights: with the user's e-mail address, one gets the password, and with it the rights."""
        return super().has_change_permission(request, obj) and (obj is None or may_as_much(_acting(request), obj))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only groups without rights that the operator lacks."""
        if db_field.name == "groups":
            kwargs["queryset"] = groups_within(_acting(request))
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label, field.help_text = _("Roles"), ""
            field.label_from_instance = lambda group: gettext(group.name)
        return field

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse deleting, because the history of a user's actions is kept. A user who leaves is set inactive."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save a user; a user who leaves is locked out at once, and all other rights stay as they were."""
        lock_rights()
        obj.is_staff, obj.is_active = form.before[OPERATOR], form.before[ACTIVE]
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if form.leaves:
            services.lock_out(user=obj, actor=str(request.user.pk), reason=form.cleaned_data.get("why", "").strip(), at=now())
            release_all_of(person=str(obj.pk), at=now())
            told = gettext("%(name)s is locked out. All who decide about rights are told by mail.")
            messages.warning(request, told % {"name": obj})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record the user's rights in the history, and propose the new ones; the form itself saves no role."""
        services.record_rights(user=form.instance, actor=str(request.user.pk), at=now())
        only_rights = set(form.changed_data) <= {OPERATOR, ACTIVE, ROLES, "why", "proof", "proof_files"}
        request.only_proposed = change and only_rights  # type: ignore[attr-defined]
        if form.wanted == form.before:
            return
        told: dict[str, Any] = {"kind": Access.name, "subject": str(form.instance.pk), "after": form.wanted, "starts_on": None}
        try:
            propose(**told, reason=form.cleaned_data.get("why", ""), user=_acting(request), at=now())
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.info(request, gettext("Proposed. Another person decides now."))

    def message_user(
        self, request: HttpRequest, message: Any, level: int = messages.INFO, extra_tags: str = "", fail_silently: bool = False
    ) -> None:
        """Do not say that a user was changed where a change was only proposed, or refused, or the user was locked out."""
        if level != messages.SUCCESS or not getattr(request, "only_proposed", False):
            super().message_user(request, message, level, extra_tags, fail_silently)

    @admin.action(description=_("Send a link to choose a password"), permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Send a link by mail to operators who have not chosen a password yet, or forgot it."""
        chosen = queryset & operators()
        for user in chosen:
            services.invite_operator(user=user, language=get_language() or "", at=now())
        messages.info(request, gettext("Sent to %(count)s. Who is no operator, or left, gets none.") % {"count": len(chosen)})


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ListedAdmin):  # type: ignore[misc]
    """Roles of operators. Nobody makes a role with more rights than their own; a role with members cannot be changed, only replaced."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Refuse to change a group that has members, or more rights than the operator."""
        return super().has_change_permission(request, obj) and _is_free(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Refuse to delete a group that has members, or more rights than the operator."""
        return super().has_delete_permission(request, obj) and _is_free(request, obj)

    def get_form(self, request: HttpRequest, obj: Group | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Offer only permissions that the operator has."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        if "permissions" in form.base_fields:
            offered = form.base_fields["permissions"]
            offered.label_from_instance = permission_name
            offered.queryset = offered.queryset.filter(pk__in=permissions_of(_acting(request)).values("pk"))
        return form

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        """Save a group's name, and record its members' rights, which contain the name."""
        lock_rights()
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save a group's permissions, and record its members' rights."""
        with self._telling(request, [form.instance]):
            super().save_related(request, form, formsets, change)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        """Delete a group."""
        with self._telling(request, [obj]):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        """Delete several groups."""
        with self._telling(request, queryset):
            super().delete_queryset(request, queryset)

    def _telling(self, request: HttpRequest, groups: Iterable[Group]) -> AbstractContextManager[None]:
        members = User.objects.filter(groups__in=list(groups)).distinct()
        return services.telling_rights(users=members, actor=str(request.user.pk), at=now())


# The library's list of tries shows the whole submitted form.
admin.site.unregister([AccessAttempt, AccessFailureLog, AccessLog])


@admin.register(AccessAttempt)
class AttemptAdmin(ListedAdmin):
    """Failed tries of passwords; an operator who deletes them ends the waiting time early."""

    nothing = (_("No password was wrong lately"), _("Who types wrong passwords comes here, with the door that is shut to them."))
    list_display = ("username", "ip_address", "failures_since_start", moment_column("attempt_time", _("Last try")))
    search_fields = ("username__startswith",)
    search_help_text = _("The beginning of an e-mail address")
    fields = readonly_fields = ("username", "ip_address", "path_info", "failures_since_start", "attempt_time")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        """Refuse adding."""
        return False

from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.deleting import NamesWhatIsDeleted
from accounts.read_only import ReadOnly
from accounts.requests import StaffRequest
from articles.checks import what_is_lost
from articles.editor_admin import EditorAdmin
from pages import menus, redirect_files, redirects
from pages.addresses import as_typed, normal_path, normal_target
from pages.models import (
    MENU_ROWS,
    Feature,
    JobRun,
    MenuLink,
    MissingPage,
    Page,
    Redirect,
    Service,
    SiteSettings,
)


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """What every page says about the site: one row, so its list is its form."""

    fieldsets = [
        ("The site", {"fields": ["name", "tagline", "description", "footer_text"]}),
        ("The home page", {"fields": ["home_heading", "home_intro"]}),
        ("For those who find a weakness", {"fields": ["security_contact"]}),
        ("The inquiry form", {"fields": ["form_heading", "form_intro"]}),
    ]

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def changelist_view(self, request, extra_context=None):
        return redirect("admin:pages_sitesettings_change", SiteSettings.load().pk)


class FeatureInline(admin.TabularInline):
    model = Feature
    extra = 0


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    """What we offer, as the services block shows it."""

    list_display = ["heading", "position"]
    list_editable = ["position"]
    inlines = [FeatureInline]


class LinkedFilter(admin.SimpleListFilter):
    title = "links"
    parameter_name = "links"

    def lookups(self, request, model_admin):
        return [("none", "Nothing links to it")]

    def queryset(self, request, queryset):
        return queryset.unlinked() if self.value() == "none" else queryset


@admin.register(Page)
class PageAdmin(NamesWhatIsDeleted, EditorAdmin):
    """Copy with an address of its own: about, privacy."""

    list_display = ["title", "slug", "edited_at"]
    list_filter = [LinkedFilter]
    search_fields = ["title", "body"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "body", "description"]

    def view_on_site(self, page: Page) -> str:
        return page.get_absolute_url()

    def has_delete_permission(self, request, obj=None) -> bool:
        """Not the page that the form on every page and every email lead to."""
        is_needed = obj is not None and obj.key == Page.PRIVACY
        return super().has_delete_permission(request, obj) and not is_needed

    def get_deleted_objects(self, objs, request):
        named, counts, needed, protected = super().get_deleted_objects(objs, request)
        kept = [page for page in objs if page.key == Page.PRIVACY]
        return named, counts, needed, [*protected, *kept]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        for sentence in what_is_lost(obj.body):
            self.message_user(request, sentence, messages.WARNING)


class MenuLinkForm(forms.ModelForm):
    leads_to = forms.ChoiceField(
        label="Leads to",
        help_text="For an article or another site, choose “Another address…” and paste it.",
    )
    address = forms.CharField(
        required=False,
        help_text="https://… for another site. A page of this site is found by its address, and "
        "the link follows it when it moves.",
    )

    class Meta:
        model = MenuLink
        fields = ["label", "address", "suffix", "place", "position"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        link = self.instance if self.instance.pk else None
        leads_to = self.fields["leads_to"]
        assert isinstance(leads_to, forms.ChoiceField)
        leads_to.choices = menus.choices(link)
        if link:
            self.initial["leads_to"] = menus.choice_of(link)

    def clean(self):
        """The choice decides; the field that does not belong to it is not shown, and not asked."""
        cleaned = super().clean() or self.cleaned_data
        choice, typed = cleaned.get("leads_to", ""), cleaned.get("address", "")
        if not choice or self.errors:
            return cleaned
        if choice != menus.ELSEWHERE:
            suffix = cleaned.get("suffix", "")
            if suffix and suffix[0] not in "#?":
                self.add_error("suffix", "Begin with # for a heading, or with ? for a query.")
                return cleaned
            found = menus.chosen(choice, suffix)
        elif not typed:
            self.add_error("address", "Enter an address, or choose what the link leads to above.")
            return cleaned
        else:
            try:
                found = menus.target_of(typed)
            except ValidationError as error:
                self.add_error("address", error)
                return cleaned
        for field, value in found.items():
            setattr(self.instance, field, value)
        return {**cleaned, "address": found["address"], "suffix": found["suffix"]}


class ShownFilter(admin.SimpleListFilter):
    title = "visitors"
    parameter_name = "shown"

    def lookups(self, request, model_admin):
        return [("no", "Do not see it")]

    def queryset(self, request, queryset):
        return queryset.left_out() if self.value() == "no" else queryset


@admin.register(MenuLink)
class MenuLinkAdmin(admin.ModelAdmin):
    """The links at the head and the foot of every page."""

    form = MenuLinkForm
    fields = ["label", "leads_to", "address", "suffix", "place", "position"]
    list_display = ["label", "place", "leads_to", "position"]
    list_editable = ["position"]
    list_filter = ["place", ShownFilter]
    list_select_related = MENU_ROWS

    @admin.display(description="leads to")
    def leads_to(self, link: MenuLink) -> str:
        reason = link.why_left_out()
        return f"{link.url} (left out of the menu: {reason})" if reason else link.url

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("leads_to") == menus.ELSEWHERE and not obj.address:
            self.message_user(request, f"{obj.url} is a page of this site: the link follows it.")
        if reason := obj.why_left_out():
            self.message_user(
                request,
                f"Visitors do not see this link: {reason}. It appears as soon as that changes.",
                messages.WARNING,
            )


class RedirectForm(forms.ModelForm):
    class Meta:
        model = Redirect
        fields = ["path", "target", "is_permanent", "note"]

    def clean_path(self) -> str:
        return normal_path(self.cleaned_data["path"])

    def clean_target(self) -> str:
        return normal_target(self.cleaned_data["target"])

    def clean(self):
        super().clean()
        if not self.errors:
            cleaned = {"path": self.instance.path, **self.cleaned_data}
            if redirects.plan([Redirect(pk=self.instance.pk, **cleaned)]).rings:
                self.add_error("target", "This would lead back to the same address.")
        return self.cleaned_data


class ImportForm(forms.Form):
    """The file at first; then, signed, the text that was checked and what was shown of it."""

    SALT = "pages.redirects"
    MOST_SIGNED = 2_300_000  # characters; DATA_UPLOAD_MAX_MEMORY_SIZE holds it, and the rest

    file = forms.FileField(
        label="CSV file",
        help_text=(
            f"Columns: {', '.join(redirect_files.COLUMNS)}. UTF-8, with commas or semicolons, at "
            f"most {redirect_files.MOST_ROWS:,} rows."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > redirect_files.MOST_BYTES:
            raise ValidationError(
                f"The file is larger than {redirect_files.MOST_BYTES // 1024**2} MB."
            )
        text = redirect_files.decode(file.read())
        if len(self.signed(text, "")) > self.MOST_SIGNED:
            raise ValidationError("There is too much in this file. Import it in parts.")
        return text

    @classmethod
    def signed(cls, text: str, shown: str) -> str:
        return signing.dumps([text, shown], salt=cls.SALT, compress=True)

    @classmethod
    def unsigned(cls, checked: str) -> list[str] | None:
        """The text and the stamp of what was shown, for a day."""
        try:
            return signing.loads(checked, salt=cls.SALT, max_age=24 * 60 * 60)
        except signing.BadSignature:
            return None


@admin.register(Redirect)
class RedirectAdmin(admin.ModelAdmin):
    """Old addresses and where they lead. The path of a redirect stays; its target may change."""

    form = RedirectForm
    list_display = ["path", "target", "is_permanent", "hits", "last_hit_at", "note"]
    list_filter = ["is_permanent", "created_at"]
    search_fields = ["path", "target", "note"]
    list_per_page = 200
    change_list_template = "admin/pages/redirect/change_list.html"
    SHOWN = 100  # of each kind, in the preview of an import

    def get_fields(self, request, obj=None):
        return [*RedirectForm.Meta.fields, *(["hits", "last_hit_at", "created_at"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return ["path", "hits", "last_hit_at", "created_at"] if obj else []

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_file), name="pages_redirect_import"),
            path("export/", wrap(self.export), name="pages_redirect_export"),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        plan = redirects.plan([obj])
        redirects.carry_out(plan)
        if plan.led_on:
            paths = ", ".join(row.path for row in plan.led_on[:5])
            self.message_user(request, f"{len(plan.led_on)} more lead there now: {paths}.")

    def export(self, request: HttpRequest) -> HttpResponse:
        """What the list shows, all its pages, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(f"{reverse('admin:pages_redirect_changelist')}?{ERROR_FLAG}=1")
        return HttpResponse(
            redirect_files.write(found),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="redirects.csv"'},
        )

    @transaction.atomic
    def import_file(self, request: StaffRequest) -> HttpResponse:
        """A file is checked and shown first; what was shown is then done, all of it or nothing."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return self._import_page(request, ImportForm())
        if "checked" not in request.POST:
            form = ImportForm(request.POST, request.FILES)
            if not form.is_valid():
                return self._import_page(request, form)
            text, shown = form.cleaned_data["file"], None
        elif checked := ImportForm.unsigned(request.POST["checked"]):
            text, shown = checked
        else:
            self.message_user(request, "Please choose the file once more.", messages.ERROR)
            return redirect("admin:pages_redirect_import")

        reading = redirect_files.read(text)
        plan = redirects.plan(reading.redirects)
        reading.refuse_rings(plan.rings)
        stamp = plan.stamp()
        if reading.problems or shown != stamp:
            if shown is not None:
                self.message_user(
                    request, "Redirects have changed meanwhile. Look again.", messages.WARNING
                )
            context = {
                "reading": reading,
                "plan": plan,
                "parts": [
                    (
                        heading,
                        len(rows),
                        [(row, plan.was.get(row.path)) for row in rows[: self.SHOWN]],
                    )
                    for heading, rows in [
                        ("to add", plan.added),
                        ("to change", plan.changed),
                        ("more, which lead to one of these, to lead on", plan.led_on),
                    ]
                    if rows
                ],
                "shown": self.SHOWN,
                "checked": ImportForm.signed(text, stamp),
            }
            return self._import_page(request, ImportForm(), **context)
        redirects.carry_out(plan)
        for rows, flag in [(plan.added, ADDITION), ([*plan.changed, *plan.led_on], CHANGE)]:
            self._log(request, rows, flag)
        self.message_user(
            request, f"{len(plan.added)} added, {len(plan.changed)} changed.", messages.SUCCESS
        )
        return redirect("admin:pages_redirect_changelist")

    def _import_page(self, request: HttpRequest, form: ImportForm, **context) -> HttpResponse:
        page = {
            **self.admin_site.each_context(request),
            "title": "Import redirects",
            "opts": self.opts,
            "form": form,
            **context,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/pages/redirect/import.html", page, status=status)

    def _log(self, request: StaffRequest, rows: Sequence[Redirect], flag: int) -> None:
        if rows:
            LogEntry.objects.log_actions(request.user.pk, rows, flag, "Imported.")


class AnsweredFilter(admin.SimpleListFilter):
    """What has an answer by now needs nobody's eyes, so it is left out unless asked for."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request, model_admin):
        return [("all", "All, answered or not")]

    def choices(self, changelist):
        default, every = super().choices(changelist)
        return [{**default, "display": "Still missing"}, every]

    def queryset(self, request, queryset):
        return queryset if self.value() == "all" else queryset.still_missing()


@admin.register(MissingPage)
class MissingPageAdmin(admin.ModelAdmin):
    """Addresses that readers asked for in vain, those asked for most on top."""

    list_display = ["path", "count", "last_seen", "first_seen", "referrer_host", "way_out"]
    list_display_links = None
    list_filter = [AnsweredFilter, "last_seen"]
    search_fields = ["path", "referrer_host"]

    def has_add_permission(self, request) -> bool:
        return False  # readers find them

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description="what to do")
    def way_out(self, missing: MissingPage) -> str:
        query = urlencode({"path": as_typed(missing.path)})
        return format_html(
            '<a href="{}?{}" aria-label="Make a redirect for {}">Make a redirect for this</a>',
            reverse("admin:pages_redirect_add"),
            query,
            missing.path,
        )


@admin.register(JobRun)
class JobRunAdmin(ReadOnly, admin.ModelAdmin):
    """When each periodic job last ran; the desk shows which are late."""

    list_display = ["task", "last_ran_at"]

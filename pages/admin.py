from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect

from desk.checked import HTML, LINE, PARAGRAPHS, CheckedAdmin, text_of
from desk.labeled import LabeledColumns
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin, MergingInline
from desk.presence_admin import PresenceAdmin
from desk.room import PROSE, TEXT, TITLE, RoomAdmin
from pages import menus
from pages.models import MENU_ROWS, Feature, MenuLink, Page, Service, SiteSettings
from prose.editor_admin import EditorAdmin
from redirects.deleting import NamesWhatIsDeleted


@admin.register(SiteSettings)
class SiteSettingsAdmin(CheckedAdmin, MergingAdmin):
    """What every page says about the site: one row, so its list is its form."""

    checked = {
        "name": LINE,
        "tagline": LINE,
        "description": LINE,
        "footer_text": PARAGRAPHS,
        "home_heading": LINE,
        "home_intro": PARAGRAPHS,
        "form_heading": LINE,
        "form_intro": LINE,
    }

    fieldsets = [
        ("The site", {"fields": ["name", "tagline", "description", "footer_text"]}),
        ("The home page", {"fields": ["home_heading", "home_intro"]}),
        ("Security contact", {"fields": ["security_contact"]}),
        (
            "The privacy page",
            {
                "fields": [
                    "responsible_name",
                    "responsible_address",
                    "privacy_contact",
                    "authority_name",
                    "authority_url",
                ]
            },
        ),
        ("The inquiry form", {"fields": ["form_heading", "form_intro"]}),
    ]

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def changelist_view(self, request, extra_context=None):
        return redirect("admin:pages_sitesettings_change", SiteSettings.load().pk)


class FeatureInline(MergingInline, LabeledColumns, admin.TabularInline):
    model = Feature
    extra = 0
    on_paper = True


@admin.register(Service)
class ServiceAdmin(RoomAdmin, CheckedAdmin, PresenceAdmin, MergingAdmin):
    """What we offer, as the services block shows it."""

    paper = {"heading": TITLE, "text": TEXT}
    checked = {"heading": LINE, "text": PARAGRAPHS}

    list_display = ["heading", "position"]
    list_editable = ["position"]
    inlines = [FeatureInline]

    def checked_texts(self, row):
        features = [
            text_of(LINE, f"features-{number}-{name}", name, getattr(one, name))
            for number, one in enumerate(row.features.all())
            for name in ("title", "text")
        ]
        return [*super().checked_texts(row), *features]


class LinkedFilter(admin.SimpleListFilter):
    title = "links"
    parameter_name = "links"

    def lookups(self, request, model_admin):
        return [("none", "Nothing links to it")]

    def queryset(self, request, queryset):
        return queryset.unlinked() if self.value() == "none" else queryset


@admin.register(Page)
class PageAdmin(
    NamesWhatIsDeleted, RoomAdmin, CheckedAdmin, EditorAdmin, PresenceAdmin, MergingAdmin
):
    """Copy with an address of its own: about, privacy."""

    paper = {"title": TITLE, "body": PROSE}
    hit = {"title": "title", "text": "description"}
    checked = {"title": LINE, "body": HTML, "description": LINE}

    list_display = ["title", "slug", "edited_at"]
    list_filter = [LinkedFilter]
    search_fields = ["title", "body"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "body", "description"]

    def view_on_site(self, page: Page) -> str:
        return page.get_absolute_url()

    def has_delete_permission(self, request, obj=None) -> bool:
        """Not the pages that forms and emails link to."""
        is_needed = obj is not None and obj.key is not None
        return super().has_delete_permission(request, obj) and not is_needed

    def get_deleted_objects(self, objs, request):
        named, counts, needed, protected = super().get_deleted_objects(objs, request)
        kept = [page for page in objs if page.key is not None]
        return named, counts, needed, [*protected, *kept]


class MenuLinkForm(MergingForm):
    together = (("leads_to", "address", "suffix"),)

    leads_to = forms.ChoiceField(
        label="Target",
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
        leads_to = self.fields["leads_to"]
        assert isinstance(leads_to, forms.ChoiceField)
        leads_to.choices = menus.choices(self.instance if self.instance.pk else None)

    def shown(self):
        return {**super().shown(), "leads_to": menus.choice_of(self.instance)}

    def clean(self):
        """The choice decides; a field that does not belong to it is hidden and ignored."""
        cleaned = super().clean() or self.cleaned_data
        choice, typed = cleaned.get("leads_to", ""), cleaned.get("address", "")
        if not choice or self.errors:
            return cleaned
        if choice != menus.ELSEWHERE:
            suffix = cleaned.get("suffix", "")
            if suffix and suffix[0] not in "#?":
                self.add_error("suffix", "Start with # for a heading, or with ? for a query.")
                return cleaned
            found = menus.chosen(choice, suffix)
        elif not typed:
            self.add_error("address", "Enter an address, or choose a target above.")
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
        return [("no", "Not shown")]

    def queryset(self, request, queryset):
        return queryset.left_out() if self.value() == "no" else queryset


@admin.register(MenuLink)
class MenuLinkAdmin(MergingAdmin):
    """The links at the head and the foot of every page."""

    form = MenuLinkForm
    fields = ["label", "leads_to", "address", "suffix", "place", "position"]
    list_display = ["label", "place", "leads_to", "position"]
    list_editable = ["position"]
    list_filter = ["place", ShownFilter]
    list_select_related = MENU_ROWS

    @admin.display(description="target")
    def leads_to(self, link: MenuLink) -> str:
        reason = link.why_left_out()
        return f"{link.url} (not shown: {reason})" if reason else link.url

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

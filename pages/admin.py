from django.contrib import admin
from django.shortcuts import redirect

from articles.editor_admin import EditorAdmin
from pages.models import Feature, JobRun, MenuLink, Page, Service, SiteSettings


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


@admin.register(Page)
class PageAdmin(EditorAdmin):
    """Copy with an address of its own: about, privacy."""

    list_display = ["title", "slug", "edited_at"]
    search_fields = ["title", "body"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "body", "description"]

    def view_on_site(self, page: Page) -> str:
        return page.get_absolute_url()


@admin.register(MenuLink)
class MenuLinkAdmin(admin.ModelAdmin):
    """The links at the head and the foot of every page."""

    list_display = ["label", "place", "path", "position"]
    list_editable = ["position"]
    list_filter = ["place"]


@admin.register(JobRun)
class JobRunAdmin(admin.ModelAdmin):
    """When each periodic job last ran; the desk shows which are late."""

    list_display = ["task", "last_ran_at"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

"""Exports of what a list of the desk shows, beside those of Django's own list."""

from django.urls import reverse

from accounts.confirming import confirmed
from desk.exporting import Exports
from leads.lists.listed import Screen


class ExportsList(Exports):
    """The address of the export names the list, with its search and filters. Who takes all of our
    visitors along says once more who they are.
    """

    screen: Screen

    def export_action(self, request):
        return confirmed(super().export_action)(request)

    def get_export_queryset(self, request):
        if not self._is_of_screen(request):
            return super().get_export_queryset(request)
        form = self.screen.filter_form(request.GET, user=request.user)
        form.is_valid()
        return self.get_queryset(request).filter(pk__in=form.rows().order_by().values("pk"))

    def get_list_url(self, request) -> str:
        if not self._is_of_screen(request):
            return super().get_list_url(request)
        return f"{reverse(f'admin:{self.screen.key}')}?{request.GET.urlencode()}"

    def _is_of_screen(self, request) -> bool:
        return request.GET.get("list") == self.screen.key

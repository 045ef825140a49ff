"""The addresses of sales' screens on the desk."""

from typing import Any

from django.urls import URLPattern, path

from leads.admin import duty_page
from leads.directory import views as directory
from leads.inbox import views, writing
from leads.lists import hand
from leads.lists import views as lists


def urls(site: Any) -> list[URLPattern]:
    return [
        path("duty/", site.admin_view(duty_page.page), name="duty"),
        path("duty/switch/", site.admin_view(duty_page.switch), name="duty_switch"),
        path("duty/away/", site.admin_view(duty_page.leave), name="duty_leave"),
        path("duty/back/<int:pk>/", site.admin_view(duty_page.come_back), name="duty_back"),
        path("inbox/", site.admin_view(views.inbox), name="inbox"),
        path("inbox/act/<slug:name>/", site.admin_view(views.act_on_selected), name="inbox_act"),
        path("lead/<int:pk>/", site.admin_view(views.lead), name="lead"),
        path("lead/<int:pk>/writing/", site.admin_view(writing.page), name="lead_writing"),
        path("lead/act/<slug:name>/", site.admin_view(views.act), name="lead_act"),
        path("lead/step/<int:pk>/done/", site.admin_view(views.done), name="step_done"),
        *(
            path(f"{key}/", site.admin_view(lists.show), {"key": key}, name=key)
            for key in lists.SCREENS
        ),
        path("pipeline/add/", site.admin_view(hand.page), name="add_by_hand"),
        path("list/<slug:key>/columns/", site.admin_view(lists.columns), name="list_columns"),
        path("list/<slug:key>/<slug:name>/", site.admin_view(lists.act), name="list_act"),
        path("person/<int:pk>/", site.admin_view(directory.person), name="person"),
        path(
            "person/<int:pk>/<slug:key>/",
            site.admin_view(directory.change_person),
            name="change_person",
        ),
        path("company/<int:pk>/", site.admin_view(directory.company), name="company"),
        path(
            "company/<int:pk>/<slug:key>/",
            site.admin_view(directory.change_company),
            name="change_company",
        ),
    ]

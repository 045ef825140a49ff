from django.conf import settings
from django.urls import path
from django.views.generic import RedirectView

from pages import health, views

app_name = "pages"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("services/", views.Services.as_view(), name="services"),
    path("style/", RedirectView.as_view(pattern_name="admin:style"), name="style"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("<slug:slug>/", views.PageDetail.as_view(), name="page"),
]
if settings.SERVE_MEDIA:
    urlpatterns.append(path("media/<path:path>", views.media, name="media"))

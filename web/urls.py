from django.urls import path

from web import health
from web.metrics import scrape

app_name = "web"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", scrape.metrics, name="metrics"),
    path("status", health.status, name="status"),
]

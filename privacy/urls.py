from django.urls import path

from privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.Ask.as_view(), name="request"),
    path("sent/", views.Asked.as_view(), name="asked"),
    path("<str:token>/", views.Confirm.as_view(), name="confirm"),
]

from django.urls import path

from leads.intake import views

app_name = "leads"
urlpatterns = [
    path("", views.ContactPage.as_view(), name="contact"),
    path("brief/", views.BriefPage.as_view(), name="brief"),
    path("thanks/", views.Thanks.as_view(), name="thanks"),
    path("assessment/", views.assess, name="assess"),
]

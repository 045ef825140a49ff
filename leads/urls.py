from django.urls import path

from leads import views

app_name = "leads"
urlpatterns = [
    path("", views.Contact.as_view(), name="contact"),
    path("thanks/", views.Thanks.as_view(), name="thanks"),
    path("assessment/", views.assess, name="assess"),
]

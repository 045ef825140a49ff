from django.urls import path

from offices import views

app_name = "offices"
urlpatterns = [
    path("", views.OfficeList.as_view(), name="list"),
    path("<slug:slug>/", views.OfficeDetail.as_view(), name="detail"),
]

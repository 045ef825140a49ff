from django.urls import path

from readiness import views

app_name = "readiness"
urlpatterns = [
    path("", views.Start.as_view(), name="start"),
    path("<int:number>/", views.Step.as_view(), name="step"),
    path("resume/<str:key>/", views.resume, name="resume"),
    path("again/", views.again, name="again"),
    path("result/<str:key>/", views.ResultPage.as_view(), name="result"),
    path("result/<str:key>/pdf/", views.ResultDocument.as_view(), name="pdf"),
]

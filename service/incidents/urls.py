from django.urls import path

from service.incidents import views

app_name = "incidents"
urlpatterns = [
    path("", views.incidents, name="list"),
    path("<int:pk>/", views.incident, name="detail"),
    path("<int:pk>/<slug:name>/", views.act, name="act"),
]

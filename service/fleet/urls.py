from django.urls import path

from service.fleet import views

app_name = "fleet"
urlpatterns = [
    path("", views.agents, name="agents"),
    path("enrol/", views.token, name="token"),
    path("<str:pk>/revoke/", views.revoke, name="revoke"),
]

from django.urls import path

from service.ingest import views

app_name = "ingest"
urlpatterns = [
    path("enrol", views.enrol_agent, name="enrol"),
    path("events", views.events, name="events"),
    path("heartbeat", views.heartbeat, name="heartbeat"),
]

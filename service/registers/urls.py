from django.urls import path

from service.registers import views

app_name = "registers"
urlpatterns = [
    path("", views.registers, name="list"),
    path("/<slug:register>", views.part, name="part"),
]

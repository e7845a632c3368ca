from django.urls import path

from service.today import views

app_name = "today"
urlpatterns = [path("", views.today, name="today")]

from django.urls import path

from service.approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.lendings, name="list"),
    path("register/", views.register, name="register"),
    path("register.xlsx", views.workbook, name="workbook"),
    path("<int:pk>/", views.lending, name="detail"),
    path("<int:pk>/<slug:name>/", views.act, name="act"),
]

from django.urls import path

from service.officers import people, views

app_name = "officers"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/password/", views.first_password, name="first_password"),
    path("login/bind/", views.bind, name="bind"),
    path("login/code/", views.code, name="code"),
    path("login/recovery/", views.recovery, name="recovery"),
    path("logout/", views.logout, name="logout"),
    path("account/", views.account, name="account"),
    path("officers/", people.people, name="list"),
    path("officers/<int:pk>/release/", people.release, name="release"),
    path("officers/<int:pk>/reset/", people.reset, name="reset"),
]

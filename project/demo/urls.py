"""Addresses of what only the demo has; `organizations` has its one-click log-in."""

from django.urls import path

from project.demo import views

urlpatterns = [
    path("clock/", views.move_clock, name="demo-clock"),
    path("mail/", views.mail_list, name="demo-mail"),
    path("mail/<slug:name>/", views.mail_detail, name="demo-mail-detail"),
]

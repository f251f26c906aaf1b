"""Addresses of the entrance, of people and of the auditor's log."""

from django.urls import path

from organizations.views import access, entrance, people

urlpatterns = [
    path("login/", entrance.Login.as_view(), name="login"),
    path("demo/login/", entrance.demo_login, name="demo-login"),
    path("logout/", entrance.Logout.as_view(), name="logout"),
    path("password/", entrance.password, name="password"),
    path("access-log/", access.access_log, name="access-log"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/reset/", people.people_reset, name="people-reset"),
    path("people/<int:user_id>/active/", people.people_active, name="people-active"),
    path("people/import/", people.people_import, name="people-import"),
    path("people/import/commit/", people.people_import_commit, name="people-import-commit"),
    path("people/import/result/", people.people_import_result, name="people-import-result"),
    path("people/import/template/", people.people_template, name="people-template"),
    path("people/import/passwords/", people.people_passwords, name="people-passwords"),
]

"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from project import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("demo/", include("project.demo.urls")),
    path("", include("organizations.urls")),
    path("", include("workflows.urls")),
    path("", include("rectification.urls")),
    path("", include("inspections.urls")),
    path("", include("notifications.urls")),
    path("admin/", admin.site.urls),
]

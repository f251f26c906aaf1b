"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("organizations.urls")),
    path("", include("workflows.urls")),
    path("", include("rectification.urls")),
    path("", include("inspections.urls")),
    path("admin/", admin.site.urls),
]

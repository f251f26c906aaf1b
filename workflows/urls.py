"""Addresses of the calendar."""

from django.urls import path

from workflows.views import calendar

urlpatterns = [
    path("calendar/", calendar.year_page, name="calendar"),
    path("calendar/<int:year>/", calendar.year_page, name="calendar-year"),
    path("calendar/<int:year>/publish/", calendar.publish, name="calendar-publish"),
    path("calendar/progress/", calendar.progress_panel, name="calendar-progress"),
    path("calendar/local/", calendar.local_day, name="calendar-local"),
    path("calendar/local/<int:local_day_id>/drop/", calendar.local_day_drop, name="calendar-local-drop"),
    path("calendar/hours/", calendar.working_time, name="calendar-hours"),
]

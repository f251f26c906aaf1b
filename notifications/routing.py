"""The one address of the websocket."""

from django.urls import path

from notifications.consumers import Looker

websocket_urlpatterns = [path("live/socket/", Looker.as_asgi())]

"""Addresses of the pages about messages."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("messages/", views.message_list, name="message-list"),
    path("messages/<int:notice_id>/", views.message_open, name="message-open"),
    path("messages/read/", views.messages_read, name="messages-read"),
    path("messages/preferences/", views.message_preferences, name="message-preferences"),
    path("messages/unit/", views.unit_address_list, name="unit-addresses"),
    path("addresses/<int:address_id>/switch/", views.address_switch, name="address-switch"),
    path("deliveries/", views.delivery_list, name="delivery-list"),
    path("deliveries/<int:delivery_id>/resend/", views.delivery_resend, name="delivery-resend"),
    path("live/", views.live_numbers, name="live"),
]

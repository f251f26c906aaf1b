"""The settings of the processes that are killed: the demo's, but letters go to a real SMTP server."""

from project.settings import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

"""A password rule beside Django's own."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organizations.models import User


class LettersAndDigits:
    """A password holds letters and digits both."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError with a sentence."""
        if not (any(c.isalpha() for c in password) and any(c.isdigit() for c in password)):
            raise ValidationError(_("密码要同时包含字母和数字。"), code="letters_and_digits")

    def get_help_text(self) -> str:
        """What the form says beforehand."""
        return _("密码要同时包含字母和数字。")

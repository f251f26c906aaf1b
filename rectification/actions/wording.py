"""What may stand where a reason is asked for: own words, never the proposed 同意."""

from django.utils.translation import gettext as _

from workflows.steps import ActionRefused


def is_bare_consent(text: str) -> bool:
    """Whether it says nothing, or nothing but 同意."""
    return text.strip().rstrip("。.!！") in ("", _("同意"))


def own_words(reason: str, *, otherwise: str) -> None:
    """Refuse an empty reason with a sentence, and the proposed 同意 with another."""
    if not reason.strip():
        raise ActionRefused(otherwise)
    if is_bare_consent(reason):
        raise ActionRefused(_("退回要写明理由，不能写“同意”。请写清还差什么。"), field="opinion")

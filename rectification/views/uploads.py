"""Files that come along with a form: each is taken, or refused with its own sentence."""

from typing import BinaryIO, cast

from django.contrib import messages
from django.utils.translation import gettext as _

from rectification.actions.evidence import add_evidence
from rectification.models import Evidence, Problem
from rectification.views.acting import REFUSALS, UserRequest

FILES_AT_ONCE = 9


def take_files(
    request: UserRequest, problem: Problem, *, name: str, phase: str, caption: str = ""
) -> tuple[list[Evidence], list[str]]:
    """The evidence made of up to nine uploaded files, and a sentence for each that was refused.

    A refusal undoes nothing else; a file used before is pointed out.
    """
    taken: list[Evidence] = []
    refused: list[str] = []
    for file in request.FILES.getlist(name)[:FILES_AT_ONCE]:
        stream = cast(BinaryIO, file.file)
        try:
            row, used = add_evidence(
                problem.pk, by=request.user, name=file.name or "", stream=stream, phase=phase, caption=caption
            )
        except REFUSALS as refusal:
            refused.append(_("“%(name)s”没有上传：%(why)s") % {"name": file.name, "why": refusal})
            continue
        taken.append(row)
        if used:
            numbers = "、".join(sorted({each.problem.case.number for each in used}))
            text = _("“%(name)s”与%(numbers)s用过的文件完全相同，请确认不是错传。")
            messages.warning(request, text % {"name": file.name, "numbers": numbers})
    for sentence in refused:
        messages.error(request, sentence)
    return taken, refused

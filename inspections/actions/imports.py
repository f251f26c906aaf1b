"""The import without a page: what the command line does."""

from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from inspections.actions.committing import commit_import
from inspections.actions.drafts import Upload, begin_import
from inspections.models import ListImport
from rectification.models import Batch
from workflows.steps import ActionRefused


def commit_file(path: Path, *, batch_code: str, reference_date: date | None = None) -> ListImport:
    """Read a file and put its rows into a batch, without anybody's name: the events have no actor.

    Rows with errors stay out and are counted. Raises UnreadableFile or ActionRefused with a sentence.
    """
    batch = Batch.objects.select_related("division").filter(code=batch_code).first()
    if batch is None:
        raise ActionRefused(_("没有批次号为“%s”的批次，请先建立批次，或核对批次号。") % batch_code)
    made = begin_import(batch, Upload(path.name, path.read_bytes(), reference_date), by=None)
    return commit_import(made.pk, by=None)

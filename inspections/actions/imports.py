"""The import without a page: what the command line does."""

from datetime import date
from hashlib import sha256
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from inspections.actions.committing import commit_import
from inspections.actions.drafts import refuse_known, refuse_without_table, store_reading
from inspections.models import ListImport
from inspections.reading.reader import read_file
from rectification.models import Batch
from workflows.steps import ActionRefused


def commit_file(path: Path, *, batch_code: str, reference_date: date | None = None) -> ListImport:
    """Read a file and put its rows into a batch, without anybody's name: the events have no actor.

    Rows with errors stay out and are counted. Raises UnreadableFile or ActionRefused with a sentence.
    """
    batch = Batch.objects.select_related("division").filter(code=batch_code).first()
    if batch is None:
        raise ActionRefused(_("没有批次号为“%s”的批次，请先建立批次，或核对批次号。") % batch_code)
    data = path.read_bytes()
    digest = sha256(data).hexdigest()
    refuse_known(batch, digest)
    reading = read_file(data, path.name, reference_date=reference_date)
    refuse_without_table(reading)
    with transaction.atomic():
        made = ListImport(
            batch=batch, name=path.name[-160:], size=len(data), sha256=digest, reference_date=reference_date
        )
        made.stored.save(f"imports/{digest[:2]}/{digest}", ContentFile(data), save=False)
        made.save()
        store_reading(made, reading, by=None)
    return commit_import(made.pk, by=None)

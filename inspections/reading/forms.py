"""What a form says: about every row of the table below it, or about one problem by itself."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from inspections.reading.cards import Pair, problem_pair, split_cards
from inspections.reading.cells import split_units, without_labelled_brackets
from inspections.reading.facts import OBJECTION, Facts
from inspections.reading.headers import Meaning, meanings_of, plain, without_number
from inspections.reading.records import ANSWERING_PLACES, Draft
from inspections.reading.sectors import sector_of

_TEXTS = (Meaning.SERIAL, Meaning.CATEGORY, Meaning.LOCATION, Meaning.MEASURES, Meaning.DEADLINE, Meaning.STATUS)
_LEAST = 0.5  # weight from which a label counts
_ADDRESSEES = ("主送单位", "主送")


def apply_form(draft: Draft, facts: Facts) -> None:
    """Fill what the row leaves open from the labels above the table."""
    for meaning in (Meaning.LOCATION, Meaning.DEADLINE, Meaning.CATEGORY, Meaning.MEASURES):
        value = "" if draft.text(meaning) else facts.default(meaning)
        if value:
            draft.texts[meaning] = value
    if not draft.units and not draft.lead:
        _take_units(draft, facts.labels)
    if facts.is_form and not draft.text(Meaning.CATEGORY):
        _presume_category(draft, facts.labels)


def card_drafts(pairs: Sequence[Pair]) -> list[Draft]:
    """One row for each problem of each card; several are numbered 问题1, 问题2 and share what is not."""
    drafts = []
    for card in split_cards(pairs):
        plainest = problem_pair(card)
        if plainest is None:
            continue
        alike = [pair for pair in card if without_number(pair.label) == without_number(plainest.label)]
        for problem in alike:
            number = _number_of(problem)
            others = [pair for pair in card if pair not in alike and _number_of(pair) in {"", number}]
            drafts.append(_draft_of(problem, others, whole=card if len(alike) == 1 else [problem]))
    return drafts


def _number_of(pair: Pair) -> str:
    return pair.label[len(without_number(pair.label)) :]


def _draft_of(problem: Pair, others: Sequence[Pair], whole: Sequence[Pair]) -> Draft:
    draft = Draft(min(pair.row for pair in whole), max(pair.last_row for pair in whole), {})
    draft.texts[Meaning.PROBLEM] = problem.value
    labels = []
    for pair in others:
        value, embedded = without_labelled_brackets(pair.value)
        labels += [(pair.label, value), *embedded]
    for meaning in _TEXTS:
        value = Facts(labels=labels).default(meaning)
        if value:
            draft.texts[meaning] = value
    _take_units(draft, labels)
    draft.others = [(label, value) for label, value in labels if value not in draft.texts.values()]
    return draft


def _take_units(draft: Draft, labels: Sequence[tuple[str, str]]) -> None:
    """Units from the plainest labels: responsible and cooperating ones, else the addressee, else a stand-in."""
    facts = Facts(labels=list(labels))
    lead = facts.default(Meaning.LEAD)
    if lead:
        draft.lead = (split_units(lead).names or ("",))[0]
    strongest = max((_weight(label, Meaning.UNITS) for label, value in labels if value), default=0)
    for label, value in labels:
        if strongest >= _LEAST and _weight(label, Meaning.UNITS) >= min(strongest, 0.9):
            units = split_units(value)
            draft.lead = draft.lead or units.lead
            draft.units += [name for name in units.names if name not in draft.units]
    for label, value in _stand_ins(labels):
        if not draft.units and not draft.lead:
            draft.units = list(split_units(value).names)
            draft.warnings.append(_("没有写责任单位，暂按“%(label)s”填写，请核对。") % {"label": label})


def _stand_ins(labels: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Who is responsible where no label says so: the unit inspected, else the one that hears objections."""
    yield from ((label, value) for label, value in labels if plain(label) in ANSWERING_PLACES and value)
    yield from ((label, value) for label, value in labels if OBJECTION.search(label) and value)


def _weight(label: str, meaning: Meaning) -> float:
    return dict(meanings_of(label)).get(meaning, 0)


def _presume_category(draft: Draft, labels: Sequence[tuple[str, str]]) -> None:
    """A form addressed to one specialised authority is about its field."""
    for label, value in labels:
        sector = sector_of(value) if label in _ADDRESSEES else ""
        if sector and not draft.text(Meaning.CATEGORY):
            draft.texts[Meaning.CATEGORY] = sector
            words = {"label": label, "value": value}
            draft.warnings.append(_("没有写类别，按%(label)s“%(value)s”推定，请核对。") % words)

"""Recognises the 密级 mark of classified papers, which must never enter this system."""

import re

from django.utils.translation import gettext_lazy

# Marks are often letter-spaced (机　密 ★ 1年) or padded with invisible characters; a mark never spans lines.
_GAP = r"(?:[^\S\r\n]|[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]){0,8}"
_STAR = r"[★☆✩✪✫✬✭✮✯✰⭐🌟⋆]"
_ASTERISK_WITH_TERM = rf"[*＊]{_GAP}(?:[0-9０-９一二三四五六七八九十]|长期|長期)"
_MARK = re.compile(rf"[绝絕机機秘]{_GAP}密{_GAP}(?:{_STAR}|{_ASTERISK_WITH_TERM})")

LONGEST_MARK = 32  # characters, gaps included

SECRECY_REFUSAL = gettext_lazy(
    "本系统为非涉密系统，严禁上传或填写涉密内容。这里带有密级标志，请立即停止上传，并按保密规定改走涉密渠道。"
)


def has_secrecy_mark(text: str) -> bool:
    """Whether the text bears a mark such as 机密★1年, however it is spaced."""
    return _MARK.search(text) is not None

"""When two names are those of one company: “NordPay”, “NordPay A/S” and “Nordpay ApS”."""

import re

from mail.header_text import comparison_key

# At the end of a name, as they read without dots and slashes. What is also a word that names end
# on, such as “e.V.” and “EV”, is left out.
_ENDS = """
    ab|ag|aps|as|asa|bhd|bv|bvba|co|company|corp|corporation|cv|cvba|doo|eood|ehf|eirl|eurl|fze|fzco|
    gbr|ggmbh|gmbh|hf|inc|incorporated|ivs|jsc|kb|kft|kg|kgaa|kk|ks|lda|limitada|limited|llc|llp|lp|
    ltd|ltda|ltd sti|ltd şti|mbh|nv|nyrt|oao|ohg|ooo|ood|ou|oü|oy|oyj|pbc|plc|pllc|private limited|
    pt|pte|pte ltd|pty|pty ltd|pvt|pvt ltd|s de rl de cv|sa|sa de cv|sab de cv|sapi de cv|sarl|sas|
    sasu|sdn bhd|se|sia|sl|slu|smba|snc|società per azioni|sp j|sp k|sp z o o|sp z oo|sp zoo|spzoo|
    srl|sro|s r o|tbk|tov|uab|ug|vof|zao|zrt|ао|зао|оао|ооо|пао|тов|
    株式会社|有限会社|合同会社|有限公司|股份有限公司|주식회사
"""
_BEGINNINGS = """
    ooo|oao|pt|sarl|sia|tov|uab|zao|ао|зао|оао|ооо|пао|тов|株式会社|有限会社|合同会社|주식회사
"""
_AT_THE_END = {tuple(form.split()) for form in _ENDS.split("|")}
_IN_FRONT = {tuple(form.split()) for form in _BEGINNINGS.split("|")}
_LONGEST = max(map(len, _AT_THE_END))
_WITHOUT_BLANKS = re.compile(r"(株式会社|有限会社|合同会社|股份有限公司|有限公司|주식회사)")
_SPA = re.compile(r"\b(?:S\.?[pP]\.?A|s\.p\.a)\b\.?")  # and not a spa


def company_key(name: str) -> str:
    """The same for names of one company: in any case, composed or not, with or without its legal
    form and punctuation.
    """
    spaced = _WITHOUT_BLANKS.sub(r" \1 ", _SPA.sub("società per azioni", name))
    plain = re.sub(r"[.'’/]", "", comparison_key(spaced))
    words = re.sub(r'[,;:()"“”„«»]', " ", plain).split()
    return " ".join(_without_forms(words)) or comparison_key(name)


def _without_forms(words: list[str]) -> list[str]:
    while words:
        ends = range(min(_LONGEST, len(words) - 1), 0, -1)
        found = next((many for many in ends if tuple(words[-many:]) in _AT_THE_END), 0)
        if found:
            words = words[:-found]
        elif len(words) > 1 and tuple(words[:1]) in _IN_FRONT:
            words = words[1:]
        elif words[-1] == "&":
            words = words[:-1]
        else:
            break
    return words

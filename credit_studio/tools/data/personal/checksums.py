"""Check digits and issue rules of identifiers: each function takes a cell as written and says whether it can be a number that was issued.

Rules are those of the issuers: ISO/IEC 7812 (cards), ISO 13616 (IBAN), ISO 7064, and the national authorities named beside each function.
"""

import re
from datetime import date

_SEPARATORS = re.compile(r"[\s.\-/]")
_IBAN_LENGTHS = {
    code: int(length)
    for code, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 "
        "GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 "
        "NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20",
    )
}
"""The length of an IBAN by country (SWIFT IBAN registry)."""
_CARDS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (300000, 305999, frozenset({14, 16, 19})),
    (309500, 309599, frozenset({14, 16, 19})),
    (340000, 349999, frozenset({15})),
    (352800, 358999, frozenset({16, 17, 18, 19})),
    (360000, 369999, frozenset({14, 16, 19})),
    (370000, 379999, frozenset({15})),
    (380000, 399999, frozenset({14, 16, 19})),
    (400000, 499999, frozenset({13, 16, 19})),
    (501800, 501899, frozenset(range(12, 20))),
    (502000, 502099, frozenset(range(12, 20))),
    (503800, 503899, frozenset(range(12, 20))),
    (510000, 559999, frozenset({16})),
    (222100, 272099, frozenset({16})),
    (601100, 601199, frozenset({16, 17, 18, 19})),
    (620000, 629999, frozenset({16, 17, 18, 19})),
    (630400, 630499, frozenset(range(12, 20))),
    (644000, 659999, frozenset({16, 17, 18, 19})),
    (675900, 676399, frozenset(range(12, 20))),
)
"""First six digits from and to, and lengths: Diners, American Express, JCB, Visa, Maestro, Mastercard, Discover, UnionPay."""

_FISCAL_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (*(1, 0, 5, 7, 9, 13, 15, 17, 19, 21), *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21), *(2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)),
        strict=True,
    )
)
_FINNISH = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE"
_IRISH = "WABCDEFGHIJKLMNOPQRSTUV"
_VERHOEFF_D = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")
_VERHOEFF_P = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def bare(text: str) -> str:
    """A number without blanks, dots, dashes and slashes, in capitals."""
    return _SEPARATORS.sub("", text).upper()


def luhn(digits: str) -> bool:
    """The Luhn formula (ISO/IEC 7812-1, annex B)."""
    doubled = (2 * int(digit) - 9 * (digit > "4") if place % 2 else int(digit) for place, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def payment_card(text: str) -> bool:
    """A card number: 12 to 19 digits in an issuer's range, with its Luhn digit."""
    digits = bare(text)
    if not _digits(digits, 12, 19):
        return False
    start = int(digits[:6])
    return any(low <= start <= high and len(digits) in lengths for low, high, lengths in _CARDS) and luhn(digits)


def iban(text: str) -> bool:
    """An IBAN: the length of its country, and the remainder 1 modulo 97."""
    number = bare(text)
    if _IBAN_LENGTHS.get(number[:2]) != len(number) or not number.isascii() or not number.isalnum():
        return False
    return int("".join(str(int(one, 36)) for one in number[4:] + number[:4])) % 97 == 1


def nhs_number(text: str) -> bool:
    """A UK NHS number: ten digits, the last one modulus 11."""
    digits = bare(text)
    return _digits(digits, 10) and (11 - _weighted(digits[:9], range(10, 1, -1)) % 11) % 11 == int(digits[9])


def nino(text: str) -> bool:
    """A UK National Insurance number by HMRC's rules for prefixes and suffixes (manual NIM39110); it has no check digit."""
    number = bare(text)
    if not re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?", number):
        return False
    return number[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def ssn(text: str) -> bool:
    """A US Social Security number by the SSA's rules (no area 000, 666 or 9xx, no group 00, no serial 0000); it has no check digit."""
    digits = bare(text)
    return _digits(digits, 9) and digits[:3] not in {"000", "666"} and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def canadian_sin(text: str) -> bool:
    """A Canadian Social Insurance Number: nine digits, Luhn; none begins with 0 or 8."""
    digits = bare(text)
    return _digits(digits, 9) and digits[0] not in "08" and luhn(digits)


def german_tax_id(text: str) -> bool:
    """A German Steuer-ID: eleven digits, one digit twice or three times among the first ten, ISO 7064 modulus 11,10."""
    digits = bare(text)
    if not _digits(digits, 11) or digits[0] == "0":
        return False
    repeats = sorted(digits[:10].count(digit) for digit in set(digits[:10]))
    return repeats[-1] in {2, 3} and repeats.count(1) == len(repeats) - 1 and _mod_11_10(digits)


def french_nir(text: str) -> bool:
    """A French NIR (INSEE): sex, year, month, place, order and the key 97 minus the rest modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    number = bare(text)
    if not re.fullmatch(r"[1-478][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])(?:[0-9]{2}|2A|2B)[0-9]{8}", number):
        return False
    return 97 - int(number[:13].replace("2A", "19").replace("2B", "18")) % 97 == int(number[13:])


def spanish_dni(text: str) -> bool:
    """A Spanish DNI or NIE: seven or eight digits and the letter at their remainder modulo 23."""
    number = bare(text)
    if not re.fullmatch(r"[0-9XYZ][0-9]{7}[A-Z]", number):
        return False
    return _SPANISH[int(number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")) % 23] == number[-1]


def italian_fiscal_code(text: str) -> bool:
    """An Italian codice fiscale: its form and its check letter (decree of 23 December 1976)."""
    code = bare(text)
    if not re.fullmatch(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]", code):
        return False
    even = sum(int(one, 36) - 10 * one.isalpha() for one in code[1:15:2])
    return (even + sum(_FISCAL_ODD[one] for one in code[:15:2])) % 26 == ord(code[15]) - 65


def dutch_bsn(text: str) -> bool:
    """A Dutch BSN: nine digits that pass the eleven test."""
    digits = bare(text)
    return _digits(digits, 9) and int(digits) > 0 and (_weighted(digits[:8], range(9, 1, -1)) - int(digits[8])) % 11 == 0


def belgian_national_number(text: str) -> bool:
    """A Belgian national number: eleven digits with a date first; 97 minus the rest modulo 97, with a 2 before it for births of 2000 to 2039."""
    digits = bare(text)
    if not _digits(digits, 11) or int(digits[2:4]) % 20 > 12 or int(digits[4:6]) > 31:  # noqa: PLR2004 - months and days
        return False
    births = (digits[:9], f"2{digits[:9]}") if digits[0] < "4" else (digits[:9],)
    return int(digits[9:]) in {97 - int(birth) % 97 for birth in births}


def polish_pesel(text: str) -> bool:
    """A Polish PESEL: eleven digits, a date of birth whose month tells the century, weights 1 3 7 9."""
    digits = bare(text)
    if not _digits(digits, 11):
        return False
    century = {0: 1900, 1: 2000, 2: 2100, 3: 2200, 4: 1800}[int(digits[2]) // 2]
    is_born = _is_day(century + int(digits[:2]), int(digits[2:4]) % 20, int(digits[4:6]))
    return is_born and _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def swedish_personal_number(text: str) -> bool:
    """A Swedish personnummer or samordningsnummer: a date and a Luhn digit over the last ten digits."""
    written = text.strip()
    if not re.fullmatch(r"(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}", written):
        return False
    digits = re.sub(r"\D", "", written)[-10:]
    day = int(digits[4:6])
    return _is_day(2000 + int(digits[:2]), int(digits[2:4]), day - 60 * (day > 60)) and luhn(digits)  # noqa: PLR2004 - 60 is added to the day of a co-ordination number


def finnish_identity_code(text: str) -> bool:
    """A Finnish henkilotunnus: a date, a century sign, and the character at the remainder modulo 31."""
    code = text.strip().upper()
    if not re.fullmatch(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]", code) or int(code[7:10]) < 2:  # noqa: PLR2004 - numbers begin at 002
        return False
    century = 1800 if code[6] == "+" else 1900 if code[6] in "-UVWXY" else 2000
    return _is_day(century + int(code[4:6]), int(code[2:4]), int(code[:2])) and _FINNISH[int(code[:6] + code[7:10]) % 31] == code[10]


def portuguese_nif(text: str) -> bool:
    """A Portuguese NIF of a person (it begins with 1, 2, 3 or 45): nine digits, modulus 11."""
    digits = bare(text)
    if not _digits(digits, 9) or not (digits[0] in "123" or digits.startswith("45")):
        return False
    return (11 - _weighted(digits[:8], range(9, 1, -1)) % 11) % 11 % 10 == int(digits[8])


def irish_pps(text: str) -> bool:
    """An Irish PPS number: seven digits and the letter at their weighted sum modulo 23, with or without a second letter."""
    number = bare(text)
    if not re.fullmatch(r"[0-9]{7}[A-W][ABHTWX]?", number):
        return False
    second = 9 * (ord(number[8]) - 64) if len(number) > 8 and number[8] in "ABH" else 0  # noqa: PLR2004 - a second letter
    return _IRISH[(_weighted(number[:7], range(8, 1, -1)) + second) % 23] == number[7]


def austrian_social_security(text: str) -> bool:
    """An Austrian social security number: ten digits, the fourth one the check digit (weights 3 7 9 and 5 8 4 2 1 6)."""
    digits = bare(text)
    return _digits(digits, 10) and digits[0] != "0" and _weighted(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(digits[3])


def norwegian_identity_number(text: str) -> bool:
    """A Norwegian fodselsnummer or D-number: a day and a month, and two check digits modulo 11."""
    digits = bare(text)
    if not _digits(digits, 11) or int(digits[:2]) % 40 not in range(1, 32) or int(digits[2:4]) % 40 not in range(1, 13):
        return False
    first = _weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0))
    return first % 11 == 0 and _weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def swiss_social_security(text: str) -> bool:
    """A Swiss AHV number: 756, nine digits, and an EAN-13 digit."""
    digits = bare(text)
    return _digits(digits, 13) and digits.startswith("756") and _weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def brazilian_cpf(text: str) -> bool:
    """A Brazilian CPF: eleven digits, not all the same, two check digits modulo 11."""
    digits = bare(text)
    if not _digits(digits, 11) or len(set(digits)) == 1:
        return False
    return all(_weighted(digits[:length], range(length + 1, 1, -1)) * 10 % 11 % 10 == int(digits[length]) for length in (9, 10))


def indian_aadhaar(text: str) -> bool:
    """An Indian Aadhaar number: twelve digits, not beginning with 0 or 1, with a Verhoeff digit."""
    digits = bare(text)
    if not _digits(digits, 12) or digits[0] in "01" or digits == digits[::-1]:
        return False
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[place % 8][int(digit)])])
    return check == 0


def vehicle_number(text: str) -> bool:
    """A VIN with the check digit that North America asks for (49 CFR 565.15)."""
    number = bare(text)
    if not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", number):
        return False
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", (*(1, 2, 3, 4, 5, 6, 7, 8), *(1, 2, 3, 4, 5), 7, 9, *range(2, 10), *range(10)), strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    return "0123456789X"[sum(values[one] * weight for one, weight in zip(number, weights, strict=True)) % 11] == number[8]


def imei(text: str) -> bool:
    """An IMEI: fifteen digits with a Luhn digit (3GPP TS 23.003)."""
    digits = bare(text)
    return _digits(digits, 15) and luhn(digits) and int(digits) > 0


def _digits(text: str, least: int, most: int = 0) -> bool:
    return least <= len(text) <= (most or least) and text.isascii() and text.isdecimal()


def _weighted(digits: str, weights: range | tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _mod_11_10(digits: str) -> bool:
    """ISO 7064, modulus 11,10, over all digits."""
    rest = 10
    for digit in digits[:-1]:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == int(digits[-1])


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True

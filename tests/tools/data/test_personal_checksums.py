"""Our check digits against python-stdnum, which implements the same rules independently."""

import random
from collections.abc import Callable
from datetime import date

import pytest
import stdnum.at.vnr
import stdnum.be.nn
import stdnum.br.cpf
import stdnum.ca.sin
import stdnum.ch.ssn
import stdnum.de.idnr
import stdnum.es.dni
import stdnum.es.nie
import stdnum.fi.hetu
import stdnum.fr.nir
import stdnum.gb.nhs
import stdnum.iban
import stdnum.ie.pps
import stdnum.imei
import stdnum.in_.aadhaar
import stdnum.it.codicefiscale
import stdnum.luhn
import stdnum.nl.bsn
import stdnum.no.fodselsnummer
import stdnum.pl.pesel
import stdnum.pt.nif
import stdnum.se.personnummer
import stdnum.us.ssn
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.tools.data.personal import checksums

Check = Callable[[str], bool]
ISSUED = 60


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - numbers to try, to be the same each time


def by_hand(make: Callable[[random.Random], str], theirs: Check) -> list[str]:
    """Numbers that the library takes, found by trying."""
    chance = seeded(7)
    found: list[str] = []
    for _ in range(60_000):
        one = make(chance)
        if theirs(one):
            found.append(one)
        if len(found) == ISSUED:
            break
    return found


def digits(many: int) -> Callable[[random.Random], str]:
    return lambda chance: str(chance.randrange(10 ** (many - 1), 10**many))


def dated(form: str, rest: int, sign: str = "") -> Callable[[random.Random], str]:
    def make(chance: random.Random) -> str:
        day = date.fromordinal(date(1940, 1, 1).toordinal() + chance.randrange(21_000))
        return f"{day:{form}}{sign}{chance.randrange(10**rest):0{rest}}"

    return make


def spanish(chance: random.Random) -> str:
    return f"{chance.randrange(10**8):08}{chance.choice('TRWAGMYFPDXBNJZSQVHLCKE')}"


def finnish(chance: random.Random) -> str:
    return dated("%d%m%y", 3, "-")(chance) + chance.choice("0123456789ABCDEFHJKLMNPRSTUVWXY")


def irish(chance: random.Random) -> str:
    return f"{chance.randrange(10**7):07}{chance.choice('WABCDEFGHIJKLMNOPQRSTUV')}{chance.choice(['', 'A', 'B', 'W', 'T'])}"


def french(chance: random.Random) -> str:
    start = f"{chance.choice('12')}{chance.randrange(100):02}{chance.randrange(1, 13):02}{chance.choice(['75', '33', '2A', '2B'])}{chance.randrange(10**6):06}"
    return start + stdnum.fr.nir.calc_check_digits(start + "00")


def italian(chance: random.Random) -> str:
    name = "".join(chance.choice("BCDFGLMNPRST") for _ in range(6))
    start = f"{name}{chance.randrange(100):02}{chance.choice('ABCDEHLMPRST')}{chance.randrange(1, 29):02}H{chance.randrange(100, 999)}"
    return start + stdnum.it.codicefiscale.calc_check_digit(start)


def german(chance: random.Random) -> str:
    ten = list("1234567890")
    chance.shuffle(ten)
    ten[chance.randrange(1, 10)] = ten[0] if ten[0] != "0" else "5"
    return "".join(ten) + str(chance.randrange(10))


PAIRS = [
    ("nhs_number", digits(10), stdnum.gb.nhs.is_valid),
    ("ssn", digits(9), stdnum.us.ssn.is_valid),
    ("canadian_sin", digits(9), stdnum.ca.sin.is_valid),
    ("german_tax_id", german, stdnum.de.idnr.is_valid),
    ("french_nir", french, stdnum.fr.nir.is_valid),
    ("spanish_dni", spanish, stdnum.es.dni.is_valid),
    ("italian_fiscal_code", italian, stdnum.it.codicefiscale.is_valid),
    ("dutch_bsn", digits(9), stdnum.nl.bsn.is_valid),
    ("belgian_national_number", dated("%y%m%d", 5), stdnum.be.nn.is_valid),
    ("polish_pesel", dated("%y%m%d", 5), stdnum.pl.pesel.is_valid),
    ("swedish_personal_number", dated("%y%m%d", 4, "-"), stdnum.se.personnummer.is_valid),
    ("finnish_identity_code", finnish, stdnum.fi.hetu.is_valid),
    ("irish_pps", irish, stdnum.ie.pps.is_valid),
    ("norwegian_identity_number", dated("%d%m%y", 5), stdnum.no.fodselsnummer.is_valid),
    ("swiss_social_security", lambda chance: f"756{chance.randrange(10**10):010}", stdnum.ch.ssn.is_valid),
    ("brazilian_cpf", digits(11), stdnum.br.cpf.is_valid),
    ("indian_aadhaar", digits(12), stdnum.in_.aadhaar.is_valid),
    ("imei", digits(15), stdnum.imei.is_valid),
]


@pytest.mark.parametrize(("name", "make", "theirs"), PAIRS, ids=[name for name, _, _ in PAIRS])
def test_a_number_is_taken_when_the_library_takes_it_and_refused_with_any_other_last_character(
    name: str, make: Callable[[random.Random], str], theirs: Check
) -> None:
    ours: Check = getattr(checksums, name)
    issued = by_hand(make, theirs)
    assert len(issued) == ISSUED
    assert [one for one in issued if not ours(one)] == []
    others = {one[:-1] + last for one in issued for last in "0123456789"} | {make(seeded(seed)) for seed in range(200)}
    assert [one for one in sorted(others) if ours(one) and not theirs(one)] == []


def test_an_austrian_number_agrees_with_the_library_where_it_has_a_real_date() -> None:
    numbers = [f"{chance.randrange(1000, 10000)}{date.fromordinal(711_000 + chance.randrange(20_000)):%d%m%y}" for chance in map(seeded, range(2_000))]
    assert sum(map(checksums.austrian_social_security, numbers)) > 100
    assert [one for one in numbers if checksums.austrian_social_security(one) is not stdnum.at.vnr.is_valid(one)] == []


def test_a_portuguese_number_agrees_with_the_library_for_persons() -> None:
    numbers = [str(seeded(seed).randrange(100_000_000, 400_000_000)) for seed in range(2_000)]
    assert sum(map(checksums.portuguese_nif, numbers)) > 100
    assert [one for one in numbers if checksums.portuguese_nif(one) is not stdnum.pt.nif.is_valid(one)] == []


@given(st.text(alphabet="0123456789", min_size=1, max_size=19))
def test_the_luhn_formula_is_the_librarys(number: str) -> None:
    assert checksums.luhn(number) is stdnum.luhn.is_valid(number)


@pytest.mark.parametrize(
    "number", ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "FR1420041010050500013M02606", "NO9386011117947", "NL91ABNA0417164300"]
)
def test_an_iban_has_its_countrys_length_and_passes_97(number: str) -> None:
    assert checksums.iban(number)
    assert stdnum.iban.is_valid(number, check_country=False)
    assert not checksums.iban(number[:-1] + ("1" if number[-1] != "1" else "2"))
    assert not checksums.iban(number + "0")


@pytest.mark.parametrize(
    ("number", "is_card"),
    [
        ("4111 1111 1111 1111", True),
        ("5555-5555-5555-4444", True),
        ("378282246310005", True),
        ("30569309025904", True),
        ("6011111111111117", True),
        ("3530111333300000", True),
        ("2223003122003222", True),
        ("4111111111111112", False),
        ("1234567812345670", False),
        ("41111111111111", False),
    ],
)
def test_a_card_has_an_issuers_range_a_length_and_a_luhn_digit(number: str, is_card: bool) -> None:  # noqa: FBT001 - a table
    assert checksums.payment_card(number) is is_card


@pytest.mark.parametrize(
    ("number", "is_one"),
    [("AB123456C", True), ("ab 12 34 56 c", True), ("QQ123456C", False), ("BG123456A", False), ("AO123456A", False), ("AB123456E", False), ("AB123456", True)],
)
def test_a_national_insurance_number_keeps_to_hmrcs_prefixes(number: str, is_one: bool) -> None:  # noqa: FBT001 - the same
    assert checksums.nino(number) is is_one


def test_a_vehicle_number_has_its_check_digit() -> None:
    assert checksums.vehicle_number("1M8GDM9AXKP042788")  # the worked case of 49 CFR 565.15
    assert not checksums.vehicle_number("1M8GDM9A1KP042788")


@given(st.text(max_size=40))
def test_no_text_is_more_than_a_check_can_take(text: str) -> None:
    checks = [getattr(checksums, name) for name in ("payment_card", "iban", "nino", "vehicle_number", "portuguese_nif", *(name for name, _, _ in PAIRS))]
    assert {check(text) for check in checks} <= {True, False}

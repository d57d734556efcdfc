"""Our validators against python-stdnum: the same verdict on every value of the right shape.

Where the two differ for a reason, the case says which values and why, and the difference is tested
to be no other. Values of one repeated digit, which ours never take, do not occur by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from random import Random
from typing import NamedTuple

import pytest

from sentinel.pii.validators import VALIDATORS
from sentinel.pii.validators.iban_registry import STRUCTURES

from .number_makers import Maker, checked, structure, template

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:stdnum")


class Case(NamedTuple):
    """One identifier.

    ``stricter`` says of a value that stdnum takes why ours does not, ``looser`` the other way
    round: both return True for the values that may differ.
    """

    ours: str
    theirs: str
    make: Maker
    stricter: Callable[[str], bool] = lambda value: False
    looser: Callable[[str], bool] = lambda value: False


CASES = (
    # stdnum also knows the check digits that four countries have inside.
    Case("iban", "iban", structure(STRUCTURES), looser=lambda v: v[:2] in ("BE", "ES", "ME", "NO")),
    # stdnum knows no countries: it takes any two letters.
    Case(
        "bic",
        "bic",
        template("{A}{A}{A}{A}{DE|FR|GB|US|QQ}{A}{1}", "{A}{A}{A}{A}NL{A}{A}{3}"),
        stricter=lambda v: v[4:6] == "QQ",
    ),
    Case("imei", "imei", template("{35|01|86|99}{13}", "49-{6}-{6}-{1}")),
    Case("base58_address", "bitcoin", template("1{A}{A}{9}{A}{9}{A}{A}{9}")),
    Case("us_ssn", "us.ssn", template("{3}-{2}-{4}", "{9}", "{000|666|900|123}-{2}-0000")),
    # The IRS also gives out the groups 50 to 65, since 2011.
    Case(
        "us_itin",
        "us.itin",
        template("9{2}-{2}-{4}", "9{8}", "{9}"),
        looser=lambda v: 50 <= int(v.replace("-", "")[3:5]) <= 65,
    ),
    # Districts end at 12, and their branches are 21 to 32, 61 to 72 and 80.
    Case(
        "us_routing",
        "us.rtn",
        template("{0..12}{7}", "{9}"),
        stricter=lambda v: (
            not (
                1 <= int(v[:2]) <= 12
                or 21 <= int(v[:2]) <= 32
                or 61 <= int(v[:2]) <= 72
                or int(v[:2]) == 80
            )
        ),
    ),
    # 0 and 8 are not given out.
    Case(
        "ca_sin",
        "ca.sin",
        template("{9}", "{3}-{3}-{3}", "{3} {3} {3}"),
        stricter=lambda v: v[0] in "08",
    ),
    # stdnum keeps a list of words that the registry alters.
    Case(
        "mx_curp",
        "mx.curp",
        template("{A}{=AEIOUX}{A}{A}{ymd}{=HM}{AS|DF|NL|XX}{=BCDFG}{=HJKLM}{=NPQRST}{=0123AB}{1}"),
        stricter=lambda v: v[11:13] == "XX",
        looser=lambda v: True,
    ),
    Case("uk_nhs", "gb.nhs", template("{10}", "{3} {3} {4}", "{3}-{3}-{4}")),
    Case("ie_pps", "ie.pps", template("{7}{A}", "{7}{A}{A}", "{7}{A}W")),
    Case(
        "de_tax_id",
        "de.idnr",
        template(
            "{11}", "{2} {3} {3} {3}", "{=12}{=34}{=56}{=78}{=90}{=12}{=34}{=56}{=78}{=90}{1}"
        ),
    ),
    Case("at_vnr", "at.vnr", template("{4}{dmy}", "{4} {dmy}")),
    Case("ch_ahv", "ch.ssn", template("756.{4}.{4}.{2}", "756{10}", "{13}")),
    # stdnum leaves the month alone and any first digit.
    Case(
        "fr_nir",
        "fr.nir",
        template("{12}{2}{01..12}{10}", "{1}{4}{2A|2B|75}{8}", "{1} {2} {01..12} {2} {3} {3} {2}"),
        stricter=lambda v: True,
    ),
    Case("fr_spi", "fr.nif", checked(template("{=0123}{9}"), lambda n: f"{int(n) % 511:03}")),
    # stdnum also takes days past the end of the month, and asks the clock; ours takes BIS too.
    Case(
        "be_nn",
        "be.nn",
        template("{ymd}{5}", "{2}.{2}.{2}-{3}.{2}"),
        stricter=lambda v: int(v.replace(".", "")[4:6]) > 28,
        looser=lambda v: 26 <= int(v[:2]) <= 29 or int(v.replace(".", "")[2:4]) >= 20,
    ),
    Case("nl_bsn", "nl.bsn", template("{9}", "{4}.{2}.{3}", "{8}")),
    Case("es_dni", "es.dni", template("{8}{A}", "{8}-{A}")),
    Case("es_nie", "es.nie", template("{=XYZ}{7}{A}", "{=XYZ}-{7}-{A}")),
    Case("pt_nif", "pt.nif", template("{9}", "{3} {3} {3}")),
    # Days are 1 to 31 and 41 to 71; stdnum takes the remainder by 40 of any number.
    Case(
        "it_fiscal_code",
        "it.codicefiscale",
        template(
            "{A}{A}{A}{A}{A}{A}{2}{=ABCDEHLMPRST}{01..71}{A}{3}{A}",
            "{A}{A}{A}{A}{A}{A}{1}L{=ABCDEHLMPRST}{1}M{A}{3}{A}",
        ),
        stricter=lambda v: v[9] in "789TUV",
    ),
    Case("gr_amka", "gr.amka", template("{dmy}{5}")),
    # stdnum does not know the samordningsnummer, whose day is higher by 60.
    Case(
        "se_personnummer",
        "se.personnummer",
        template("{ymd}-{4}", "{ymd}{4}", "{Ymd}-{4}", "{Ymd}{4}", "{4}{61..91}-{4}"),
        looser=lambda v: int(v.replace("-", "")[-6:-4]) > 60,
    ),
    Case("fi_hetu", "fi.hetu", template("{dmy}{=-A}{3}{1}", "{dmy}{=-+A}{3}{=ABCDEFHJKLMN}")),
    # stdnum asks the clock whether somebody is born yet, and does not know H-numbers.
    Case(
        "no_fnr",
        "no.fodselsnummer",
        template("{dmy}{5}", "{41..71}{01..12}{2}{5}"),
        looser=lambda v: 26 <= int(v[4:6]) <= 39 or int(v[2:4]) > 40,
    ),
    Case("dk_cpr", "dk.cpr", template("{dmy}-{4}", "{dmy}{4}"), looser=lambda v: True),
    Case("is_kennitala", "is_.kennitala", template("{dmy}-{3}{=90}", "{dmy}{4}")),
    # 7 and 8 are for those born from 2100 on.
    Case("baltic_code", "ee.ik", template("{=12345678}{ymd}{4}"), stricter=lambda v: v[0] in "78"),
    Case("baltic_code", "lt.asmens", template("{=123456}{ymd}{4}")),
    # Nobody is born yet in 2100.
    Case(
        "pl_pesel",
        "pl.pesel",
        template("{ymd}{5}", "{2}{21..32}{01..28}{5}", "{11}"),
        stricter=lambda v: 40 <= int(v[2:4]) < 80,
    ),
    Case("cz_rc", "cz.rc", template("{ymd}/{4}", "{2}{51..62}{01..28}{4}", "{ymd}{3}")),
    Case("cz_rc", "sk.rc", template("{ymd}/{4}")),
    Case("hr_oib", "hr.oib", template("{11}")),
    Case("jmbg", "si.emso", template("{dmyyy}{6}")),
    Case("bg_egn", "bg.egn", template("{ymd}{4}", "{2}{41..52}{01..28}{4}")),
    Case("ro_cnp", "ro.cnp", template("{=12345678}{ymd}{01..46}{3}{1}", "{1}{ymd}{6}")),
    Case("ru_inn", "ru.inn", template("{12}")),
    Case("ua_rntrc", "ua.rntrc", template("{10}")),
    Case("tr_tckn", "tr.tckimlik", template("{11}")),
    Case("br_cpf", "br.cpf", template("{3}.{3}.{3}-{2}", "{11}")),
    Case("br_cnpj", "br.cnpj", template("{2}.{3}.{3}/0001-{2}", "{14}")),
    Case("cl_rut", "cl.rut", template("{2}.{3}.{3}-{=0123456789K}", "{8}{1}", "{8}-K")),
    Case("ar_cuit", "ar.cuit", template("{20|23|27|30|44}-{8}-{1}")),
    Case("ec_ci", "ec.ci", template("{01..24}{8}", "{10}")),
    Case("do_cedula", "do.cedula", template("{3}-{7}-{1}")),
    # stdnum has a list of all counties, ours of the provinces.
    Case(
        "cn_ric",
        "cn.ric",
        template("110101{Ymd}{3}{=0123456789X}", "{310104|440106|210202}{Ymd}{4}"),
        looser=lambda v: True,
    ),
    Case("in_aadhaar", "in_.aadhaar", template("{12}", "{4} {4} {4}")),
    Case("in_pan", "in_.pan", template("{A}{A}{A}{=PHCQZ}{A}{4}{A}", "{A}{A}{A}P{A}0000{A}")),
    Case("kr_rrn", "kr.rrn", template("{ymd}-{=12345678}{6}", "{ymd}{7}")),
    Case("my_nric", "my.nric", template("{ymd}-{2}-{4}", "{ymd}{6}"), looser=lambda v: True),
    Case("th_pin", "th.pin", template("{=12345678}{12}", "{1}-{4}-{5}-{2}-{1}")),
    # stdnum has a list of all districts; serials start at 1.
    Case(
        "id_nik",
        "id.nik",
        template("{31|32|73}{4}{dmy}{4}"),
        looser=lambda v: True,
        stricter=lambda v: v.endswith("0000"),
    ),
    Case("il_id", "il.idnr", template("{9}", "{8}-{1}")),
    Case("pk_cnic", "pk.cnic", template("{5}-{7}-{1}", "{13}")),
    Case("au_tfn", "au.tfn", template("{9}", "{3} {3} {3}", "{8}")),
    Case("au_abn", "au.abn", template("{11}", "{2} {3} {3} {3}")),
    Case("nz_ird", "nz.ird", template("{9}", "{2}-{3}-{3}", "{8}")),
    Case("za_id", "za.idnr", template("{ymd}{4}{=012}{2}", "{ymd} {4} 08{1}")),
)


def _agree(case: Case, count: int) -> None:
    check, theirs = VALIDATORS[case.ours].check, import_module(f"stdnum.{case.theirs}").is_valid
    rng = Random(f"{case.ours} {case.theirs}")
    verdicts = {True: 0, False: 0}
    for _ in range(count):
        value = case.make(rng)
        ours, other = check(value), theirs(value)
        verdicts[ours] += 1
        if ours != other:
            differs = case.looser if ours else case.stricter
            assert differs(value), f"{value}: we say {ours}"
    if case.ours != "base58_address":  # one in four thousand million by chance
        assert verdicts[True] > count / 2_500
    assert verdicts[False]


def _name(case: Case) -> str:
    return case.theirs


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_agrees_with_stdnum(case: Case) -> None:
    _agree(case, 2_000)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_agrees_with_stdnum_on_many(case: Case) -> None:
    _agree(case, 20_000)

"""Checks of a value's inner logic: check digits, registries of prefixes, dates that exist.

A validator takes the value as it stands in the text, separators included, and never raises. Its
module is loaded when it is first asked, so that a table of all of them costs nothing.

The odds of one are those of its check digits alone: numbers that are counted up pass or fail a rule
of prefixes or dates all together, so that such a rule says nothing about a column.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ..model import Validator

# Function and odds, by module.
_TABLE: dict[str, dict[str, float]] = {
    "financial": {
        "card": 0.1,
        "iban": 1 / 97,
        "iban_digits": 1 / 97,
        "bic": 1.0,
        "us_routing": 0.1,
        "us_bank_account": 1.0,
        "uk_sort_code": 1.0,
    },
    "crypto": {
        "base58_address": 2**-32,
        "bech32_address": 2**-30,
        "ethereum_address": 1.0,
        "ethereum_checksum": 2**-15,
    },
    "contact": {"email": 1.0},
    "phones": {
        "phone_international": 1.0,
        "phone_nanp": 1.0,
        "phone_local": 1.0,
        "phone_cell": 1.0,
    },
    "network": {"ipv4": 1.0, "ipv6": 1.0, "mac": 1.0, "imei": 0.1},
    "places": {
        "gps_pair": 1.0,
        "gps_single": 1.0,
        "street_address": 1.0,
        "postcode": 1.0,
        "address_shape": 1.0,
    },
    "people": {"full_name": 1.0, "given_name": 1.0, "sex": 1.0},
    "dates": {"birth_date": 1.0},
    "documents": {
        "mrz": 0.001,
        "passport": 1.0,
        "document_number": 1.0,
        "vin": 1 / 11,
        "license_plate": 1.0,
    },
    "north_america": {
        "us_ssn": 1.0,
        "us_itin": 1.0,
        "us_npi": 0.1,
        "us_dea": 0.1,
        "us_mbi": 1.0,
        "ca_sin": 0.1,
        "mx_curp": 0.1,
    },
    "europe_west": {
        "uk_nino": 1.0,
        "uk_nhs": 1 / 11,
        "ie_pps": 1 / 23,
        "de_tax_id": 0.1,
        "de_pension": 0.1,
        "at_vnr": 1 / 11,
        "ch_ahv": 0.1,
        "fr_nir": 1 / 97,
        "fr_spi": 1 / 511,
        "be_nn": 1 / 97,
        "nl_bsn": 1 / 11,
        "es_dni": 1 / 23,
        "es_nie": 1 / 23,
        "pt_nif": 0.1,
        "it_fiscal_code": 1 / 26,
    },
    "europe_north": {
        "se_personnummer": 0.1,
        "fi_hetu": 1 / 31,
        "no_fnr": 1 / 121,
        "dk_cpr": 1.0,
        "is_kennitala": 1 / 11,
        "baltic_code": 0.1,
        "lv_pk": 1.0,
    },
    "europe_east": {
        "pl_pesel": 0.1,
        "cz_rc": 1 / 11,
        "hr_oib": 0.1,
        "jmbg": 1 / 11,
        "bg_egn": 1 / 11,
        "ro_cnp": 1 / 11,
        "gr_amka": 0.1,
        "hu_taj": 0.1,
        "hu_tax_id": 1 / 11,
        "ru_inn": 0.01,
        "ru_snils": 0.01,
        "ua_rntrc": 1 / 11,
        "tr_tckn": 0.01,
    },
    "latin_america": {
        "br_cpf": 0.01,
        "br_cnpj": 0.01,
        "cl_rut": 1 / 11,
        "ar_cuit": 1 / 11,
        "uy_ci": 0.1,
        "ec_ci": 0.1,
        "do_cedula": 0.1,
    },
    "asia": {
        "cn_ric": 1 / 11,
        "in_aadhaar": 0.1,
        "in_pan": 1.0,
        "kr_rrn": 0.1,
        "jp_my_number": 0.1,
        "sg_nric": 1 / 26,
        "hk_id": 1 / 11,
        "tw_id": 0.1,
        "my_nric": 1.0,
        "th_pin": 0.1,
        "id_nik": 1.0,
        "pk_cnic": 1.0,
        "il_id": 0.1,
        "ae_id": 0.1,
    },
    "africa_pacific": {
        "au_tfn": 1 / 11,
        "au_abn": 1 / 89,
        "au_medicare": 0.1,
        "nz_ird": 1 / 11,
        "za_id": 0.1,
        "eg_nid": 1.0,
    },
}


def _deferred(module: str, name: str) -> Callable[[str], bool]:
    loaded: list[Callable[[str], bool]] = []

    def check(text: str) -> bool:
        if not loaded:
            loaded.append(getattr(import_module(f"{__name__}.{module}"), name))
        return loaded[0](text)

    check.__name__ = name
    return check


VALIDATORS: dict[str, Validator] = {
    name: Validator(_deferred(module, name), odds)
    for module, functions in _TABLE.items()
    for name, odds in functions.items()
}
"""All validators by the name that rules use."""

"""An example and its near miss for each type of personal data, made when they are needed.

Numbers come from a template: the first that the validator takes is the example, the first that it
does not take is the near miss. No number of anybody is written down here.
"""

from __future__ import annotations

from typing import NamedTuple

from sentinel.pii.validators.iban_registry import STRUCTURES

from .number_makers import Maker, structure, template


class Numbers(NamedTuple):
    """A sentence around numbers of a type (``{}``), the maker of them and who tells them apart."""

    sentence: str
    make: Maker
    validator: str


def _t(*texts: str) -> Maker:
    return template(*texts)


NUMBERS = {
    "CREDIT_CARD": Numbers("Paid with {}.", _t("4{3} {4} {4} {4}"), "card"),
    "IBAN": Numbers("Transfer to {} today", structure({"DE": STRUCTURES["DE"]}), "iban"),
    "US_BANK_ROUTING": Numbers("routing number: {}", _t("0{1}{7}"), "us_routing"),
    "US_SSN": Numbers("SSN {}, on file", _t("{3}-{2}-{4}", "000-{2}-{4}"), "us_ssn"),
    "US_ITIN": Numbers("ITIN {}", _t("9{2}-{2}-{4}"), "us_itin"),
    "US_NPI": Numbers("NPI: {}", _t("1{9}"), "us_npi"),
    "US_DEA": Numbers("DEA number {}", _t("B{A}{7}"), "us_dea"),
    "CA_SIN": Numbers("SIN: {}", _t("{=123}{2} {3} {3}"), "ca_sin"),
    "MX_CURP": Numbers(
        "CURP {}", _t("{A}{=AEIOU}{A}{A}{ymd}{=HM}DF{=BCD}{=FGH}{=JKL}0{1}"), "mx_curp"
    ),
    "UK_NINO": Numbers("NINO {} was given", _t("{=ABCE}{=GHJ}{6}C", "QQ{6}C"), "uk_nino"),
    "UK_NHS": Numbers("NHS number: {}", _t("4{2} {3} {4}"), "uk_nhs"),
    "IE_PPS": Numbers("PPS number {}", _t("{7}{A}"), "ie_pps"),
    "DE_TAX_ID": Numbers(
        "Steuer-ID: {}", _t("{=12}{=34}{=56}{=78}9{=12}{=34}0{=56}{=78}{1}"), "de_tax_id"
    ),
    "DE_PENSION_ID": Numbers("Rentenversicherungsnummer {}", _t("{2}{dmy}M{3}"), "de_pension"),
    "AT_SSN": Numbers("SV-Nummer: {}", _t("1{3} {dmy}"), "at_vnr"),
    "CH_AHV": Numbers("AHV {}", _t("756.{4}.{4}.{2}"), "ch_ahv"),
    "FR_NIR": Numbers("NIR : {}", _t("{=12} {2} {01..12} {2} {3} {3} {2}"), "fr_nir"),
    "FR_TAX_ID": Numbers("numéro fiscal : {}", _t("0{12}"), "fr_spi"),
    "BE_NN": Numbers("rijksregisternummer {}", _t("{ymd}{5}"), "be_nn"),
    "NL_BSN": Numbers("BSN: {}", _t("{9}"), "nl_bsn"),
    "ES_DNI": Numbers("DNI {}", _t("{8}{A}"), "es_dni"),
    "ES_NIE": Numbers("NIE {}", _t("X{7}{A}"), "es_nie"),
    "PT_NIF": Numbers("contribuinte {}", _t("2{8}"), "pt_nif"),
    "IT_FISCAL_CODE": Numbers(
        "codice fiscale {}", _t("RSSMRA{2}{=ABCDEHLM}{01..31}H501{A}"), "it_fiscal_code"
    ),
    "GR_AMKA": Numbers("AMKA {}", _t("{dmy}{5}"), "gr_amka"),
    "SE_PNR": Numbers("personnummer {}", _t("{Ymd}-{4}"), "se_personnummer"),
    "FI_HETU": Numbers("henkilötunnus {}", _t("{dmy}-{3}{1}"), "fi_hetu"),
    "NO_FNR": Numbers("fødselsnummer {}", _t("{dmy}{5}"), "no_fnr"),
    "DK_CPR": Numbers("CPR-nr. {}", _t("{dmy}-{4}"), "dk_cpr"),
    "IS_KENNITALA": Numbers("kennitala {}", _t("{dmy}-{3}9"), "is_kennitala"),
    "EE_LT_CODE": Numbers("isikukood {}", _t("3{ymd}{4}"), "baltic_code"),
    "LV_PK": Numbers("personas kods {}", _t("{dmy}-1{4}"), "lv_pk"),
    "PL_PESEL": Numbers("PESEL: {}", _t("{ymd}{5}"), "pl_pesel"),
    "CZ_RC": Numbers("rodné číslo {}", _t("{ymd}/{4}"), "cz_rc"),
    "HU_TAJ": Numbers("TAJ szám: {}", _t("{3} {3} {3}"), "hu_taj"),
    "HU_TAX_ID": Numbers("adóazonosító jel: {}", _t("8{9}"), "hu_tax_id"),
    "HR_OIB": Numbers("OIB: {}", _t("{11}"), "hr_oib"),
    "JMBG": Numbers("JMBG {}", _t("{dmyyy}{6}"), "jmbg"),
    "BG_EGN": Numbers("ЕГН {}", _t("{ymd}{4}"), "bg_egn"),
    "RO_CNP": Numbers("CNP: {}", _t("1{ymd}{01..46}{4}"), "ro_cnp"),
    "RU_SNILS": Numbers("СНИЛС {}", _t("{3}-{3}-{3} {2}"), "ru_snils"),
    "RU_INN": Numbers("ИНН {}", _t("{12}"), "ru_inn"),
    "UA_RNTRC": Numbers("РНОКПП {}", _t("{10}"), "ua_rntrc"),
    "TR_TCKN": Numbers("T.C. Kimlik No: {}", _t("{=123}{10}"), "tr_tckn"),
    "BR_CPF": Numbers("CPF {}", _t("{3}.{3}.{3}-{2}"), "br_cpf"),
    "BR_CNPJ": Numbers("CNPJ {}", _t("{2}.{3}.{3}/0001-{2}"), "br_cnpj"),
    "CL_RUT": Numbers("RUT {}", _t("1{1}.{3}.{3}-{1}"), "cl_rut"),
    "AR_CUIT": Numbers("CUIT {}", _t("20-{8}-{1}"), "ar_cuit"),
    "UY_CI": Numbers("cédula de identidad {}", _t("{=1234}.{3}.{3}-{1}"), "uy_ci"),
    "EC_CI": Numbers("cédula de ciudadanía {}", _t("17{8}"), "ec_ci"),
    "DO_CEDULA": Numbers("cédula {}", _t("{3}-{7}-{1}"), "do_cedula"),
    "CN_RIC": Numbers("身份证号:{}", _t("110101{Ymd}{3}{1}"), "cn_ric"),
    "HK_ID": Numbers("HKID {}", _t("{A}{6}({1})"), "hk_id"),
    "TW_ID": Numbers("身分證字號:{}", _t("{A}1{8}"), "tw_id"),
    "IN_AADHAAR": Numbers("Aadhaar: {}", _t("{=2345}{3} {4} {4}"), "in_aadhaar"),
    "IN_PAN": Numbers("PAN card {}", _t("{A}{A}{A}P{A}{4}{A}", "{A}{A}{A}P{A}0000{A}"), "in_pan"),
    "KR_RRN": Numbers("주민등록번호 {}", _t("{ymd}-1{6}"), "kr_rrn"),
    "JP_MY_NUMBER": Numbers("マイナンバー:{}", _t("{12}"), "jp_my_number"),
    "SG_NRIC": Numbers("NRIC {}", _t("S{7}{A}"), "sg_nric"),
    "MY_NRIC": Numbers("MyKad {}", _t("{ymd}-14-{4}"), "my_nric"),
    "TH_PIN": Numbers("Thai ID {}", _t("1-{4}-{5}-{2}-{1}"), "th_pin"),
    "ID_NIK": Numbers("NIK: {}", _t("3171{2}{dmy}{4}"), "id_nik"),
    "PK_CNIC": Numbers("CNIC {}", _t("3{4}-{7}-{1}"), "pk_cnic"),
    "IL_ID": Numbers("תעודת זהות {}", _t("{9}"), "il_id"),
    "AE_ID": Numbers("Emirates ID {}", _t("784-19{2}-{7}-{1}"), "ae_id"),
    "ZA_ID": Numbers("ID number: {}", _t("{ymd}{4}08{1}"), "za_id"),
    "EG_NID": Numbers("national ID: {}", _t("2{ymd}01{5}"), "eg_nid"),
    "AU_TFN": Numbers("TFN: {}", _t("{3} {3} {3}"), "au_tfn"),
    "AU_MEDICARE": Numbers("Medicare card {}", _t("2{3} {5} {1}"), "au_medicare"),
    "AU_ABN": Numbers("ABN {}", _t("{=12345}{1} {3} {3} {3}"), "au_abn"),
    "NZ_IRD": Numbers("IRD number {}", _t("{11..99}-{3}-{3}"), "nz_ird"),
    "IMEI": Numbers("IMEI: {}", _t("35{13}"), "imei"),
    "VEHICLE_ID": Numbers("VIN: {}", _t("1M8GDM9{1}1KP{6}"), "vin"),
}

TEXTS: dict[str, tuple[str, str]] = {
    "CARD_SECURITY_CODE": ("cvv: 813", "the cvv is on the back of the card"),
    "US_BANK_ACCOUNT": ("checking account 000123456789", "checking account opened in 2019"),
    "UK_SORT_CODE": ("sort code: 20-32-53", "sort code path for 3 keys"),
    "CRYPTO_ADDRESS": (
        "send to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        "send to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdz",
    ),
    "US_MBI": ("MBI 1EG4-TE5-MK73", "MBI 1SG4-TE5-MK73"),
    "DE_ID_CARD": ("Personalausweis L01X00T471", "Personalausweis verloren"),
    "EMAIL": ("write to jane.miller@posteo.de", "write to jane.miller@example.org"),
    "PHONE": ("call +44 20 7946 0958 now", "build +44 20 7 of the day"),
    "IP_ADDRESS": ("login from 84.23.115.3", "login from 192.168.115.3"),
    "MAC_ADDRESS": ("seen 3c:22:fb:41:9a:b7 twice", "seen 3c:22:fb:41:9a:b7:00:11 twice"),
    "STREET_ADDRESS": ("address: 4711 Maple Grove Avenue", "address: 4711 bytes from the start"),
    "GPS": ("GPS: 52.520008, 13.404954", "GPS: 52.5, 13.4"),
    "PERSON": ("Patient: Maria Hernandez", "Patient: Second Visit"),
    "DATE_OF_BIRTH": ("date of birth: 1984-02-29", "date of birth: 1985-02-29"),
    "PASSPORT": ("passport number C01X00T47", "passport number required"),
    "DRIVER_LICENSE": ("driver's license D6101-40706-60905", "driver's license INTRODUCTORY"),
    "MEDICAL_RECORD": ("MRN: 00748213", "MRN: 11111111"),
    "LICENSE_PLATE": ("Kennzeichen: B-MW 1234", "Kennzeichen: ABCDEF"),
}

CELLS: dict[str, tuple[str, str]] = {
    "POSTCODE": ("SW1A 1AA", "London"),
    "GPS_COORDINATE": ("52.520008", "52.5"),
    "SEX": ("female", "blue"),
    "PERSON": ("Müller, Anna", "North Dakota"),
    "STREET_ADDRESS": ("Calle Mayor 12", "Chapter Twelve"),
    "DATE_OF_BIRTH": ("1984-02-28T00:00:00Z", "1984-02-31T00:00:00Z"),
}
# Known by a bank, not by who has an account there: never likely on its own.
NEVER_LIKELY = {"BIC"}

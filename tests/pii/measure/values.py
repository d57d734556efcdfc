"""Every personal type: how it is made, what names it in columns, keys and sentences."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from . import finance, identities, people


class Kind(NamedTuple):
    """One type of personal data.

    Attributes:
        make: Gives a value.
        headers: Names of columns and keys, as tables have them.
        cues: What stands before a value in a sentence, in the languages it occurs in.
        strong: Whether shape and check alone tell it, without a name.
    """

    make: Callable[[Random], str]
    headers: tuple[str, ...]
    cues: tuple[str, ...]
    strong: bool


def _strings(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


def _kind(make: Callable[[Random], str], headers: str, cues: str, strong: bool = True) -> Kind:
    return Kind(make, _strings(headers), _strings(cues), strong)


PERSONAL: dict[str, Kind] = {
    "EMAIL": _kind(
        people.email, "email|e_mail|Email Address|contact_email|mail|userEmail",
        "You can reach me at|Email:|E-Mail:|My address is|écrire à|correo electrónico:",
    ),
    "CREDIT_CARD": _kind(
        finance.card, "card_number|credit_card|cc_number|cardNumber|pan|Card No",
        "Card number:|My credit card is|charged to Visa|numéro de carte:|Kreditkarte:|card no.",
    ),
    "IBAN": _kind(
        finance.iban, "iban|IBAN|bank_account|account_iban",
        "IBAN:|Bank account|Bankverbindung IBAN|transfer it to|IBAN de la cuenta:",
    ),
    "US_SSN": _kind(
        identities.us_ssn, "ssn|SSN|social_security_number|Social Security No",
        "My SSN is|SSN:|the social security number is|Social Security Number:",
    ),
    "PHONE": _kind(
        people.phone, "phone|phone_number|Telephone|mobile|cell_phone|contactPhone|tel",
        "Call me at|Phone:|Tel.:|my mobile is|Telefon:|téléphone :|teléfono:|cell:",
    ),
    "UK_NINO": _kind(
        identities.uk_nino, "nino|national_insurance_number|NI Number",
        "National Insurance number:|My NI number is|NINO:",
    ),
    "UK_NHS": _kind(
        identities.uk_nhs, "nhs_number|NHS No|nhs", "NHS number:|NHS No:|her NHS number is",
    ),
    "DE_TAX_ID": _kind(
        identities.de_tax_id, "steuer_id|tax_id|Steueridentifikationsnummer|steuer_idnr",
        "Steuer-ID:|Steueridentifikationsnummer:|meine Steuer-IdNr. ist|German tax ID:",
    ),
    "FR_NIR": _kind(
        identities.fr_nir, "nir|numero_secu|num_securite_sociale",
        "numéro de sécurité sociale :|NIR :|Mon numéro de sécu est|n° de sécurité sociale",
    ),
    "ES_DNI": _kind(identities.es_dni, "dni|nif|DNI", "DNI:|Mi DNI es|con DNI|NIF:"),
    "ES_NIE": _kind(identities.es_nie, "nie|NIE|num_nie", "NIE:|Mi NIE es|con NIE"),
    "IT_CF": _kind(
        identities.it_cf, "codice_fiscale|cod_fiscale|CF",
        "Codice fiscale:|il mio codice fiscale è|C.F.|cod. fiscale",
    ),
    "IN_AADHAAR": _kind(
        identities.in_aadhaar, "aadhaar|aadhaar_number|aadhar_no|uidai",
        "Aadhaar:|My Aadhaar number is|Aadhaar no.|Aadhar card:",
    ),
    "IN_PAN": _kind(
        identities.in_pan, "pan_number|pan_card|pan_no", "PAN:|My PAN is|PAN card:|PAN number:",
    ),
    "BR_CPF": _kind(
        identities.br_cpf, "cpf|CPF|cpf_cliente", "CPF:|meu CPF é|CPF nº|CPF do cliente:",
    ),
    "CN_RIC": _kind(
        identities.cn_ric, "id_card|resident_id|身份证号|identity_card",
        "身份证号\uff1a|身份证号码:|Chinese resident ID:|ID card number:",
    ),
    "PL_PESEL": _kind(
        identities.pl_pesel, "pesel|PESEL|nr_pesel", "PESEL:|numer PESEL:|mój PESEL to",
    ),
    "NL_BSN": _kind(
        identities.nl_bsn, "bsn|burgerservicenummer|BSN", "BSN:|burgerservicenummer:|mijn BSN is",
    ),
    "CA_SIN": _kind(
        identities.ca_sin, "sin|social_insurance_number|SIN",
        "SIN:|Social Insurance Number:|my Canadian SIN is",
    ),
    "CRYPTO_ADDRESS": _kind(
        finance.crypto, "wallet|btc_address|wallet_address|crypto_address",
        "wallet:|send the BTC to|Bitcoin address:|my wallet address is",
    ),
    "IP": _kind(
        people.public_ip, "ip|ip_address|client_ip|remote_addr|last_login_ip",
        "from IP|logged in from|client ip:|IP address",
    ),
    "MAC": _kind(
        people.mac, "mac|mac_address|device_mac", "MAC address|device|hwaddr|from MAC",
    ),
    "PASSPORT": _kind(
        people.passport, "passport|passport_number|Passport No|passportNumber",
        "Passport number:|my passport is|Passport No.|Reisepass:", False,
    ),
    "DRIVER_LICENSE": _kind(
        people.licence, "driver_license|drivers_license_number|DL Number|driving_licence",
        "Driver's license:|driver license number|driving licence no.|DL:", False,
    ),
    "MRN": _kind(
        people.mrn, "mrn|medical_record_number|MRN|patient_mrn",
        "MRN:|medical record number|Medical Record No.|patient MRN", False,
    ),
    "DOB": _kind(
        people.born, "dob|date_of_birth|birth_date|Birthdate|dateOfBirth|geburtsdatum",
        "DOB:|date of birth:|born on|Geburtsdatum:|née le|fecha de nacimiento:", False,
    ),
    "STREET_ADDRESS": _kind(
        people.address, "address|street_address|home_address|Mailing Address|billing_address",
        "Address:|I live at|ship it to|Anschrift:|adresse :|home address is", False,
    ),
    "GPS": _kind(
        people.position, "gps|coordinates|lat_lon|location_gps",
        "GPS:|coordinates|lat/lon:|last position", False,
    ),
    "LICENSE_PLATE": _kind(
        people.plate, "license_plate|plate_number|number_plate|kennzeichen",
        "license plate|Kennzeichen:|plate number:|number plate", False,
    ),
    "PERSON": _kind(
        people.person, "name|full_name|customer_name|patient_name|Employee Name|contactName",
        "Name:|Patient:|Full name:|Customer name:", False,
    ),
}  # fmt: skip

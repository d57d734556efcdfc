"""Validators that have no second opinion: vectors of the standards, and what lies beside them."""

from __future__ import annotations

import pytest

from sentinel.pii.validators import VALIDATORS
from sentinel.pii.validators.keccak import keccak_256

# Specimens that the issuers or the standards print.
VALID = {
    "card": ("4242 4242 4242 4242", "3782-822463-10005", "5555555555554444", "6011000990139424",
             "30569309025904", "3530111333300000", "6200000000000005", "2223003122003222"),
    "iban": ("GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "fr1420041010050500013m02606",
             "MT84MALT011000012345MTLCAST001S", "NO93 8601 1117 947"),
    "us_npi": ("1234567893",),
    "us_dea": ("F91234563", "AP5836727"),
    "us_mbi": ("1EG4-TE5-MK73", "1EG4TE5MK73"),
    "uk_nino": ("AB 12 34 56 C", "ab123456c", "JG103759A"),
    "de_pension": ("15 070649 C 103", "65170839J003"),
    "hk_id": ("A123456(3)", "AB987654(3)", "A1234563"),
    "tw_id": ("A123456789", "F131104093"),
    "ae_id": ("784-1984-1234567-4",),
    "au_medicare": ("2123 45670 1", "2428778132"),
    "sg_nric": ("S1234567D", "T0123456G", "F1234567N", "G1234567X", "M1234567K"),
    "ru_snils": ("112-233-445 95", "11223344595"),
    "uy_ci": ("1.234.567-2",),
    "hu_taj": ("111 111 110",),
    "jp_my_number": ("1234 5678 9018",),
    "base58_address": ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"),
    "bech32_address": ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                       "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
                       "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
    "ethereum_checksum": ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                          "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
                          "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"),
    "ethereum_address": ("0x27b1fdb04752bbc536007a920d24acb045561c26",),
    "mrz": ("L898902C36UTO7408122F1204159ZE184226B<<<<<10", "7408122F1204159UTO<<<<<<<<<<<6",
            "D231458907UTO7408122F1204159<<<<<<<6"),
    "vin": ("1M8GDM9AXKP042788", "11111111111111111", "1HGCM82633A004352")[::2],
    "ipv4": ("84.23.115.3", "203.0.114.9", "172.32.0.1"),
    "ipv6": ("2a00:1450:4001:81b:1234:0:0:200e", "2001:41d0:8:1234::1"),
    "mac": ("3c:22:fb:41:9a:b7", "3C-22-FB-41-9A-B7", "3c22.fb41.9ab7"),
    "email": ("jane@posteo.de", "j.o'neil+x@sub.firm.co.uk", "anna@b.museum",
                           "me@xn--bcher-kva.de"),
    "phone_international": ("+49 30 1234560", "+1 (212) 736-5000", "+44 (0)20 7946 0958",
                            "+33 6 12 34 56 78", "+861391234567" + "8", "+39 02 1234 5670"),
    "phone_nanp": ("(212) 736-5000", "212-736-5000", "1-212-736-5000"),
    "phone_local": ("030/1234560", "06 12 34 56 78", "555-123-4567"),
    "birth_date": ("1984-02-29", "29/02/1984", "02/29/1984", "29.2.84", "19840229", "3 March 1985",
                   "March 3, 1985", "3. März 1985", "3 de marzo de 1985", "1er août 1985",
                   "1984-02-29T00:00:00Z", "1985年3月3日"),
    "gps_pair": ("52.520008, 13.404954", "[-33.856784,151.215297]", "52.5200° N, 13.4049° E"),
    "street_address": ("12 Main Street", "Hauptstraße 12", "Rua Augusta, 1500", "ul. Polna 91"),
    "passport": ("C01X00T47", "X1234567"),
    "full_name": ("Maria Hernandez", "Hernandez, Maria", "Dr. Maria Lopez", "Jürgen Müller"),
}  # fmt: skip
INVALID = {
    "card": ("4242 4242 4242 4241", "9242424242424242", "4242424242424242424", "0000000000000000"),
    "iban": ("GB82 WEST 1234 5698 7654 33", "XX89370400440532013000", "DE8937040044053201300",
             "DE89WEST12345698765432"),
    "us_npi": ("1234567890", "3234567893"),
    "us_dea": ("F91234560", "QP5836727"),
    "us_mbi": ("1SG4-TE5-MK73", "0EG4-TE5-MK73"),
    "uk_nino": ("DB123456C", "BG123456C", "AB123456E", "AO123456C"),
    "de_pension": ("15070649C104", "15990649C103"),
    "hk_id": ("A123456(4)",),
    "tw_id": ("A123456780", "A323456789"),
    "au_medicare": ("2123 45671 1", "7123 45670 1"),
    "sg_nric": ("S1234567E", "A1234567D"),
    "base58_address": ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na"),
    "bech32_address": ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "tb1qw508d6qejxtdg4y5r3zarv",
                       "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    "ethereum_checksum": ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
                          "0x27b1fdb04752bbc536007a920d24acb045561c26"),
    "ethereum_address": ("0x" + "0" * 40, "0x" + "f" * 39),
    "mrz": ("L898902C37UTO7408122F1204159ZE184226B<<<<<10", "7408122F1204158UTO<<<<<<<<<<<6"),
    "vin": ("1M8GDM9A0KP042788", "1M8GDM9AXKP04278O"),
    "ipv4": ("10.1.2.3", "192.168.0.9", "172.16.0.1", "198.51.100.7", "8.8.8.8", "1.2.3.256",
             "84.23.115.03", "84.23.115.0", "224.0.0.1", "100.64.0.1", "169.254.1.1"),
    "ipv6": ("2001:db8::1:2:3", "fe80::1:2:3", "2023:10:11:12", "::1", "2a00:::1:2:3"),
    "mac": ("00:11:22:33:44:55", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "3c:22:fb:41:9a"),
    "email": ("jane@example.com", "jane@firm.test", "git@github.com", "x@localhost", "a@b.notatld",
              "1+x@users.noreply.github.com", "image@2x.png", "a@b.to", "you@yourcompany.com"),
    "phone_international": ("+49 30", "+1 555 736 5000", "+999 12 345 678",
                            "+44 20 7946 0958 12 12",
                            "+1 212 555 0123", "+49 1111111111"),
    "phone_nanp": ("212-555-0123", "911-736-5000", "212-111-5000", "112-736-5000"),
    "phone_local": ("2024-01-31", "1111111", "3.1415926", "123456"),
    "birth_date": ("1985-02-29", "31.4.1985", "1885-01-01", "2085-01-01", "12.5", "May 1985",
                   "32 March 1985"),
    "gps_pair": ("52.5, 13.4", "152.520008, 13.404954", "0.0000, 0.0000"),
    "street_address": ("Main Street", "Chapter 12", "12"),
    "passport": ("required", "111111111", "ABCDEFGH1"),
    "full_name": ("Build Docs", "North Dakota", "maria hernandez", "Maria"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, texts in VALID.items() for t in texts])
def test_takes_a_specimen(name: str, text: str) -> None:
    assert VALIDATORS[name].check(text)


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, texts in INVALID.items() for t in texts])
def test_does_not_take(name: str, text: str) -> None:
    assert not VALIDATORS[name].check(text)


def test_keccak_is_the_one_of_before_the_standard() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"").hex() == empty
    assert keccak_256(b"a" * 200).hex() != keccak_256(b"a" * 201).hex()

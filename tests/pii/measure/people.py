"""Makers of names, addresses, phones and what else belongs to a person, in several locales."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import NamedTuple

from .digits import digits
from .identities import birthday


class Locale(NamedTuple):
    """Words of a language area. Each text is split at blanks."""

    given: str
    family: str
    streets: str
    cities: str


LOCALES: dict[str, Locale] = {
    "us": Locale(
        "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara"
        " Richard Susan Joseph Jessica Thomas Sarah Charles Karen Ashley Brandon Megan Tyler",
        "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Jackson"
        " Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill",
        "Oak Maple Cedar Elm Washington Lake Hill Walnut Spring Ridge Church Sunset Jackson",
        "Springfield,IL Portland,OR Austin,TX Denver,CO Madison,WI Albany,NY Tampa,FL Mesa,AZ",
    ),
    "uk": Locale(
        "Oliver Amelia Harry Isla Jack Emily George Poppy Alfie Grace Oscar Sophie Callum Imogen",
        "Hughes Edwards Green Wood Patel Khan Shaw Bennett Palmer Mills Hargreaves Whitaker",
        "Victoria Station Mill Queens Albert Park Manor Windsor Church High Grange",
        "Leeds,LS1 Bristol,BS8 York,YO10 Cardiff,CF10 Oxford,OX4 Norwich,NR3",
    ),
    "de": Locale(
        "Lukas Anna Finn Lena Jonas Marie Felix Katharina Stefan Sabine Jürgen Ursula Matthias",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch",
        "Haupt Bahnhof Garten Linden Schiller Goethe Berg Ring Wald",
        "Berlin,10115 Hamburg,20095 München,80331 Köln,50667 Leipzig,04109 Dresden,01067",
    ),
    "fr": Locale(
        "Louis Emma Gabriel Jade Jules Chloé Hugo Camille Julien Céline Mathieu Aurélie Thierry",
        "Martin Bernard Dubois Durand Moreau Laurent Lefebvre Michel Garcia Roux Fournier Girard",
        "Victor-Hugo Pasteur Gambetta Voltaire Jean-Jaurès Molière",
        "Lyon,69003 Lille,59000 Nantes,44000 Toulouse,31000 Rennes,35000 Bordeaux,33000",
    ),
    "es": Locale(
        "Alejandro Lucía Pablo María Javier Carmen Sergio Elena Raúl Pilar Antonio Isabel Diego",
        "García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Ruiz Díaz Navarro",
        "Mayor Alcalá Serrano Goya Cervantes Colón Libertad",
        "Madrid,28001 Sevilla,41001 Valencia,46002 Bilbao,48001 Zaragoza,50001",
    ),
    "it": Locale(
        "Francesco Giulia Lorenzo Sofia Marco Chiara Andrea Martina Giovanni Francesca Paolo",
        "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo",
        "Garibaldi Roma Mazzini Dante Cavour Verdi",
        "Roma,00184 Milano,20121 Torino,10121 Napoli,80132 Bologna,40121",
    ),
    "pl": Locale(
        "Jakub Zuzanna Piotr Agnieszka Tomasz Magdalena Krzysztof Katarzyna Paweł Małgorzata",
        "Nowak Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak",
        "Kwiatowa Polna Lipowa Ogrodowa Słoneczna",
        "Warszawa,00-950 Kraków,30-001 Gdańsk,80-001 Poznań,60-101",
    ),
    "br": Locale(
        "João Ana Pedro Beatriz Lucas Mariana Rafael Fernanda Gustavo Camila Felipe Juliana",
        "Silva Santos Oliveira Souza Lima Pereira Costa Almeida Ribeiro Carvalho Araújo",
        "Paulista Brasil Independência Consolação",
        "São-Paulo,01310-100 Recife,50030-230 Curitiba,80010-000",
    ),
    "in": Locale(
        "Aarav Priya Rohan Ananya Vikram Kavita Arjun Neha Sanjay Deepika Rahul Pooja Suresh",
        "Sharma Patel Gupta Singh Reddy Iyer Mehta Nair Kulkarni Banerjee Joshi Rao",
        "Gandhi Nehru Station Temple Lake",
        "Pune,411001 Chennai,600002 Delhi,110001 Mumbai,400050",
    ),
}
_DOMAINS = "gmail.com outlook.com yahoo.co.uk web.de orange.fr proton.me icloud.com t-online.de"
_DOMAINS += " wanadoo.fr libero.it onet.pl uol.com.br hotmail.com fastmail.com acme-health.org"


def words(text: str) -> list[str]:
    """Return the words of a locale's list, blanks for its inner hyphens kept."""
    return text.split()


def person(rng: Random, locale: str = "") -> str:
    """Return a given and a family name."""
    chosen = LOCALES[locale or rng.choice(list(LOCALES))]
    return f"{rng.choice(words(chosen.given))} {rng.choice(words(chosen.family))}"


def email(rng: Random) -> str:
    """Return a mail address in the ways people make them of their names."""
    name = unicodedata.normalize("NFKD", person(rng)).encode("ascii", "ignore").decode().lower()
    given, _, family = name.partition(" ")
    number = rng.randint(1, 99)
    local = rng.choice(
        (f"{given}.{family}", f"{given[0]}{family}{number}", f"{given}_{family}", f"{family}",
         f"{given}+lists", f"{given}.{family}{number}", f"{given}-{family[0]}")
    )  # fmt: skip
    return f"{local}@{rng.choice(words(_DOMAINS))}"


def _us_phone(rng: Random) -> str:
    area = rng.choice(("212", "415", "312", "617", "303", "713", "206", "404", "503", "512"))
    exchange, line = digits(rng, 3, "23456789"), digits(rng, 4)
    if exchange[1:] == "11" or exchange == "555":
        return _us_phone(rng)
    shape = rng.choice(("({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "+1-{}-{}-{}", "{}.{}.{}"))
    return shape.format(area, exchange, line)


def phone(rng: Random, international: bool = False) -> str:
    """Return a phone number as people write it in ten countries."""
    shapes = [
        "+44 7{3} {6}", "+44 20 7{3} {4}", "+49 151 {8}", "+49 30 {7}", "+33 6 {2} {2} {2} {2}",
        "+34 6{2} {3} {3}", "+39 34{1} {3} {4}", "+31 6 {8}", "+48 60{1} {3} {3}",
        "+91 98{3} {5}", "+55 11 9{4}-{4}", "+447{9}", "+336{8}", "+4915{9}",
    ]  # fmt: skip
    if not international and rng.random() < 0.5:
        if rng.random() < 0.7:
            return _us_phone(rng)
        shapes = ["07{3} {6}", "020 7{3} {4}", "0151 {8}", "06 {2} {2} {2} {2}", "6{2} {3} {3}"]
    text = rng.choice(shapes)
    for size in range(1, 10):
        while f"{{{size}}}" in text:
            text = text.replace(f"{{{size}}}", digits(rng, size, "123456789"), 1)
    return text


def address(rng: Random, locale: str = "") -> str:
    """Return a street address with town and postcode as its country writes them."""
    where = locale or rng.choice(list(LOCALES))
    chosen = LOCALES[where]
    street = rng.choice(words(chosen.streets)).replace("-", " ")
    city, _, code = rng.choice(words(chosen.cities)).partition(",")
    city, number = city.replace("-", " "), rng.randint(2, 190)
    if where == "us":
        kind = rng.choice(("Street", "St", "Avenue", "Ave", "Road", "Drive", "Lane", "Blvd"))
        return f"{number * 7} {street} {kind}, {city}, {code} {digits(rng, 5, '123456789')}"
    if where == "uk":
        tail = f"{rng.randint(1, 9)}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRSTU')}"
        return f"{number} {street} {rng.choice(('Road', 'Street', 'Lane'))}, {city} {code} {tail}"
    shapes = {
        "de": f"{street}straße {number}, {code} {city}",
        "fr": f"{number} rue {street}, {code} {city}",
        "es": f"Calle {street} {number}, {code} {city}",
        "it": f"Via {street} {number}, {code} {city}",
        "pl": f"ul. {street} {number}, {code} {city}",
        "br": f"Rua {street}, {number}, {city} - {code}",
        "in": f"{number}, {street} Road, {city} {code}",
    }
    return shapes[where]


def born(rng: Random) -> str:
    """Return a date of birth in one of the usual notations."""
    day = birthday(rng)
    shape = rng.choice(("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y"))
    return f"{day:{shape}}"


def passport(rng: Random) -> str:
    """Return a passport number of one of five countries."""
    shapes = (
        digits(rng, 9, "123456789"), rng.choice("ABCDE") + digits(rng, 8),
        "C" + rng.choice("FGHJ") + rng.choice("CFGHJKLMNPRTVWXYZ") + digits(rng, 6),
        digits(rng, 2) + rng.choice("ABCDEFGH") + rng.choice("ABCDEFGH") + digits(rng, 5),
        rng.choice("KLMNPRSTZ") + digits(rng, 7, "123456789"),
    )  # fmt: skip
    return rng.choice(shapes)


def licence(rng: Random) -> str:
    """Return a driving licence number: California, New York, Florida, Britain."""
    family = unicodedata.normalize("NFKD", person(rng, "uk").split()[1].upper())
    day = birthday(rng)
    british = f"{family[:5]:9<5}{day.year // 10 % 10}{day:%m%d}{day.year % 10}"
    british += f"{rng.choice('ABCDEJS')}{rng.choice('9ABCMJ')}9{rng.choice('ABFGHT')}"
    british += rng.choice("ABEFZ")
    return rng.choice(
        (rng.choice("ABCDEFNY") + digits(rng, 7), digits(rng, 9, "123456789"),
         rng.choice("BCDHMS") + digits(rng, 12), british)
    )  # fmt: skip


def mrn(rng: Random) -> str:
    """Return a medical record number."""
    return rng.choice(("", "", "MR", "H")) + digits(rng, rng.choice((7, 8, 8, 10)))


def plate(rng: Random) -> str:
    """Return a licence plate: Germany, Britain, California, France."""
    upper = "ABCDEFGHJKLMNPRSTVWXYZ"
    two, three = "".join(rng.choices(upper, k=2)), "".join(rng.choices(upper, k=3))
    number = rng.randint(100, 999)
    return rng.choice(
        (f"{rng.choice(('M', 'B', 'HH', 'KA'))}-{two} {number}", f"{two}{number % 60 + 10} {three}",
         f"7{three}{number}", f"{two}-{number}-{two[::-1]}")
    )  # fmt: skip


def position(rng: Random) -> str:
    """Return a latitude and longitude of six places."""
    return f"{rng.uniform(36, 60):.6f}, {rng.uniform(-120, 25):.6f}"


def public_ip(rng: Random) -> str:
    """Return an address that is routed in the open net."""
    first = rng.choice((23, 34, 45, 52, 66, 78, 81, 91, 104, 130, 151, 185, 193, 212))
    return f"{first}.{rng.randint(1, 250)}.{rng.randint(1, 250)}.{rng.randint(2, 250)}"


def mac(rng: Random) -> str:
    """Return a hardware address of a known maker."""
    head = rng.choice(("3c:22:fb", "f0:18:98", "00:1b:21", "a4:83:e7", "dc:a6:32"))
    tail = ":".join(f"{byte:02x}" for byte in rng.randbytes(3))
    whole = f"{head}:{tail}"
    return whole.upper().replace(":", "-") if rng.random() < 0.3 else whole

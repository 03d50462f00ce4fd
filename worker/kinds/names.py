"""What the name of a column hints at: a weak voice, asked after the values."""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

__all__ = [
    "AGES",
    "AMOUNTS",
    "BIRTHS",
    "CALENDAR",
    "CATEGORIES",
    "COUNTRIES",
    "COUNTS",
    "CURRENCIES",
    "DURATIONS",
    "EVENTS",
    "FOUNDINGS",
    "IDENTIFIERS",
    "LANGUAGES",
    "LATITUDES",
    "LONGITUDES",
    "MEASURED",
    "NATIONAL_IDS",
    "OPEN_SETS",
    "PERCENTAGES",
    "PHONES",
    "PLANNED",
    "POSTAL_CODES",
    "SHARES",
    "STATES",
    "YEARS",
    "ColumnName",
    "is_row_number",
]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


IDENTIFIERS = _words(
    "id ids key pk fk code no nr num number nummer ref reference uuid guid sku ean isbn iban vin"
    " account barcode zip postcode plz version serial kennung schluessel numero codigo"
)
YEARS = _words("year yr jahr annee anno ano")
CALENDAR = _words(
    "month day hour minute weekday dow quarter week monat tag stunde woche mois jour heure mes dia"
    " hora"
)
EVENTS = _words(
    "at on ts date time datetime timestamp created updated modified changed inserted loaded ordered"
    " shipped received delivered paid booked registered opened closed started ended logged seen"
    " datum zeit erstellt fecha"
)
FOUNDINGS = _words("founded founding established built inception")
BIRTHS = FOUNDINGS | _words(
    "birth birthday birthdate born dob geburt geburtstag geburtsdatum naissance nacimiento nascita"
)
PLANNED = _words(
    "appointment due deadline delivery end ends estimated eta expires expiry expiration expected"
    " maturity next planned promise promised renewal scheduled settle settlement target until valid"
    " value faellig frist gueltig bis ende termin"
)
COUNTS = _words(
    "count counts cnt qty quantity n num pieces units items anzahl menge nombre cantidad"
)
AMOUNTS = _words(
    "price amount amt cost costs fee fees salary wage income revenue turnover balance payment tax"
    " fare charge budget sales profit limit credit debit usd eur gbp chf preis betrag kosten gehalt"
    " umsatz saldo prix montant precio importe"
)
SHARES = _words(
    "rate pct percent percentage share ratio prob probability proportion fraction anteil prozent"
    " quote taux porcentaje"
)
AGES = _words("age ages alter")
PERCENTAGES = _words("pct percent percentage share proportion anteil prozent porcentaje")
CATEGORIES = _words("type kind class category group status state level grade typ art tipo")
DURATIONS = _words(
    "duration delay elapsed latency uptime runtime seconds secs minutes mins hours days ms millis"
    " time dauer verspaetung duree retard duracion"
)
MEASURED = AMOUNTS | COUNTS | DURATIONS | SHARES
LATITUDES = _words("lat latitude breitengrad")
LONGITUDES = _words("lon lng long longitude laengengrad")
COUNTRIES = _words("country nation nationality land pays pais iso")
CURRENCIES = _words("currency ccy curr waehrung devise moneda")
LANGUAGES = _words("language lang locale sprache langue idioma")
STATES = _words("state states province bundesland etat estado")
_PLACES = _words(
    "city town village municipality county airport stadt ort gemeinde flughafen ville commune"
    " aeroport ciudad aeropuerto citta"
)
_MAKERS = _words(
    "airline carrier manufacturer maker brand make model vendor supplier merchant hersteller marke"
    " lieferant marque marca"
)
OPEN_SETS = (COUNTRIES - {"iso"}) | CURRENCIES | LANGUAGES | _PLACES | _MAKERS
"""Of such things a load shows only some."""
NATIONAL_IDS = _words("ssn social nino nin pan national insurance taxpayer")
POSTAL_CODES = _words("zip zipcode postal postcode plz postleitzahl")
PHONES = _words("phone telephone tel mobile cell fax telefon handy")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ROW_NUMBER = "Unnamed: 0"
_LONG = 3
_NOT_JOINED = frozenset({"account", "discount", "update"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "é": "e", "è": "e", "ñ": "n", "ß": "ss"})


_OF_PEOPLE = frozenset(
    {"firstname", "forename", "fullname", "lastname", "surname", "street", "address", "title"}
)
_WHOSE = frozenset({"first", "full", "given", "family", "last", "customer", "person", "user"})
"""Before `name`."""


@dataclass(frozen=True)
class ColumnName:
    """The words of a name, split on case, underscores and digits."""

    path: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """In small letters; of a field of a struct, those of the field."""
        plain = self.path.rpartition(".")[2].translate(_UMLAUTS)
        return tuple(word.lower() for word in _WORD.findall(plain))

    def hint(self, words: Set[str]) -> str | None:
        """Return the word among `words` that the name has, or that ends a word of the name.

        The last word of a name counts first: a `tax_rate` is a rate.
        """
        for word in reversed(self.words):
            if word in words:
                return word
        for word in reversed(self.words):
            if word in _NOT_JOINED:
                continue
            for at in range(1, len(word) - _LONG + 1):
                if word[at:] in words:
                    return word[at:]
        return None

    @property
    def names_a_thing(self) -> str | None:
        """The word that makes the name one of an identifier, as in `order_no`; None without."""
        return None if self.counts else self.hint(IDENTIFIERS)

    @property
    def of_someone(self) -> str | None:
        """The word that makes it one of people or addresses, as in `last_name` or `street`."""
        *others, last = self.words or ("",)
        if last in _OF_PEOPLE or (last == "name" and _WHOSE.intersection(others)):
            return last
        return None

    @property
    def counts(self) -> str | None:
        """The word that makes the name one of a count, as in `num_rooms` or `number_of_rooms`."""
        first, *others = self.words or ("",)
        if others and (first in {"n", "num"} or others[0] == "of"):
            return first
        return self.hint(COUNTS - {"n", "num"})

    @property
    def plural(self) -> bool:
        """Whether the last word is a plural, as in `rooms`."""
        last = self.words[-1] if self.words else ""
        return len(last) > _LONG and last.endswith("s") and not last.endswith(("ss", "us", "is"))


def is_row_number(path: str) -> bool:
    """Return whether the name is that by which pandas reads the row numbers of a saved table."""
    return path == _ROW_NUMBER

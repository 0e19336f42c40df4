"""Invented player names and their normalised lookups."""

import unicodedata

import numpy as np

# Combined at random below; surnames were picked to be rare in basketball, so that nobody is taken for a real player.
_FIRST_NAMES = [
    "Abel",
    "Alden",
    "Amari",
    "Anselm",
    "Aurélio",
    "Bastian",
    "Beckett",
    "Benoît",
    "Branko",
    "Caspian",
    "Cedric",
    "Cormac",
    "Dashiell",
    "Davor",
    "Deshon",
    "Dorian",
    "Eamon",
    "Édouard",
    "Elio",
    "Emeka",
    "Enzo",
    "Ezekiel",
    "Fabrice",
    "Ferran",
    "Finn",
    "Gideon",
    "Giorgos",
    "Hakeem",
    "Håkon",
    "Idris",
    "Ilya",
    "Ivo",
    "Jabari",
    "Jae-Won",
    "Jakob",
    "Jarrell",
    "Jean-Luc",
    "Jericho",
    "João",
    "Joaquín",
    "Kaelen",
    "Kofi",
    "Kwabena",
    "Lachlan",
    "Lamarcus",
    "Leandro",
    "Lucian",
    "Malachi",
    "Marek",
    "Mateo",
    "Matías",
    "Milo",
    "Montrel",
    "Nasir",
    "Niko",
    "Obinna",
    "Octavio",
    "Olivér",
    "Orlando",
    "Otis",
    "Percival",
    "Quentin",
    "Quincy",
    "Raúl",
    "Reuben",
    "Rémi",
    "Rhys",
    "Roderick",
    "Ruben",
    "Sacha",
    "Séamus",
    "Silas",
    "Stellan",
    "Tadeusz",
    "Tariq",
    "Thaddeus",
    "Tobias",
    "Tré",
    "Ulises",
    "Uroš",
    "Valentin",
    "Vaughn",
    "Wendell",
    "Xavi",
    "Yannick",
    "Zacharie",
    "Zeke",
    "Žiga",
]
_LAST_NAMES = """
Abernant Adeyinka Aldersgate Ambrosetti Ashgrove Bancroft-Hale Barrowmere Belisario Birchwood Bjarnason Blackmoor
Brackenridge Bramwell Brzezicki Calloway-Reed Carrington-Vale Castellanos Chukwuma Cobbleston Corvino Dąbrowicz
Delacroix-Munn Diallobe Dolezal Drummond-Kerr Dunmorrow Eastlake Ekwueme Elderfield Escarrà Fairweather Falkenrath
Farnsworth Fenwick Ferreirinha Fjellstad Gallowglass Garrisford Gbadamosi Gravenor Greyhurst Habersham Haldane
Halloran Hartsfield Havlíček-Roe Hollowell Ibarguren Ingersoll Isaksen Jankauskis Jessamine Kalamaris Karadžev Kestrel
Kirkbride Kovalenkov Lancashire Langstroth Larkspur Lindqvist Lockridge Lovelace Macallister Maddoxen Marchetti Marlowe
Mbekele Merriwether Montclair Mwangale Nakagawa Nightingale Nnamdike Northcutt Novotný O'Callahan O'Rourke Oakhurst
Okonjola Ormsby Pádraigh Paxworth Pemberton Petrakis Pettibone Quarles Quillfeather Radclyffe Ravenscroft
Redfearn Rosenthorn Rutherglen Šalkauskas Sandoval-Ortiz Sheffielder Silvestre Skarsten Somerville St. Clair Stonebridge
Svobodník Tarkington Thackeray Thornbury Tregarthen Ugochukwe Underhill Vandermeer Vasconcelos Villanuève
Weatherby Whitlock Wolverton Wyndham Yarborough Yellowhorse Zabriskie Zimmerling
""".replace("St. Clair", "St._Clair").split()
_SUFFIXES = (" Jr.", " III", " II")
_SUFFIX_SHARE = 0.04


def player_lookup(name: str) -> str:
    """Normalised name: accents removed, lower-case letters and digits only."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(character for character in plain.lower() if character.isalnum())


def invented_names(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Several thousand invented names in random order.

    Args:
        random: Source of randomness.

    Returns:
        Names and their lookups, both text arrays; every lookup occurs once.
    """
    pairs = [f"{first} {last.replace('_', ' ')}" for first in _FIRST_NAMES for last in _LAST_NAMES]
    order = random.permutation(len(pairs))
    suffixed = random.random(len(pairs)) < _SUFFIX_SHARE
    suffix = random.integers(0, len(_SUFFIXES), len(pairs))
    by_lookup: dict[str, str] = {}
    for position, number in enumerate(order):
        name = pairs[number] + (_SUFFIXES[suffix[position]] if suffixed[position] else "")
        by_lookup.setdefault(player_lookup(name), name)
    return np.array(list(by_lookup.values()), dtype=object), np.array(list(by_lookup), dtype=object)

"""Where real games deviate from the usual shape of a game: every one by its id, with the reason."""

# Teams of which fewer than eight played: coaches without a bench, because of health protocols in the winter of 2021-22,
# of injuries, or on the last days of a season; and two that kept to seven in the playoffs. Their lines add up to the
# published team line, to the score and to the length of the game, so nobody is missing.
TEAMS_OF_FEWER_THAN_EIGHT = {
    ("0022100662", "TOR"): 7,
    ("0022100675", "TOR"): 7,
    ("0022101185", "OKC"): 7,
    ("0022101211", "OKC"): 6,
    ("0022101218", "MIL"): 7,
    ("0022101222", "OKC"): 6,
    ("0022200224", "MIA"): 7,
    ("0022201145", "POR"): 7,
    ("0022201226", "MEM"): 6,
    ("0022201226", "OKC"): 7,
    ("0042200216", "BOS"): 7,
    ("0042200314", "DEN"): 7,
}
# Games of fewer than sixteen players, for the same reason; no game has more than thirty.
GAMES_OF_FEWER_THAN_SIXTEEN = {"0022101211": 15, "0022101222": 15, "0022201226": 13, "0042200314": 15}

# Team-games whose players' whole minutes miss the length of the game by more than two, by how much. The source rounds
# each player's minutes, so ten roundings of up to half a minute add up; where exact minutes are known (2021-22), the
# same games agree within two.
_WHOLE_MINUTES = {
    -4: """
        0042100202 PHI
    """,
    -3: """
        0022100128 NYK, 0022100138 POR, 0022100191 MIN, 0022100288 MIL, 0022100462 GSW, 0022100746 DAL, 0022100777 CLE,
        0022100949 CHI, 0022200047 BOS, 0022200078 UTA, 0022200089 WAS, 0022200185 UTA, 0022200441 HOU, 0022200543 MEM,
        0022200651 BKN, 0022200674 IND, 0022201100 HOU, 0022300124 DAL, 0022300387 SAC, 0022300482 WAS, 0022300502 DEN,
        0022300532 PHI, 0022300646 LAC, 0022300660 BKN, 0022300772 ORL, 0022300815 BKN, 0022300916 POR, 0022301047 SAC,
        0022301110 CLE, 0022301136 ORL, 0042100403 GSW, 0042200141 DEN
    """,
    3: """
        0022100300 GSW, 0022100388 NOP, 0022100595 BOS, 0022100627 MIL, 0022100737 ATL, 0022100763 SAC, 0022100772 BKN,
        0022100890 BOS, 0022100902 PHX, 0022100997 BOS, 0022101052 MIA, 0022101217 CHA, 0022200030 BOS, 0022200153 MIN,
        0022200153 NYK, 0022200300 MIN, 0022200375 HOU, 0022200422 WAS, 0022200470 BKN, 0022200481 ATL, 0022200515 DET,
        0022200555 SAS, 0022200605 NOP, 0022200644 ATL, 0022200818 NOP, 0022200867 POR, 0022200876 ATL, 0022201089 SAS,
        0022201187 GSW, 0022201215 LAC, 0022300027 MIL, 0022300044 MEM, 0022300098 POR, 0022300103 BOS, 0022300140 PHX,
        0022300385 HOU, 0022300404 PHI, 0022300545 MIL, 0022300715 DAL, 0022301044 GSW, 0022301044 MIA, 0022301077 DEN,
        0022301127 CLE, 0022301150 ORL, 0022301158 CLE, 0042200151 LAL, 0042200152 LAL, 0042200225 DEN, 0042200226 PHX
    """,
    4: """
        0022300541 SAS, 0022300809 WAS, 0022301194 PHX
    """,
}
MINUTES_BEYOND_TWO = {
    (entry.split()[0], entry.split()[1]): off for off, listed in _WHOLE_MINUTES.items() for entry in listed.split(",")
}

# Lines whose shots in the shot chart are not the attempts of the box score: makes and three-pointers agree, so the two
# differ by one missed two-pointer.
SHOTS_LESS_ATTEMPTS = {
    ("0022300078", "jarenjacksonjr"): -1,
    ("0022300091", "evanmobley"): 1,
    ("0022300465", "tristanthompson"): -1,
}

# Lines of the playoffs of 2023 whose steals in the events are not those of the box score: in three games the two give
# one steal to different players of a team, whose total is the same.
STEALS_IN_EVENTS_LESS_BOX = {
    ("0042200164", "Draymond Green"): -1,
    ("0042200164", "Andrew Wiggins"): 1,
    ("0042200205", "Mitchell Robinson"): 1,
    ("0042200205", "Jalen Brunson"): -1,
    ("0042200404", "Jimmy Butler III"): -1,
    ("0042200404", "Bam Adebayo"): 1,
}

# Team-games of the playoffs in which second-chance points by the rule of rebounds are not those which the feed marks:
# one possession each, which the scorer saw to begin or to end otherwise.
SECOND_CHANCE_BY_RULE_LESS_MARKED = {
    ("20230415_GSW_SAC", "GSW"): 1,
    ("20230416_MIA_MIL", "MIL"): -1,
    ("20230419_MIA_MIL", "MIA"): -2,
    ("20230425_MIN_DEN", "DEN"): -1,
    ("20230505_DEN_PHX", "DEN"): -1,
    ("20230511_DEN_PHX", "DEN"): -3,
    ("20230512_GSW_LAL", "GSW"): 1,
    ("20230516_LAL_DEN", "DEN"): -2,
    ("20240428_MIN_PHX", "PHX"): -3,
    ("20240514_IND_NYK", "NYK"): 1,
    ("20240521_IND_BOS", "BOS"): 1,
    ("20240527_BOS_IND", "BOS"): 1,
}

# Single free throws of the playoffs of 2024 that are no and-one by the rule: three came from loose-ball fouls while a
# teammate scored, and the foul on Valanciunas' basket (202685) is told as a personal, not as a shooting foul.
SINGLE_FREE_THROWS_WITHOUT_BASKET = {
    ("0042300142", 202685),
    ("0042300163", 203497),
    ("0042300172", 1627826),
    ("0042300311", 1641726),
}

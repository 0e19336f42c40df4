"""Games whose built rows break a rule of the declaration: they are set aside, so that they cost nobody else. Pure."""

from dataclasses import replace

import pandas as pd

from analytics_assets.assets.producer import Built
from analytics_assets.raw.refused_rows import REFUSED_COLUMNS, joined_refused
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.validation import BrokenRule

# What rows break together concerns the whole date.
_OF_THE_DATE = ("duplicate_key",)


def without_broken_games(built: Built, rules: list[BrokenRule], table: Table) -> tuple[Built, list[BrokenRule]]:
    """Take games of which a row breaks a rule out of what was built.

    Args:
        built: What was built.
        rules: Rules that its rows break.
        table: Declaration of the rows.

    Returns:
        What is left, in which those games are incomplete and faulty and their broken rows are refused; and the rules
        that concern whole dates, because several rows break them together or a row names no game.
    """
    of_rows = [rule for rule in rules if rule.rule not in _OF_THE_DATE and _names_games(built.rows, rule)]
    if not of_rows:
        return built, rules
    told = pd.concat([_told(built.rows, rule, table) for rule in of_rows], ignore_index=True)
    problems = told.drop_duplicates("game_id").set_index("game_id")["detail"]
    hit = built.games["game_id"].isin(problems.index)
    games = built.games.assign(
        complete=built.games["complete"] & ~hit,
        faulty=built.games["faulty"] | hit,
        problem=built.games["problem"].mask(hit, built.games["game_id"].map(problems)),
    )
    rows = built.rows[~built.rows["game_id"].isin(problems.index)]
    left = replace(built, rows=rows, games=games, refused=joined_refused([built.refused, told]))
    return left, [rule for rule in rules if rule not in of_rows]


def _names_games(rows: pd.DataFrame, rule: BrokenRule) -> bool:
    return len(rule.rows) > 0 and bool(rows.loc[rule.rows, "game_id"].notna().all())


def _told(rows: pd.DataFrame, rule: BrokenRule, table: Table) -> pd.DataFrame:
    broken = rows.loc[rule.rows]
    return pd.DataFrame(
        {
            **{name: broken[name].to_numpy() for name in ("game_date", "game_id")},
            "player_lookup": broken["player_lookup"].to_numpy() if "player_lookup" in broken else None,
            "source_table": table.name,
            "reason": rule.rule,
            "detail": f"{rule.detail}; the game is not written: find the raw value that leads to it and correct it",
            "raw_values": broken.to_json(orient="records", lines=True, date_format="iso").splitlines(),
        }
    )[REFUSED_COLUMNS]

"""Choosing, for every team of every game, the source whose player lines are used."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.player_lines import HARMLESS_REASONS, TEAM_UNKNOWN_REASONS, PlayerLines
from analytics_assets.stats import formulas

# Best first; the last one is used only where nothing better adds up.
SOURCE_ORDER = ("nbac_gamebook_player_stats", "nbac_player_boxscores", "bdl_player_boxscores")
FEWEST_PLAYERS = 5


@dataclass(frozen=True)
class ChosenLines:
    """What was chosen.

    Attributes:
        lines: Player lines of the chosen source of every complete game, with ``starter_source``.
        usable: The same of every team with a usable source, also where its opponent has none.
        teams: One row per expected ``game_id`` and ``team_abbr``: ``game_date``, ``source`` (NULL if none is usable),
            ``rows_expected``, ``rows_seen`` (raw rows of any source), ``problem`` (why none is usable), ``faulty``
            (none is usable because rows broke a rule or add up to more than the score, not because rows are absent).
    """

    lines: pd.DataFrame
    usable: pd.DataFrame
    teams: pd.DataFrame


def choose_sources(per_source: dict[str, PlayerLines], teams: pd.DataFrame) -> ChosenLines:
    """Choose the best usable source per team and game.

    A source is usable for a team when at least five of its players appeared, none of its rows broke a rule, and its
    points add up to the team's score where the score is known. Among usable ones, those whose minutes add up to
    240 + 25 per overtime come first, then the order of :data:`SOURCE_ORDER`.

    Args:
        per_source: Lines by source name.
        teams: Expected ``game_id``, ``team_abbr``, ``game_date`` and ``team_score`` (NULL when unknown).

    Returns:
        Lines only of games in which both teams have a usable source.
    """
    candidates = pd.concat([_candidates(name, per_source[name], teams) for name in SOURCE_ORDER], ignore_index=True)
    usable = candidates[candidates["problem"].isna()].sort_values(["minutes_off", "rank"], kind="stable")
    best = usable.drop_duplicates(["game_id", "team_abbr"])[["game_id", "team_abbr", "source", "rows"]]
    seen = candidates.groupby(["game_id", "team_abbr"], as_index=False).agg(
        rows_seen=("rows_seen", "sum"), most_rows=("rows", "max"), faulty=("faulty", "any")
    )
    judged = teams.merge(best, on=["game_id", "team_abbr"], how="left").merge(
        seen, on=["game_id", "team_abbr"], how="left"
    )
    judged = judged.merge(_problems(candidates), on=["game_id", "team_abbr"], how="left")
    judged["problem"] = judged["problem"].where(judged["source"].isna())
    judged["faulty"] = judged["faulty"] & judged["source"].isna()
    judged["rows_expected"] = judged["rows"].fillna(judged["most_rows"].clip(lower=FEWEST_PLAYERS)).astype("Int64")
    judged = judged.drop(columns=["rows", "most_rows"])
    picked = judged.loc[judged["source"].notna(), ["game_id", "team_abbr", "source"]]
    everything = pd.concat([per_source[name].lines for name in SOURCE_ORDER], ignore_index=True)
    usable = _with_starters(everything.merge(picked, on=["game_id", "team_abbr", "source"], how="inner"), everything)
    complete = judged["source"].notna().groupby(judged["game_id"]).transform("all")
    lines = usable[usable["game_id"].isin(judged.loc[complete, "game_id"])].reset_index(drop=True)
    return ChosenLines(lines=lines, usable=usable, teams=judged)


def _candidates(name: str, source: PlayerLines, teams: pd.DataFrame) -> pd.DataFrame:
    keys = ["game_id", "team_abbr"]
    lines, refused = source.lines, source.refused
    played = lines[lines["played"].astype(bool)]
    found = pd.DataFrame(
        {
            "rows": lines.groupby(keys).size(),
            "players": played.groupby(keys).size(),
            "points": played.groupby(keys)["points"].sum(),
            "points_known": played.groupby(keys)["points"].count(),
            "minutes": played.groupby(keys)["minutes_played"].sum(),
            "minutes_known": played.groupby(keys)["minutes_played"].count(),
        }
    ).rename_axis(index=keys)
    table = teams[[*keys, "team_score"]].merge(found.reset_index(), on=keys, how="left")
    table = table.merge(_broken_rows(refused, teams), on=keys, how="left")
    counted = ["rows", "players", "points_known", "minutes_known", "broken", "sideless"]
    table[counted] = table[counted].fillna(0).astype("int64")
    add_up = formulas.team_minutes_add_up(table["minutes"])
    table["minutes_off"] = ~(add_up & (table["minutes_known"] == table["players"]))
    points, score = table["points"].astype("Int64"), table["team_score"].astype("Int64")
    adds_up = (points == score).fillna(False).astype(bool) & ~table["minutes_off"]
    # A row that names no team of the game matters only to a team whose points and minutes lack something.
    table["broken"] += table["sideless"].mask(adds_up, 0)
    table["rows_seen"] = table["rows"] + table["broken"]
    table["problem"] = _problem(table, name)
    # Absent rows can explain a sum below the score, never one above it.
    table["faulty"] = (table["broken"] > 0) | (points > score).fillna(False).astype(bool)
    return table.assign(source=name, rank=SOURCE_ORDER.index(name))


def _broken_rows(refused: pd.DataFrame, teams: pd.DataFrame) -> pd.DataFrame:
    """Rows that broke a rule by game and team: ``broken``, and ``sideless`` ones that may belong to either side."""
    keys = ["game_id", "team_abbr"]
    harmful = refused[~refused["reason"].isin(HARMLESS_REASONS)].astype({name: "string" for name in keys})
    sideless = harmful["reason"].isin(TEAM_UNKNOWN_REASONS)
    either = harmful.loc[sideless, ["game_id"]].merge(teams[keys], on="game_id")
    counts = {"broken": harmful.loc[~sideless, keys].groupby(keys).size(), "sideless": either.groupby(keys).size()}
    return pd.DataFrame(counts).rename_axis(index=keys).reset_index().astype({name: "string" for name in keys})


def _problem(table: pd.DataFrame, name: str) -> pd.Series:
    points, score = table["points"].astype("Int64"), table["team_score"].astype("Int64")
    points_missing = table["points_known"] < table["players"]
    contradiction = (score.notna() & (points != score)).fillna(False).astype(bool)
    conditions = [
        table["rows_seen"] == 0,
        table["broken"] > 0,
        table["players"] < FEWEST_PLAYERS,
        points_missing,
        contradiction,
    ]
    texts = [
        pd.Series(f"{name}: no rows", index=table.index),
        f"{name}: " + table["broken"].astype(str) + " rows broke a rule",
        f"{name}: only " + table["players"].astype(str) + " players appeared",
        pd.Series(f"{name}: points are missing", index=table.index),
        f"{name}: points add up to "
        + points.astype("string").fillna("?")
        + ", not to the score "
        + score.astype("string").fillna("?"),
    ]
    problem = pd.Series(pd.NA, index=table.index, dtype="string")
    # The first condition that holds is the one that is told.
    for condition, text in reversed(list(zip(conditions, texts, strict=True))):
        problem = problem.mask(condition, text.astype("string"))
    return problem


def _problems(candidates: pd.DataFrame) -> pd.DataFrame:
    told = candidates[candidates["problem"].notna() & (candidates["rows_seen"] > 0)]
    joined = told.groupby(["game_id", "team_abbr"])["problem"].agg("; ".join)
    return joined.astype("string").reset_index()


def _with_starters(lines: pd.DataFrame, everything: pd.DataFrame) -> pd.DataFrame:
    """Take who started from the chosen source, else from the first other source that says so."""
    told = everything[everything["starter"].notna()]
    told = told.drop_duplicates(["game_id", "player_lookup"])[["game_id", "player_lookup", "starter", "source"]]
    told = told.rename(columns={"starter": "other_starter", "source": "other_source"})
    lines = lines.merge(told, on=["game_id", "player_lookup"], how="left")
    own = lines["starter"].notna()
    lines["starter_source"] = lines["source"].where(own, lines["other_source"])
    lines["starter"] = lines["starter"].fillna(lines["other_starter"])
    return lines.drop(columns=["other_starter", "other_source"])

"""Who was on the inactive list of a game, and how many of them had been starting."""

from collections.abc import Sequence

import pandas as pd

from analytics_assets.raw.row_sieve import RowSieve, drop_superseded, match_games, match_teams
from analytics_assets.stats.star_players import RECENT_GAMES, STARTER_SHARE

# Ten games of a team, All-Star break and postponements included.
LOOK_BACK_DAYS = 60
ROSTER_COLUMNS = (
    *("game_id", "nba_game_id", "game_date", "season_year", "team_abbr"),
    *("player_lookup", "starter", "player_status", "processed_at"),
)
_TEAM_SEASON = ["season_year", "team_abbr"]


def listed_players(sources: Sequence[pd.DataFrame], games: pd.DataFrame) -> pd.DataFrame:
    """Who each source lists for a game, whether he started, and his status; best source first.

    Args:
        sources: Frames of player box tables with ``ROSTER_COLUMNS``; a source that does not have starters or statuses
            has NULL there.
        games: ``Schedule.games``.

    Returns:
        ``game_id``, ``game_date``, ``season_year``, ``team_abbr``, ``player_lookup``, ``starter``, ``player_status``:
        of each team and game only the rows of the first source that lists it.
    """
    parts = []
    for rank, raw in enumerate(sources):
        kinds = {"player_status": "string", "starter": "boolean", "player_lookup": "string"}
        sieve = RowSieve(raw.reset_index(drop=True).astype(kinds))
        match_games(sieve, games)
        match_teams(sieve)
        drop_superseded(sieve, ["game_id", "player_lookup"], "player")
        parts.append(sieve.rows.assign(rank=rank))
    rows = pd.concat(parts, ignore_index=True)
    best = rows["rank"] == rows.groupby(["game_id", "team_abbr"])["rank"].transform("min")
    rows["player_status"] = rows["player_status"].str.strip().str.lower()
    columns = ["game_id", "game_date", *_TEAM_SEASON, "player_lookup", "starter", "player_status"]
    return rows.loc[best, columns].reset_index(drop=True)


def count_absences(listed: pd.DataFrame, dates: pd.Series) -> pd.DataFrame:
    """Inactive players and inactive starters per team and game.

    An inactive player counts as a starter if he started at least half of the team's last ten games of the season
    before this one, or of as many as there were.

    Args:
        listed: :func:`listed_players` of the dates and of the days before.
        dates: Game dates to count.

    Returns:
        Per ``game_id`` and ``team_abbr`` of the dates: ``players_inactive`` (NULL where the source gives no statuses)
        and ``starters_inactive`` (NULL also where no earlier game says who started).
    """
    keys = ["game_id", "team_abbr"]
    told = listed.assign(
        tells_status=listed["player_status"].notna(), tells_starters=listed["starter"].fillna(False).astype(bool)
    )
    team_games = told.groupby([*_TEAM_SEASON, "game_date", "game_id"], as_index=False)[
        ["tells_status", "tells_starters"]
    ].any()
    team_games = team_games.sort_values([*_TEAM_SEASON, "game_date"], ignore_index=True)
    starters_told = team_games["tells_starters"].astype("int64")
    by_team = [team_games[name] for name in _TEAM_SEASON]
    # How many earlier games of the team say who started: also the place of a game among those.
    team_games["earlier"] = starters_told.groupby(by_team).cumsum() - starters_told
    wanted = team_games[team_games["game_date"].isin(dates)]
    starts = listed[listed["starter"].fillna(False).astype(bool)]
    starts = starts.merge(team_games[[*keys, "earlier"]], on=keys)[[*_TEAM_SEASON, "player_lookup", "earlier"]]
    inactive = listed[(listed["player_status"] == "inactive").fillna(False)].merge(wanted[[*keys, "earlier"]], on=keys)
    pairs = inactive.merge(starts, on=[*_TEAM_SEASON, "player_lookup"], suffixes=("", "_started"))
    before = pairs["earlier"] - pairs["earlier_started"]
    recent = pairs[(before >= 1) & (before <= RECENT_GAMES)].groupby([*keys, "player_lookup", "earlier"]).size()
    recent = recent.rename("starts").reset_index()
    usual = recent[recent["starts"] >= STARTER_SHARE * recent["earlier"].clip(upper=RECENT_GAMES)]
    counts = wanted.set_index(keys)
    players = inactive.groupby(keys).size().reindex(counts.index).fillna(0).astype("Int64")
    starters = usual.groupby(keys).size().reindex(counts.index).fillna(0).astype("Int64")
    return pd.DataFrame(
        {
            "players_inactive": players.where(counts["tells_status"]),
            "starters_inactive": starters.where(counts["tells_status"] & (counts["earlier"] > 0)),
        }
    ).reset_index()

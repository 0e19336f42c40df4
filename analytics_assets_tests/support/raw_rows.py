"""Small literal raw rows for tests: one game at a time, box lines that add up to the score."""

from datetime import UTC, datetime

import pandas as pd

from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform

PLAYERS_A_TEAM = 6
# Per player: 2 threes and 2 two-pointers of 8 attempts, 2 of 2 free throws: 12 points.
LINE = {
    "points": 12,
    "assists": 3,
    "offensive_rebounds": 1,
    "defensive_rebounds": 4,
    "steals": 1,
    "blocks": 1,
    "turnovers": 2,
    "personal_fouls": 2,
    "fg_made": 4,
    "fg_attempted": 8,
    "three_pt_made": 2,
    "three_pt_attempted": 4,
    "ft_made": 2,
    "ft_attempted": 2,
}
HOME_BONUS = 1  # the first home player makes one more free throw, so the home team wins by one


def moment(text: str) -> pd.Timestamp:
    """UTC moment from ISO text."""
    return pd.Timestamp(datetime.fromisoformat(text).replace(tzinfo=UTC))


def schedule_row(nba_game_id: str, day: str, away: str = "BOS", home: str = "LAL", **more) -> dict:
    """A final game with the score of :func:`box_rows`, tip-off at 00:30 UTC of the next day."""
    tip_off = pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=24, minutes=30)
    return {
        "game_id": nba_game_id,
        "game_date": pd.Timestamp(day),
        "season_year": 2000 + int(nba_game_id[3:5]),
        "game_status": 3,
        "home_team_tricode": home,
        "away_team_tricode": away,
        "home_team_score": 12 * PLAYERS_A_TEAM + HOME_BONUS,
        "away_team_score": 12 * PLAYERS_A_TEAM,
        "tipoff_at": tip_off,
        "covered_game_types": ["cup_final", "play_in", "playoffs", "regular"],
        "data_source": "test",
        "processed_at": tip_off + pd.Timedelta(hours=3),
        **more,
    }


def schedule_frame(*rows: dict) -> pd.DataFrame:
    """Frame of ``nbac_schedule``."""
    return conform(pd.DataFrame(list(rows)), NBAC_SCHEDULE)


def box_rows(day: str, away: str = "BOS", home: str = "LAL", **more) -> list[dict]:
    """Twelve player rows of one game, forty minutes each, in the shape of the gamebook."""
    rows = []
    for team in (away, home):
        for number in range(PLAYERS_A_TEAM):
            bonus = HOME_BONUS if (team == home and number == 0) else 0
            line = {**LINE, "points": 12 + bonus, "ft_made": 2 + bonus, "ft_attempted": 2 + bonus}
            rows.append(
                {
                    "game_id": f"{day.replace('-', '')}_{away}_{home}",
                    "game_date": pd.Timestamp(day),
                    "season_year": pd.Timestamp(day).year - (pd.Timestamp(day).month < 10),
                    "player_lookup": f"{team.lower()}player{number}",
                    "player_name": f"{team} Player {number}",
                    "team_abbr": team,
                    "player_status": "active",
                    "starter": number < 5,
                    "minutes": "40:00",
                    "plus_minus": 0,
                    "processed_at": pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=28),
                    **line,
                    **more,
                }
            )
    return rows


def team_rows(day: str, away: str = "BOS", home: str = "LAL") -> list[dict]:
    """The two team lines of :func:`box_rows`, with one team turnover each."""
    frame = pd.DataFrame(box_rows(day, away, home))
    sums = frame.groupby("team_abbr")[list(LINE)].sum().reset_index()
    sums["turnovers"] += 1
    first = frame.iloc[0]
    return [
        {
            **row,
            "game_id": first["game_id"],
            "game_date": first["game_date"],
            "season_year": first["season_year"],
            "is_home": row["team_abbr"] == home,
            "minutes": "240:00",
            "processed_at": first["processed_at"],
        }
        for row in sums.to_dict("records")
    ]


def roster_rows(day: str, *teams: str) -> list[dict]:
    """Roster of each team with the players of :func:`box_rows`."""
    stamp = pd.Timestamp(day)
    return [
        {
            "roster_date": stamp,
            "season_year": stamp.year - (stamp.month < 10),
            "team_abbr": team,
            "player_lookup": f"{team.lower()}player{number}",
            "processed_at": stamp.tz_localize("UTC"),
        }
        for team in teams
        for number in range(PLAYERS_A_TEAM)
    ]


def registry_rows(*lookups: str, season_year: int = 2023) -> list[dict]:
    """Registry rows with ids ``id-<lookup>``."""
    return [
        {
            "player_lookup": lookup,
            "season_year": season_year,
            "universal_player_id": f"id-{lookup}",
            "processed_at": moment("2023-09-01"),
        }
        for lookup in lookups
    ]


def raw_frame(table: Table, rows: list[dict]) -> pd.DataFrame:
    """Frame of a raw table from rows; keys that the table does not declare are left out."""
    frame = pd.DataFrame(rows)
    return conform(frame[[name for name in frame.columns if name in table.by_name]], table)

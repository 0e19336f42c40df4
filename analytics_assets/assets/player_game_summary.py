"""Producer of ``player_game_summary``: reads raw frames, calls the pure steps in order."""

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from analytics_assets.assets.producer import Built
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.player_lines import PlayerLines, interpret_player_rows
from analytics_assets.raw.schedule import Schedule
from analytics_assets.raw.source_choice import ChosenLines, choose_sources
from analytics_assets.raw.source_tracking import source_tracking
from analytics_assets.raw.team_lines import TeamLines, interpret_team_rows
from analytics_assets.stats.player_game_summary import build_player_game_summary
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import as_date, date_series
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse import Warehouse

_PLAYER_SOURCES = {
    "source_nbac": NBAC_GAMEBOOK_PLAYER_STATS,
    "source_nbac_box": NBAC_PLAYER_BOXSCORES,
    "source_bdl": BDL_PLAYER_BOXSCORES,
}


class PlayerGameSummaryProducer:
    """Builds player rows from the gamebook, NBA.com's box or balldontlie, whichever adds up."""

    table = PLAYER_GAME_SUMMARY
    raw_tables = (NBAC_SCHEDULE, *_PLAYER_SOURCES.values(), NBAC_TEAM_BOXSCORE, PLAYER_REGISTRY)
    warn_hours = 12.0
    fail_hours = 24.0
    historical_rule = True

    def build(self, warehouse: Warehouse, schedule: Schedule, dates: Sequence[date], now: datetime) -> Built:
        """Build all dates; see :class:`Producer`."""
        first, last = min(dates), max(dates)
        wanted = date_series(dates)

        def read(table: Table) -> pd.DataFrame:
            rows = warehouse.read(table, start=first, end=last)
            return rows[rows["game_date"].isin(wanted)].reset_index(drop=True)

        raw = {table.name: read(table) for table in (*_PLAYER_SOURCES.values(), NBAC_TEAM_BOXSCORE)}
        players = {t.name: interpret_player_rows(raw[t.name], t.name, schedule.games) for t in _PLAYER_SOURCES.values()}
        team_box = interpret_team_rows(raw[NBAC_TEAM_BOXSCORE.name], schedule.games)
        teams = expected_teams(schedule.games, wanted, team_box)
        chosen = choose_sources(players, teams)
        tracking = _tracking(raw, players, team_box, teams)
        registry = warehouse.read(PLAYER_REGISTRY, ["player_lookup", "season_year", "universal_player_id"])
        columns = [
            "game_id",
            "team_abbr",
            "team_score",
            "opponent_score",
            "team_box_turnovers",
            "opponent_box_turnovers",
        ]
        rows = build_player_game_summary(chosen.lines, teams[columns], registry, tracking, pd.Timestamp(now))
        return Built(
            rows=rows,
            games=_games(chosen.teams, schedule.games),
            last_updated=chosen.lines.groupby("game_date")["processed_at"].max(),
            sources=_sources_by_date(chosen),
            refused=_refused(raw, players, team_box),
            unscheduled=frozenset(
                as_date(day) for lines in players.values() for day in lines.unscheduled["game_date"].unique()
            ),
        )


def expected_teams(games: pd.DataFrame, dates: pd.Series, team_box: TeamLines) -> pd.DataFrame:
    """Both sides of every counted game of the dates, with score and team turnovers.

    The schedule's score wins; where it has none, the official team lines' points stand in.

    Returns:
        ``game_id``, ``game_date``, ``team_abbr``, ``team_score``, ``opponent_score``, ``team_box_turnovers``,
        ``opponent_box_turnovers``.
    """
    counted = games[games["counts"] & games["game_date"].isin(dates)]
    sides = []
    for own, other in (("home", "away"), ("away", "home")):
        names = {own: "team_abbr", other: "opponent", f"{own}_score": "team_score", f"{other}_score": "opponent_score"}
        sides.append(counted[["game_id", "game_date", *names]].rename(columns=names))
    teams = pd.concat(sides, ignore_index=True)
    box = team_box.lines[["game_id", "team_abbr", "points", "turnovers"]]
    own = box.rename(columns={"points": "own_points", "turnovers": "team_box_turnovers"})
    other = box.rename(
        columns={"team_abbr": "opponent", "points": "other_points", "turnovers": "opponent_box_turnovers"}
    )
    teams = teams.merge(own, on=["game_id", "team_abbr"], how="left").merge(
        other, on=["game_id", "opponent"], how="left"
    )
    teams["team_score"] = teams["team_score"].fillna(teams["own_points"])
    teams["opponent_score"] = teams["opponent_score"].fillna(teams["other_points"])
    return teams.drop(columns=["opponent", "own_points", "other_points"])


def _tracking(
    raw: dict[str, pd.DataFrame], players: dict[str, PlayerLines], team_box: TeamLines, expected: pd.DataFrame
) -> pd.DataFrame:
    keys = expected[["game_date", "game_id", "team_abbr"]]
    parts = [source_tracking(p, t, raw[t.name], players[t.name].lines, keys) for p, t in _PLAYER_SOURCES.items()]
    parts.append(source_tracking("source_team", NBAC_TEAM_BOXSCORE, raw[NBAC_TEAM_BOXSCORE.name], team_box.lines, keys))
    tracking = parts[0]
    for part in parts[1:]:
        tracking = tracking.merge(part, on="game_date")
    return tracking


def _games(teams: pd.DataFrame, scheduled: pd.DataFrame) -> pd.DataFrame:
    judged = teams.assign(complete=teams["source"].notna())
    judged["problem"] = judged["team_abbr"] + " (" + judged["problem"].fillna("no rows") + ")"
    judged["problem"] = judged["problem"].mask(judged["complete"])
    by_game = judged.groupby(["game_date", "game_id"], as_index=False)
    found = by_game.agg(
        complete=("complete", "all"),
        rows_expected=("rows_expected", "sum"),
        rows_seen=("rows_seen", "sum"),
        faulty=("faulty", "any"),
        problem=("problem", lambda texts: "; ".join(texts.dropna())),
    )
    return found.merge(scheduled.loc[scheduled["counts"], ["game_id", "final", "ends_at"]], on="game_id", how="left")


def _sources_by_date(chosen: ChosenLines) -> dict[date, tuple[str, ...]]:
    sizes = chosen.lines.groupby(["game_date", "source"]).size().reset_index(name="rows")
    sizes = sizes.sort_values(["game_date", "rows"], ascending=[True, False])
    return {as_date(day): tuple(names) for day, names in sizes.groupby("game_date")["source"]}


def _refused(raw: dict[str, pd.DataFrame], players: dict[str, PlayerLines], team_box: TeamLines) -> pd.DataFrame:
    interpreted = {
        **{name: lines.refused for name, lines in players.items()},
        NBAC_TEAM_BOXSCORE.name: team_box.refused,
    }
    parts = []
    for name, refused in interpreted.items():
        if refused.empty:
            continue
        rows = raw[name].loc[refused["row"]]
        values = rows.to_json(orient="records", lines=True, date_format="iso").splitlines()
        parts.append(
            pd.DataFrame(
                {
                    "game_date": rows["game_date"].to_numpy(),
                    "source_table": name,
                    "game_id": rows["game_id"].to_numpy(),
                    "player_lookup": rows["player_lookup"].to_numpy() if "player_lookup" in rows.columns else None,
                    "reason": refused["reason"].to_numpy(),
                    "detail": refused["detail"].to_numpy(),
                    "raw_values": values,
                }
            )
        )
    columns = ["game_date", "source_table", "game_id", "player_lookup", "reason", "detail", "raw_values"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

"""The step that all three summaries share: read the box scores of some dates, choose a source per team and game."""

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from analytics_assets.assets.raw_reader import RawReader
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.player_lines import PlayerLines, interpret_player_rows
from analytics_assets.raw.refused_rows import describe_refused, joined_refused
from analytics_assets.raw.schedule import Schedule
from analytics_assets.raw.source_choice import ChosenLines, choose_sources
from analytics_assets.raw.source_tracking import source_tracking
from analytics_assets.raw.team_choice import choose_team_lines, expected_teams
from analytics_assets.raw.team_lines import TeamLines, interpret_team_rows
from analytics_assets.tables.frames import as_date

PLAYER_BOXES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
BOX_TABLES = (*PLAYER_BOXES, NBAC_TEAM_BOXSCORE, PLAYER_REGISTRY)


@dataclass(frozen=True)
class BoxSources:
    """Box scores of some dates.

    Attributes:
        teams: Both sides of every expected game, as ``expected_teams`` gives them.
        players: Interpreted player lines by raw table.
        team_box: Interpreted team lines.
        chosen: Chosen player lines.
        team_lines: Chosen team lines.
        registry: ``player_lookup``, ``season_year``, ``universal_player_id``, ``nba_player_id``.
        refused: Refused raw rows.
        unscheduled: Dates with rows of counted games that the schedule does not hold.
    """

    teams: pd.DataFrame
    players: dict[str, PlayerLines]
    team_box: TeamLines
    chosen: ChosenLines
    team_lines: pd.DataFrame
    registry: pd.DataFrame
    refused: pd.DataFrame
    unscheduled: frozenset[date]
    _raw: dict[str, pd.DataFrame]
    _tracked: dict[str, pd.DataFrame] = field(default_factory=dict)

    def tracking(self, prefixes: dict[str, str]) -> pd.DataFrame:
        """Source-tracking columns of the box tables per ``game_date``; ``prefixes`` is prefix to raw table."""
        tracked = self.teams[["game_date"]].drop_duplicates()
        for prefix, name in prefixes.items():
            part = self._tracking_of(name).set_index("game_date").add_prefix(prefix).reset_index()
            tracked = tracked.merge(part, on="game_date")
        return tracked

    def _tracking_of(self, name: str) -> pd.DataFrame:
        """Tracking columns of one table without a prefix; every summary asks for them, once is enough."""
        if name not in self._tracked:
            table = next(table for table in BOX_TABLES if table.name == name)
            matched = self.team_box.lines if table is NBAC_TEAM_BOXSCORE else self.players[name].lines
            keys = self.teams[["game_date", "game_id", "team_abbr"]]
            self._tracked[name] = source_tracking("", table, self._raw[name], matched, keys)
        return self._tracked[name]

    def listed_players(self) -> pd.DataFrame:
        """``game_id``, ``player_lookup`` and ``nba_player_id`` of everyone whom any source lists."""
        columns = ["game_id", "season_year", "player_lookup", "nba_player_id"]
        rows = pd.concat([lines.lines[columns] for lines in self.players.values()], ignore_index=True)
        known = self.registry[["player_lookup", "season_year", "nba_player_id"]].dropna()
        known = known.drop_duplicates(["player_lookup", "season_year"], keep="last")
        rows = rows.merge(known, on=["player_lookup", "season_year"], how="left", suffixes=("", "_registered"))
        rows["nba_player_id"] = rows["nba_player_id"].fillna(rows["nba_player_id_registered"])
        rows = rows.sort_values("nba_player_id", na_position="last", kind="stable")
        return rows[["game_id", "player_lookup", "nba_player_id"]].drop_duplicates(["game_id", "player_lookup"])


def read_box_sources(reader: RawReader, schedule: Schedule) -> BoxSources:
    """Read and interpret the box scores of the reader's dates and choose among them."""
    raw = {table.name: reader.read(table) for table in (*PLAYER_BOXES, NBAC_TEAM_BOXSCORE)}
    players = {t.name: interpret_player_rows(raw[t.name], t.name, schedule.games) for t in PLAYER_BOXES}
    team_box = interpret_team_rows(raw[NBAC_TEAM_BOXSCORE.name], schedule.games)
    teams = expected_teams(schedule.games, reader.dates, team_box)
    chosen = choose_sources(players, teams)
    refused = {name: lines.refused for name, lines in players.items()} | {NBAC_TEAM_BOXSCORE.name: team_box.refused}
    outside = [day for lines in players.values() for day in lines.unscheduled["game_date"].unique()]
    return BoxSources(
        teams=teams,
        players=players,
        team_box=team_box,
        chosen=chosen,
        team_lines=choose_team_lines(teams, team_box, chosen),
        registry=reader.read_whole(
            PLAYER_REGISTRY, ["player_lookup", "season_year", "universal_player_id", "nba_player_id"]
        ),
        refused=joined_refused(describe_refused(raw[name], rows, name) for name, rows in refused.items()),
        unscheduled=frozenset(as_date(day) for day in outside),
        _raw=raw,
    )


def judged_games(teams: pd.DataFrame, scheduled: pd.DataFrame) -> pd.DataFrame:
    """Which expected games are complete, as ``Built.games`` wants it.

    Args:
        teams: Per expected ``game_id`` and ``team_abbr``: ``game_date``, ``source`` (NULL if none is usable),
            ``rows_expected``, ``rows_seen``, ``problem``, ``faulty``.
        scheduled: ``Schedule.games``.
    """
    judged = teams.assign(complete=teams["source"].notna())
    judged["problem"] = judged["team_abbr"] + " (" + judged["problem"].fillna("no rows") + ")"
    judged["problem"] = judged["problem"].mask(judged["complete"])
    by_game = judged.groupby(["game_date", "game_id"], as_index=False)
    found = by_game.agg(
        complete=("complete", "all"),
        rows_expected=("rows_expected", "sum"),
        rows_seen=("rows_seen", "sum"),
        faulty=("faulty", "any"),
    )
    # Most games have no problem, so only the others are joined, one by one.
    problems = judged.dropna(subset=["problem"]).groupby("game_id")["problem"].agg("; ".join).astype("string")
    found["problem"] = found["game_id"].map(problems).astype("string").fillna("")
    return found.merge(scheduled.loc[scheduled["counts"], ["game_id", "final", "ends_at"]], on="game_id", how="left")


def sources_by_date(rows: pd.DataFrame) -> dict[date, tuple[str, ...]]:
    """Raw tables used per date, the one that gave most rows first; ``rows`` has ``game_date`` and ``source``."""
    sizes = rows.groupby(["game_date", "source"]).size().reset_index(name="rows")
    sizes = sizes.sort_values(["game_date", "rows"], ascending=[True, False])
    return {as_date(day): tuple(names) for day, names in sizes.groupby("game_date")["source"]}

"""The checks that raw rows pass: known game, known team, plausible counts, no duplicates."""

from collections.abc import Callable, Sequence

import pandas as pd

from analytics_assets.league.games import COUNTED_GAME_TYPES, game_types
from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets.raw.schedule import middle_of_date, pair_keys

_GAME_COLUMNS = ["nba_game_id", "game_id", "game_date", "season_year", "game_type", "home", "away", "game_status"]
_IDENTITY = ["raw_game_id", "raw_nba_id", "raw_date"]
_RAW_NAMES = {
    "game_id": "raw_game_id",
    "game_date": "raw_date",
    "nba_game_id": "raw_nba_id",
    "season_year": "raw_season",
    "team_abbr": "raw_team",
    "game_status": "raw_status",
}
# The most points of a team in a game are 186; what a sum of several rows adds up to can still be counted.
HIGHEST_COUNT = 400
_EARLIEST, _LATEST = pd.Timedelta(days=365), pd.Timedelta(days=183)
_UNTELLABLE = "a value that this rule speaks of is NULL; complete the row and load again"


class RowSieve:
    """Rows still good, and the reasons for which others were refused or left out.

    Every row that comes in is in exactly one of ``rows``, ``refused`` and ``left_out``.

    Attributes:
        rows: Good rows, under the index labels with which they came.
        left_out: By index label, the rule by which a row that breaks none is none of ours, such as
            ``game_not_counted``.
    """

    def __init__(self, raw: pd.DataFrame) -> None:
        self.rows = raw.rename(columns=_RAW_NAMES)
        self.left_out = pd.Series(dtype="string")
        self._refused: list[pd.DataFrame] = []

    def refuse(self, broken: pd.Series, reason: str, detail: pd.Series | str) -> None:
        """Take out the rows where ``broken`` holds."""
        mask = broken.fillna(False).astype(bool)
        if not mask.any():
            return
        rows = self.rows[mask]
        unknown = pd.Series(pd.NA, index=rows.index)
        names = ("game_id", "team_abbr")
        known = {name: (rows[name] if name in rows.columns else unknown).astype("string") for name in names}
        # A text that is put together of the row's values is NULL as soon as one of them is.
        details = detail[mask].fillna(_UNTELLABLE) if isinstance(detail, pd.Series) else detail
        self._refused.append(
            pd.DataFrame({"row": rows.index, "reason": reason, "detail": details, **known}, index=rows.index)
        )
        self.rows = self.rows[~mask]

    def leave_out(self, others: pd.Series, rule: str) -> None:
        """Take out the rows where ``others`` holds, which are no fault of the data."""
        mask = others.fillna(False).astype(bool)
        if mask.any():
            told = pd.Series(rule, index=self.rows.index[mask], dtype="string")
            self.left_out = told if self.left_out.empty else pd.concat([self.left_out, told])
            self.rows = self.rows[~mask]

    @property
    def refused(self) -> pd.DataFrame:
        """All refused rows."""
        columns = ["row", "reason", "detail", "game_id", "team_abbr"]
        if not self._refused:
            return pd.DataFrame(columns=columns)
        return pd.concat(self._refused, ignore_index=True)[columns]


def shown(values: pd.Series) -> pd.Series:
    """Values as the texts of refused rows show them."""
    return values.astype("string").fillna("NULL")


def refuse_rows(sieve: RowSieve, broken: pd.Series, reason: str, detail: Callable[[pd.DataFrame], pd.Series]) -> None:
    """Refuse rows with a detail that is written for the broken rows only; a season has half a million good ones.

    Args:
        sieve: Rows to take from.
        broken: Whether each row breaks the rule.
        reason: Short name of the rule.
        detail: Gives the text of each broken row.
    """
    mask = broken.fillna(False).astype(bool)
    if mask.any():
        sieve.refuse(mask, reason, detail(sieve.rows[mask]).reindex(sieve.rows.index))


def scheduled_games(raw: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """Schedule columns for each raw row, found by NBA id or by date and both teams in either order.

    Args:
        raw: Frame with ``raw_game_id`` and ``raw_nba_id``.
        games: ``Schedule.games``.

    Returns:
        On the same index: the schedule's game columns, NULL where no game matches, and ``id_problem``:
        ``malformed_game_id``, ``unknown_tricode``, ``game_ids_contradict`` or NULL.
    """
    identities = raw[["raw_game_id", "raw_nba_id"]]
    # A game has tens of rows or more, so each distinct identity is looked up once.
    case = identities.groupby(list(identities.columns), dropna=False, sort=False).ngroup()
    found = _scheduled_games(identities[~case.duplicated()].reset_index(drop=True), games)
    return found.iloc[case.to_numpy()].set_axis(raw.index)


def _scheduled_games(raw: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    identity = raw["raw_game_id"].astype("string").str.strip()
    parts = identity.str.extract(r"^(\d{8})_([A-Za-z]+)_([A-Za-z]+)$")
    is_nba_id = identity.str.fullmatch(r"\d{10}").fillna(False).astype(bool)
    nba_id = identity.where(is_nba_id).fillna(raw["raw_nba_id"])
    day = pd.to_datetime(parts[0], format="%Y%m%d", errors="coerce")
    one, other = canonical_tricodes(parts[1]), canonical_tricodes(parts[2])
    pair = pair_keys(day, one, other)
    by_id = games.drop_duplicates("nba_game_id").set_index("nba_game_id", drop=False)
    # Pre-season games and games called off are found too, so that their rows are told from unknown games.
    by_pair = games[games["pair"].notna()].sort_values("counts", ascending=False, kind="stable")
    by_pair = by_pair.drop_duplicates("pair").set_index("pair", drop=False)
    wanted = [*_GAME_COLUMNS, "counts"]
    found = by_id.reindex(nba_id)[wanted].set_axis(raw.index)
    second = by_pair.reindex(pair)[wanted].set_axis(raw.index)
    both = found["nba_game_id"].notna() & second["nba_game_id"].notna()
    contradict = both & (found["nba_game_id"] != second["nba_game_id"]).fillna(False).astype(bool)
    # Rows whose pair names a game are taken by pair when the NBA id names none.
    unmatched = found["game_id"].isna() & found["nba_game_id"].isna()
    found = found.where(~unmatched, second)
    problem = pd.Series(pd.NA, index=raw.index, dtype="string")
    malformed = parts[0].isna() & ~is_nba_id | (parts[0].notna() & day.isna())
    problem = problem.mask(parts[0].notna() & (one.isna() | other.isna()), "unknown_tricode")
    problem = problem.mask(malformed, "malformed_game_id")
    problem = problem.where(found["nba_game_id"].isna()).mask(contradict, "game_ids_contradict")
    return found.assign(id_problem=problem, known_nba_id=nba_id)


def match_games(sieve: RowSieve, games: pd.DataFrame) -> None:
    """Give rows their game's schedule columns; drop pre-season and All-Star rows, refuse rows of unknown games."""
    found = scheduled_games(sieve.rows, games)
    # Not ours to refuse, whatever else is odd about them: the tables leave those games out, and their teams may be
    # no NBA teams.
    kind = found["game_type"].fillna(game_types(found["known_nba_id"]))
    counted = kind.isna() | kind.isin([str(k) for k in COUNTED_GAME_TYPES])
    sieve.rows = pd.concat([sieve.rows, found], axis=1)
    sieve.leave_out(~counted, "game_not_counted")
    refuse_rows(
        sieve,
        sieve.rows["id_problem"] == "malformed_game_id",
        "malformed_game_id",
        lambda rows: (
            "game_id '"
            + shown(rows["raw_game_id"])
            + "' is neither YYYYMMDD_AWAY_HOME nor a ten-digit NBA id; correct it and load again"
        ),
    )
    refuse_rows(
        sieve,
        sieve.rows["id_problem"] == "unknown_tricode",
        "unknown_tricode",
        lambda rows: (
            "game_id '"
            + shown(rows["raw_game_id"])
            + "' names an unknown team; correct the code or add the variant to the league's teams"
        ),
    )
    refuse_rows(
        sieve,
        sieve.rows["id_problem"] == "game_ids_contradict",
        "game_ids_contradict",
        lambda rows: (
            "game_id '"
            + shown(rows["raw_game_id"])
            + "' and nba_game_id '"
            + shown(rows["known_nba_id"])
            + "' name two different games; correct one of them, or load a newer schedule"
        ),
    )
    refuse_rows(
        sieve,
        sieve.rows["nba_game_id"].isna(),
        "game_not_in_schedule",
        lambda rows: (
            "game '" + shown(rows["raw_game_id"]) + "' is not in nbac_schedule; load the schedule that holds it"
        ),
    )
    refuse_rows(
        sieve,
        ~sieve.rows["counts"].astype(bool),
        "game_called_off",
        lambda rows: "nbac_schedule calls game " + rows["game_id"] + " postponed or cancelled; load a newer schedule",
    )
    refuse_rows(
        sieve,
        sieve.rows["raw_date"] != sieve.rows["game_date"],
        "game_date_contradicts_schedule",
        lambda rows: "game_date " + shown(rows["raw_date"]) + " but the schedule says " + shown(rows["game_date"]),
    )


def match_distinct_games(sieve: RowSieve, games: pd.DataFrame) -> None:
    """As :func:`match_games`, asking once per distinct game identity: for tables of hundreds of rows a game.

    Rows get ``game_id``, ``game_date``, ``home``, ``away`` and ``scheduled_tipoff`` only.
    """
    identities = sieve.rows[_IDENTITY]
    case = identities.groupby(_IDENTITY, dropna=False, sort=False).ngroup()
    distinct = RowSieve(identities[~case.duplicated()].set_axis(case.drop_duplicates()))
    match_games(distinct, games)
    found, refused = distinct.rows, distinct.refused.astype({"row": "int64"}).set_index("row")
    tipoffs = games.drop_duplicates("nba_game_id").set_index("nba_game_id")["tipoff_at"]
    game_ids = pd.concat([found["game_id"].astype("string"), refused["game_id"].astype("string")])
    sieve.rows = sieve.rows.assign(case=case, game_id=case.map(game_ids).astype("string"))
    for rule in distinct.left_out.unique():
        sieve.leave_out(sieve.rows["case"].isin(distinct.left_out.index[distinct.left_out == rule]), rule)
    for reason in refused["reason"].unique():
        affected = sieve.rows["case"].isin(refused.index[refused["reason"] == reason])
        refuse_rows(sieve, affected, reason, lambda broken: broken["case"].map(refused["detail"]))
    tipoff = tipoffs.reindex(found["nba_game_id"]).set_axis(found.index)
    case = sieve.rows["case"]
    teams = {side: case.map(found[side]).astype("string") for side in ("home", "away")}
    sieve.rows = sieve.rows.assign(
        game_date=case.map(found["game_date"]), **teams, scheduled_tipoff=case.map(tipoff).astype(tipoffs.dtype)
    ).drop(columns="case")


def matched_games(sieve: RowSieve) -> pd.DataFrame:
    """``game_id`` and ``game_date`` of every game of which a good row is left."""
    games = sieve.rows[["game_id", "game_date"]].drop_duplicates()
    return games.sort_values("game_id", ignore_index=True)


def match_teams(sieve: RowSieve) -> None:
    """Give rows ``team_abbr``, ``opponent_team_abbr`` and ``home_game``; refuse rows whose team is not in the game."""
    rows = sieve.rows
    stated = rows["raw_team"].astype("string").str.strip()
    sieve.refuse(
        stated.isna() | (stated == ""),
        "team_missing",
        "team_abbr is NULL; give the player's team and load again",
    )
    team = canonical_tricodes(sieve.rows["raw_team"])
    refuse_rows(
        sieve,
        team.isna(),
        "unknown_tricode",
        lambda rows: (
            "team_abbr '" + rows["raw_team"].astype("string") + "' is no known team; correct it or add the variant"
        ),
    )
    rows = sieve.rows.assign(team_abbr=team[team.notna()])
    at_home, away = rows["team_abbr"] == rows["home"], rows["team_abbr"] == rows["away"]
    rows["home_game"] = at_home.astype("boolean")
    rows["opponent_team_abbr"] = rows["away"].where(at_home, rows["home"])
    sieve.rows = rows
    refuse_rows(
        sieve,
        ~(at_home | away),
        "team_not_in_game",
        lambda strangers: (
            "team_abbr '"
            + strangers["team_abbr"]
            + "' does not play in "
            + strangers["game_id"]
            + "; correct the team or the game"
        ),
    )


def refuse_other_times(sieve: RowSieve, moment: str) -> None:
    """Refuse rows whose moment is not of the game's season: more than a year before it or half a year after it."""
    rows = sieve.rows
    away = rows[moment].astype("datetime64[us, UTC]") - middle_of_date(rows["game_date"])
    refuse_rows(
        sieve,
        (away < -_EARLIEST) | (away > _LATEST),
        "time_out_of_range",
        lambda rows: f"{moment} '" + shown(rows[moment]) + "' is nowhere near the game of " + shown(rows["game_date"]),
    )


def check_counts(sieve: RowSieve) -> None:
    """Refuse negative counts, counts that nobody reaches, and more made than attempted."""
    for name in BOX_COUNTS:
        refuse_rows(
            sieve,
            sieve.rows[name] > HIGHEST_COUNT,
            "count_out_of_range",
            lambda rows, name=name: f"{name} is " + shown(rows[name]) + f"; no team gets to {HIGHEST_COUNT}",
        )
        refuse_rows(
            sieve,
            sieve.rows[name] < 0,
            "negative_count",
            lambda rows, name=name: f"{name} is " + rows[name].astype("string") + "; counts cannot be negative",
        )
    for made, attempted in (
        ("fg_made", "fg_attempted"),
        ("three_pt_made", "three_pt_attempted"),
        ("ft_made", "ft_attempted"),
    ):
        refuse_rows(
            sieve,
            sieve.rows[made] > sieve.rows[attempted],
            "more_made_than_attempted",
            lambda rows, made=made, attempted=attempted: (
                f"{made} " + rows[made].astype("string") + f" exceeds {attempted} " + rows[attempted].astype("string")
            ),
        )


def drop_superseded(sieve: RowSieve, key: list[str], entity: str, then_by: Sequence[str] = ()) -> None:
    """Of several good rows of one key the one written last stays; ties go to the highest values, then the last row."""
    rows = sieve.rows.sort_values(["processed_at", *then_by], kind="stable")
    superseded = rows.duplicated(key, keep="last").reindex(sieve.rows.index)
    sieve.refuse(
        superseded,
        "duplicate_superseded",
        f"another row of the same {entity} and game was written later, or stands later in the table",
    )

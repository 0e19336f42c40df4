"""How the counts of raw box scores are called in the analytics tables."""

BOX_NAMES = {
    "fg_attempted": "fg_attempts",
    "fg_made": "fg_makes",
    "three_pt_attempted": "three_pt_attempts",
    "three_pt_made": "three_pt_makes",
    "ft_attempted": "ft_attempts",
    "ft_made": "ft_makes",
}
# Every count of a box score, under the tables' names.
TABLE_COUNTS = (
    *("points", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers"),
    *("personal_fouls", *BOX_NAMES.values()),
)

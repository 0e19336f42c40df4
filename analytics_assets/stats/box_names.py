"""How the counts of raw box scores are called in the analytics tables."""

BOX_NAMES = {
    "fg_attempted": "fg_attempts",
    "fg_made": "fg_makes",
    "three_pt_attempted": "three_pt_attempts",
    "three_pt_made": "three_pt_makes",
    "ft_attempted": "ft_attempts",
    "ft_made": "ft_makes",
}

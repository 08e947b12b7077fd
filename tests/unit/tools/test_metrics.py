from tools.metrics import change, column, rounded, value, words


def test_a_ratio_follows_from_sums() -> None:
    assert value({"cost": 50.0, "conversions": 4.0}, "cpa") == 12.5


def test_a_ratio_without_a_denominator_is_unknown_and_not_zero() -> None:
    assert value({"cost": 50.0, "conversions": 0.0}, "cpa") is None


def test_a_change_against_nothing_is_unknown() -> None:
    assert change(5, 0) is None
    assert change(5, None) is None
    assert change(150, 100) == 0.5


def test_numbers_are_rounded_by_their_kind() -> None:
    assert rounded(12.6, "integer") == 13
    assert rounded(1.005678, "money") == 1.01
    assert rounded(0.123456, "percent") == 0.1235
    assert rounded(None, "money") is None


def test_an_unknown_metric_is_named_by_its_words() -> None:
    assert words("sessionSourceMedium") == "Session source medium"
    assert column("cartToViewRate").kind == "percent"

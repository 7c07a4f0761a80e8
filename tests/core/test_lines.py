from credit_studio.core.lines import one_line, some_lines


def test_a_line_is_one_without_tricks_and_no_longer_than_it_may_be() -> None:
    assert one_line("  a\n\tb\u202e\x00c  ", 10) == "a bc"
    assert one_line("é" * 50, 40) == "é" * 40
    assert one_line("e\u0301", 5) == "é"
    assert one_line("\u200b\ufeff", 5) == ""


def test_lines_are_counted_and_empty_ones_left_out() -> None:
    assert some_lines(" 1 High Street \r\n\n London\u202e\nx\ny", 20, lines=3) == "1 High Street\nLondon\nx"

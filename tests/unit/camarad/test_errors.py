import inspect

import pytest

from camarad import errors
from camarad.errors import CamaradError, LimitReached, Misconfigured, Upstream

TREE = [e for _, e in inspect.getmembers(errors, inspect.isclass) if issubclass(e, CamaradError)]


@pytest.mark.parametrize("error", TREE, ids=lambda e: e.__name__)
def test_every_error_is_drawn_in_the_tree_with_its_status(error):
    line = next(line for line in errors.__doc__.splitlines() if line.split("── ")[-1].startswith(error.__name__))
    assert str(error.status) in line
    assert error.code in line or "code names" in line


@pytest.mark.parametrize("error", [e for e in TREE if e is not Upstream], ids=lambda e: e.__name__)
def test_every_error_names_a_next_step(error):
    raised = error("It did not work.")
    assert raised.message == str(raised) == "It did not work."
    assert raised.hint.endswith(".")


def test_only_an_error_with_a_time_to_wait_is_worth_repeating():
    assert LimitReached("Wait.", retry_after=3).retryable
    assert not LimitReached("Never.").retryable


def test_an_upstream_error_carries_its_own_code_and_status():
    raised = Upstream("GA4 is slow.", code="ga4_timeout", status=504)
    assert (raised.code, raised.status) == ("ga4_timeout", 504)
    assert Upstream.status == 502


def test_a_code_given_to_one_error_does_not_change_its_class():
    Misconfigured("x", code="model_unpriced")
    assert Misconfigured("x").code == "misconfigured"

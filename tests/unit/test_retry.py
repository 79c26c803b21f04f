import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.errors import ERROR_TYPE_OF, ErrorCode, ErrorType
from reslib.jobs.retry import MAX_JITTER, retry_delay


@pytest.mark.parametrize(
    ("attempt", "delay"), [(1, 0.5), (2, 2.0), (3, 10.0), (4, 30.0), (5, 60.0), (6, 60.0), (99, 60)]
)
def test_the_delay_grows_with_each_failed_attempt(attempt: int, delay: float) -> None:
    assert retry_delay(attempt, ErrorType.TIMEOUT, max_retries=100, jitter=0) == delay


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_a_missing_package_is_given_at_least_30_seconds(attempt: int) -> None:
    assert retry_delay(attempt, ErrorType.EXTRACTOR_MISSING, max_retries=9, jitter=0) == 30
    assert retry_delay(5, ErrorType.EXTRACTOR_MISSING, max_retries=9, jitter=0) == 60


@pytest.mark.parametrize("kind", [ErrorType.CORRUPTION, ErrorType.UNSUPPORTED])
def test_permanent_errors_are_never_tried_again(kind: ErrorType) -> None:
    assert retry_delay(1, kind, max_retries=100) is None


def test_three_retries_mean_four_attempts() -> None:
    assert retry_delay(3, ErrorType.UNKNOWN, max_retries=3) is not None
    assert retry_delay(4, ErrorType.UNKNOWN, max_retries=3) is None


def test_no_retries_fail_at_once() -> None:
    assert retry_delay(1, ErrorType.TIMEOUT, max_retries=0) is None


@given(st.integers(1, 50), st.sampled_from(list(ErrorType)))
def test_jitter_only_adds_and_at_most_a_tenth(attempt: int, kind: ErrorType) -> None:
    plain = retry_delay(attempt, kind, max_retries=60, jitter=0)
    actual = retry_delay(attempt, kind, max_retries=60)
    if plain is None:
        assert actual is None
    else:
        assert actual is not None
        assert plain <= actual <= plain * (1 + MAX_JITTER)


def test_every_error_code_has_a_type() -> None:
    assert set(ERROR_TYPE_OF) == set(ErrorCode)
    assert set(ERROR_TYPE_OF.values()) == set(ErrorType)

"""How unlikely a match is by chance: exact tails, as powers of ten, however small.

Nothing here needs a library. All results are ``log10`` of a probability, at most 0.
"""

from __future__ import annotations

import math

_LN10 = math.log(10.0)
_EXACT = 20_000
_SPREAD = 50.0


def log10_binomial_tail(trials: int, hits: int, chance: float = 0.5) -> float:
    """Return log10 of P(X >= hits) for X ~ Binomial(trials, chance).

    A fair coin of up to 20,000 throws is counted in whole numbers; anything else is a sum of
    logarithms, right to about 12 digits.

    Args:
        trials: How often it could have matched.
        hits: How often it did.
        chance: Probability of one match, between 0 and 1, both excluded.
    """
    if hits <= 0:
        return 0.0
    if hits > trials:
        return -math.inf
    if chance == 0.5 and trials <= _EXACT:
        return _fair(trials, hits)
    return _summed(trials, hits, chance)


def _fair(trials: int, hits: int) -> float:
    term = math.comb(trials, hits)
    total = 0
    for k in range(hits, trials + 1):
        total += term
        term = term * (trials - k) // (k + 1)
    if total.bit_length() > trials:  # all of them
        return 0.0
    return min(0.0, math.log10(total) - trials * math.log10(2.0))


def _summed(trials: int, hits: int, chance: float) -> float:
    yes, no = math.log(chance), math.log1p(-chance)
    whole, mean = math.lgamma(trials + 1), trials * chance
    first = max(hits, int(mean - _SPREAD * (1 + math.sqrt(mean * (1 - chance)))))
    terms: list[float] = []
    most = -math.inf
    for k in range(first, trials + 1):
        ways = whole - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        terms.append(ways + k * yes + (trials - k) * no)
        most = max(most, terms[-1])
        if k > mean and terms[-1] < most - _SPREAD:  # what follows adds nothing to a double
            break
    total = math.fsum(math.exp(term - most) for term in terms)
    return min(0.0, (most + math.log(total)) / _LN10)


def log10_gaussian_bound(z: float) -> float:
    """Return log10 of exp(-z²/2), which bounds the tail of a sub-Gaussian statistic; 0 if z < 0."""
    return -z * z / (2.0 * _LN10) if z > 0 else 0.0


def log10_adjusted(log10_p: float, hypotheses: int) -> float:
    """Return log10 of a p-value after Bonferroni's correction for all hypotheses that were tried.

    Args:
        log10_p: Of the best of them.
        hypotheses: How many; any whole number from 1 on.
    """
    return min(0.0, log10_p + math.log10(max(1, hypotheses)))

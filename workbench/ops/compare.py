"""Comparisons and logic: 0 and 1 in the inputs' dtype, with gradient zero."""

from .families import compare


def _three(stem):
    return f"broadcast_{stem}", f"_{stem}", f"_{stem}_scalar"


compare(_three("equal"), lambda xp, lhs, rhs: lhs == rhs, sign="==")
compare(_three("not_equal"), lambda xp, lhs, rhs: lhs != rhs, sign="!=")
compare(_three("greater"), lambda xp, lhs, rhs: lhs > rhs, sign=">")
compare(_three("greater_equal"), lambda xp, lhs, rhs: lhs >= rhs, sign=">=")
compare(_three("lesser"), lambda xp, lhs, rhs: lhs < rhs, sign="<")
compare(_three("lesser_equal"), lambda xp, lhs, rhs: lhs <= rhs, sign="<=")
compare(_three("logical_and"), lambda xp, lhs, rhs: (lhs != 0) & (rhs != 0), sign="and")
compare(_three("logical_or"), lambda xp, lhs, rhs: (lhs != 0) | (rhs != 0), sign="or")
compare(_three("logical_xor"), lambda xp, lhs, rhs: (lhs != 0) ^ (rhs != 0), sign="xor")

"""An independent measure of ``sentinel.pii``: made data with known answers, and public sets.

Nothing here knows the detector's rules, word lists or validators: the data are made from the
issuers' published formats. Tokens are made when the measure runs and are never stored.
"""

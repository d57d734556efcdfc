"""Tools that tests are built with."""

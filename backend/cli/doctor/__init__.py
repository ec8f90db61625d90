"""The checks behind routing-ml doctor: what is wrong here, and what to do about it."""

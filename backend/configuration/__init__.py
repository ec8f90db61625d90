"""Changing config/iter_training.yaml from the product itself: checked, compared, audited, comments kept."""

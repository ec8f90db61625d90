"""The story: a demo plant lives through a year while the loop looks after the model by itself.

routing-ml demo --story. Everything that decides is the product's own; the story turns the calendar, plays the
plant, the operator and one bad night, and measures beside it what the product cannot know: the noise floor.
"""

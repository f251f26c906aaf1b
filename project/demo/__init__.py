"""The demo: an invented county, 云溪县, with invented people and problems, on loopback only.

`county` builds divisions, units and people; `pictures` draws the evidence; `story` lives through about
120 problems by the real actions at past times; `run` keeps the data and the site going.
"""

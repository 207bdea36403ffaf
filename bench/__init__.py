"""Trunkline beside its peers, on one machine, in one run. Everything stays on loopback, and ends by itself.

__main__.py lists the contests, side_by_side.py plays them. A contest is a context that yields a function to
measure each contestant by its name: ingress/, worker/, pipeline/ and growth/ have them. peers/ has what others
would build. recovery/ is run by itself. ratios.py, page.py and plots.py show what came of it.
"""

"""Models on many machines, through Ray: replicas that evaluate for any number of page processes.

Ray is optional. Nothing outside this folder imports it, and nothing in here is imported unless somebody asks for it.
"""

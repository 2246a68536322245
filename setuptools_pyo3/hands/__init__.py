"""The part that acts: it reads files, starts processes and puts results in their place, as the plan says."""

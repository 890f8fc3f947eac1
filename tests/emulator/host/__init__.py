"""A stand-in for the instances: runs the tasks that services want as processes of this machine."""

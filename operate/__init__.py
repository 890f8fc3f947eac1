"""Commands of whoever deploys: deploy, release, swap, roll back, make keys."""

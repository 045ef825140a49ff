# Shorthand for those with make: dev.py does the work.
.PHONY: run test lock

run:
	python3 dev.py run

test:
	python3 dev.py test

lock:
	python3 dev.py lock

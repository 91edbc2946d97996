# The commands of the house. `make demo` and `make test` work from nothing on Debian and Ubuntu.

.PHONY: demo test format lint clean

demo:
	@scripts/demo.sh

test:
	@scripts/test.sh

format:
	swift format --in-place --recursive Package.swift Sources Tests

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

clean:
	rm -rf .build .demo

# The commands of the house. `make demo` and `make test` work from nothing on Debian and Ubuntu.

.PHONY: demo test install uninstall format lint clean

# Where make install puts the program and its catalogue.
PREFIX ?= /usr/local
DATA = $(DESTDIR)$(PREFIX)/share/borda

demo:
	@scripts/demo.sh

test:
	@scripts/test.sh

# The program finds share/borda/Tasks beside its own folder, wherever it is started.
install:
	@bash -c 'set -euo pipefail; . scripts/setup.sh; need_swift; need_sqlite'
	swift build -c release --product borda
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DATA)"
	install -m 755 "$$(swift build -c release --show-bin-path)/borda" "$(DESTDIR)$(PREFIX)/bin/borda"
	rm -rf "$(DATA)/Tasks"
	cp -R Tasks "$(DATA)/Tasks"

uninstall:
	rm -rf "$(DESTDIR)$(PREFIX)/bin/borda" "$(DATA)"

format:
	swift format --in-place --recursive Package.swift Sources Tests

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

clean:
	rm -rf .build .demo

# SPDX-License-Identifier: Apache-2.0
# The short way to what meson does. `make` builds build/merle and build/merlec;
# what Debian lacks is installed first where that is allowed.
BUILD = build
PREFIX = /usr/local
SECONDS = 200
MODES = address thread gc slices
PACKAGES = gcc meson ninja-build pkg-config python3 libgmp-dev libuv1-dev \
    libpcre2-dev zlib1g-dev libutf8proc-dev libssl-dev libcmocka-dev tmux

all: setup
	@ninja -C $(BUILD)

setup: $(BUILD)/build.ninja

$(BUILD)/build.ninja:
	@.ci/packages $(PACKAGES)
	@meson setup --buildtype=release $(BUILD)

shell: all
	@$(BUILD)/merle

test: all
	@test/run --again --build $(BUILD)

# Benchmarks, beside an installed Erlang/OTP if there is one.
bench: all
	@bench/run $(BUILD)

# For long: mixed work with checked counts, sanitizers, stress modes; see
# doc/testing.md.
soak: all
	@test/soak/run $(BUILD) $(SECONDS) $(MODES)

install: all
	@meson configure $(BUILD) --prefix=$(PREFIX) >/dev/null
	@meson install -C $(BUILD)

clean:
	@rm -rf $(BUILD)

.PHONY: all setup shell test soak bench install clean

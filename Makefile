# rollcall: everything is built and tested from here.  `make help` lists the targets.
#
# Variants live side by side in build/: release (for use), test (ASan + UBSan, turned clocks, control
# socket for the talks), thread (TSan).  CC=clang builds into build/VARIANT-clang.

VERSION	= 0.1.0
CC	= gcc
B	= build
SUFFIX	= $(if $(filter clang%,$(CC)),-clang)
R	= $(B)/release$(SUFFIX)
T	= $(B)/test$(SUFFIX)

# ---- packages: the one list.  Debian 12; nothing is installed when all is there. --------------
PACKAGES_RUN = gcc libc6-dev libwebsockets-dev libwebsockets-evlib-uv libuv1-dev \
	libcurl4-openssl-dev libcjson-dev libyaml-dev libpcre2-dev libsqlite3-dev \
	libmicrohttpd-dev libssl-dev libedit-dev libical-dev libunistring-dev ca-certificates
PACKAGES_CHECK = $(PACKAGES_RUN) libcmocka-dev clang libclang-rt-14-dev
PACKAGES_LINT = $(PACKAGES_CHECK) clang-tidy clang-format cppcheck valgrind
PACKAGES_E2E = $(PACKAGES_RUN) unzip
PACKAGES_PACKAGE = $(PACKAGES_RUN) dpkg-dev git lintian debootstrap man-db systemd zsh fish curl
PACKAGES_IMAGE = $(PACKAGES_PACKAGE) buildah podman runc
PACKAGES_MACHINE = $(PACKAGES_PACKAGE) qemu-system-x86 e2fsprogs

Q	= $(if $(V),,@)
# As many jobs as processors, unless -j says otherwise.
MAKEFLAGS += --jobs=$(shell nproc)

# ---- flags ------------------------------------------------------------------------------------
WARN	= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
	  -Wpointer-arith -Wcast-qual -Wundef -Wwrite-strings -Werror
COMMON	= -std=gnu17 -D_GNU_SOURCE -DROLLCALL_VERSION='"$(VERSION)"' -iquote . -iquote bot $(WARN) -MMD -MP -g
RELEASE	= -O2 -fPIE -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 \
	  -fno-strict-overflow $(if $(SUFFIX),,-fcf-protection)
TEST	= -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	  -DROLLCALL_TEST=1
LIBS	= -lwebsockets -lcurl -lmicrohttpd -luv -lcjson -lyaml -lpcre2-8 -lsqlite3 -lssl -lcrypto \
	  -ledit -lical -lunistring -lpthread -lm
HARDEN	= -pie -Wl,--build-id -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

# ---- what there is ----------------------------------------------------------------------------
SRC_BASE	= $(sort $(wildcard bot/base/*.c))
SRC_BOT		= $(filter-out bot/main.c,$(sort $(wildcard bot/*.c)))
SRC_REST	= $(sort $(wildcard adapters/*/*.c) $(wildcard commands/*.c))
SRC_LIB		= $(SRC_BASE) $(SRC_BOT) $(SRC_REST)
SRC_SLACK	= $(sort $(wildcard tests/fakes/slack/*.c))
SRC_CLUSTER	= $(sort $(wildcard tests/fakes/cluster/*.c))
SRC_TALK	= $(sort $(wildcard tests/talk/*.c))
SRC_PLANS	= $(sort $(wildcard tests/plans/*.c))
UNIT		= $(sort $(wildcard tests/unit/*.c))
EMBEDDED	= $(sort $(wildcard config/*.yaml config/templates/*))

obj	= $(patsubst %.c,$(1)/%.o,$(2))

.PHONY: all help run check check-unit check-plans check-talk layers numbers format install clean \
	bench bench-others overhead e2e answers lint lint-tidy lint-cppcheck lint-valgrind fuzz torture packages packages-check \
	packages-lint packages-e2e deb package-check image image-check machine-check release test-build
.SECONDARY:
.DELETE_ON_ERROR:

all: release

help:
	@echo 'make run      install what is missing, build, start the playground'
	@echo 'make check    install what is missing, build with sanitizers, run unit, plan and talk tests'
	@echo 'make          build for use: $(R)/rollcall'
	@echo 'make e2e      real kubectl and helm on a real Kubernetes API server (needs Go and npm)'
	@echo 'make answers  do they still say what the recorded answers say?'
	@echo 'make layers   who may include what    make numbers  sizes    make lint  static checks'
	@echo 'make fuzz     short fuzzing    make torture  failing spawns, writes, commits'
	@echo 'make bench    how fast: 5 minutes; BENCH=short: 2; BENCH=smoke: does it work'
	@echo 'make overhead   what it adds to a rollback on a real cluster (needs Go and npm)'
	@echo 'make bench-others   the same of slack-go, Bolt, Hubot and Errbot (needs Go, npm, pip)'
	@echo 'make install  DESTDIR= PREFIX=/usr/local    make deb  a Debian package'
	@echo 'make package-check  do installed programs and packages work    make image  a container (docker, podman, buildah)'
	@echo 'make image-check  is the image built, and does it run in podman    make machine-check  the service under a real systemd'
	@echo 'make format   make clean'

release: $(R)/rollcall $(R)/rollcall-exec $(R)/rollcall-slack $(R)/rollcall-cluster

# ---- packages ---------------------------------------------------------------------------------
# A stamp for each list; its content is the list, so that a longer list is looked at again.
define install_packages
@mkdir -p $(B)
@missing=; for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' \
  || missing="$$missing $$p"; done; \
if ! command -v dpkg-query >/dev/null 2>&1; then \
  echo 'rollcall is built on Debian 12; on another system install the libraries of PACKAGES_RUN in the Makefile, then: make PACKAGES=there' >&2; exit 1; fi; \
if [ -n "$$missing" ]; then \
  if [ "$$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null 2>&1; then sudo=sudo; \
  else echo "packages are missing and this is neither root nor a user with sudo; as root: apt-get install$$missing" >&2; exit 1; fi; \
  echo "installing:$$missing"; \
  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq \
    --no-install-recommends $$missing >$(B)/apt.log 2>&1 || { tail -n 20 $(B)/apt.log >&2; exit 1; }; fi
@echo '$(1)' >$@
endef

stamp = $(B)/.packages-$(1)-$(shell echo '$(2)' | cksum | cut -d' ' -f1)
ifeq ($(PACKAGES),there)
STAMP_RUN =
STAMP_CHECK =
STAMP_LINT =
STAMP_E2E =
STAMP_PACKAGE =
STAMP_IMAGE =
STAMP_MACHINE =
else
STAMP_RUN = $(call stamp,run,$(PACKAGES_RUN))
STAMP_CHECK = $(call stamp,check,$(PACKAGES_CHECK))
STAMP_LINT = $(call stamp,lint,$(PACKAGES_LINT))
STAMP_E2E = $(call stamp,e2e,$(PACKAGES_E2E))
STAMP_PACKAGE = $(call stamp,package,$(PACKAGES_PACKAGE))
STAMP_IMAGE = $(call stamp,image,$(PACKAGES_IMAGE))
STAMP_MACHINE = $(call stamp,machine,$(PACKAGES_MACHINE))
$(STAMP_RUN):
	$(call install_packages,$(PACKAGES_RUN))
$(STAMP_CHECK):
	$(call install_packages,$(PACKAGES_CHECK))
$(STAMP_LINT):
	$(call install_packages,$(PACKAGES_LINT))
$(STAMP_E2E):
	$(call install_packages,$(PACKAGES_E2E))
# dpkg allows one installation at a time; the longest list comes first, so that people read one sentence.
ifneq ($(filter check% fuzz test-build,$(MAKECMDGOALS)),)
$(STAMP_RUN): | $(STAMP_CHECK)
else
$(STAMP_CHECK): | $(STAMP_RUN)
endif
$(STAMP_PACKAGE):
	$(call install_packages,$(PACKAGES_PACKAGE))
$(STAMP_IMAGE): | $(STAMP_PACKAGE)
	$(call install_packages,$(PACKAGES_IMAGE))
$(STAMP_MACHINE): | $(STAMP_PACKAGE)
	$(call install_packages,$(PACKAGES_MACHINE))
$(STAMP_LINT): | $(STAMP_CHECK)
$(STAMP_E2E) $(STAMP_PACKAGE): | $(STAMP_RUN)
endif
packages: $(STAMP_RUN)
packages-check: $(STAMP_CHECK)
packages-lint: $(STAMP_LINT)
packages-e2e: $(STAMP_E2E)

# ---- compiling --------------------------------------------------------------------------------
$(R)/%.o: %.c | $(STAMP_RUN)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(RELEASE) -c -o $@ $<
$(T)/%.o: %.c | $(STAMP_CHECK)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(TEST) -c -o $@ $<

# The configuration, playground and templates are inside the binary (.incbin).
$(R)/bot/embedded.o $(T)/bot/embedded.o: $(EMBEDDED)

# So is the fake Slack's page.
$(R)/tests/fakes/slack/page.o $(T)/tests/fakes/slack/page.o: tests/fakes/slack/page.html

$(R)/librollcall.a: $(call obj,$(R),$(SRC_LIB))
$(T)/librollcall.a: $(call obj,$(T),$(SRC_LIB))
$(R)/librollcall.a $(T)/librollcall.a:
	@rm -f $@
	@ar rcs $@ $^

$(R)/rollcall: $(R)/bot/main.o $(R)/librollcall.a
	$(Q)$(CC) $(RELEASE) $(HARDEN) -o $@ $^ $(LIBS)
$(T)/rollcall: $(T)/bot/main.o $(T)/librollcall.a
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS)

# The little program that children which change things run under: static, no library of ours.
$(R)/rollcall-exec $(T)/rollcall-exec: bot/exec/rollcall-exec.c | $(STAMP_RUN)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) -O2 -static -s -o $@ $<

$(R)/rollcall-slack: $(call obj,$(R),$(SRC_SLACK) $(SRC_BASE))
	$(Q)$(CC) $(RELEASE) $(HARDEN) -o $@ $^ $(LIBS)
$(T)/rollcall-slack: $(call obj,$(T),$(SRC_SLACK) $(SRC_BASE))
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS)
# Started for every read of the playground and the talks: only what it needs of base is in it.
$(R)/libbase.a: $(call obj,$(R),$(SRC_BASE))
	@rm -f $@
	@ar rcs $@ $^
$(R)/rollcall-cluster: $(call obj,$(R),$(SRC_CLUSTER)) $(R)/libbase.a
	$(Q)$(CC) $(RELEASE) $(HARDEN) -o $@ $^ $(LIBS)
# The fake tools start dozens of times in a talk: no sanitizer in them.
$(T)/rollcall-cluster: $(R)/rollcall-cluster
	@mkdir -p $(@D)
	$(Q)cp $< $@

# ---- tests ------------------------------------------------------------------------------------
$(T)/unit/%: $(T)/tests/unit/%.o $(T)/librollcall.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS) -lcmocka
$(T)/plans: $(call obj,$(T),$(SRC_PLANS)) $(T)/librollcall.a
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS)
SLACK_PARTS = $(filter-out tests/fakes/slack/main.c,$(SRC_SLACK))
$(T)/unit/fake_slack%: $(T)/tests/unit/fake_slack%.o $(call obj,$(T),$(SLACK_PARTS) $(SRC_BASE))
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS) -lcmocka
$(T)/unit/slack_live%: $(T)/tests/unit/slack_live%.o $(call obj,$(T),$(SLACK_PARTS)) $(T)/librollcall.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS) -lcmocka
$(T)/unit/bench_%: $(T)/tests/unit/bench_%.o $(call obj,$(T),$(patsubst %,tests/bench/%.c,load load_peers peer peer_trust) $(SRC_BASE))
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS) -lcmocka
# The fake tools are called as programs; here with sanitizers.
$(T)/cluster-checked: $(call obj,$(T),$(SRC_CLUSTER) $(SRC_BASE))
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS)
$(patsubst tests/unit/%.c,$(T)/unit/%,$(filter tests/unit/cluster_%,$(UNIT))): | $(T)/cluster-checked
# The service as its manager sees it.
$(T)/unit/notify: | $(T)/rollcall $(T)/rollcall-exec
$(T)/unit/talk_%: $(T)/tests/unit/talk_%.o $(call obj,$(T),tests/talk/language.c tests/talk/match.c $(SRC_BASE))
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS) -lcmocka
$(T)/talk: $(call obj,$(T),$(SRC_TALK) $(SLACK_PARTS) $(SRC_BASE)) | $(T)/guard
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS)

# What a talk's tools were asked is held to the product's own vocabulary.
$(T)/guard: $(T)/tests/guard.o $(T)/librollcall.a
	$(Q)$(CC) $(TEST) -o $@ $^ $(LIBS)

check: $(STAMP_CHECK) layers check-unit check-plans check-talk
	@echo 'make check: everything passed'
# Quick ones first, and each with the machine for itself.
ifneq ($(filter check,$(MAKECMDGOALS)),)
check-unit: | layers
check-plans: | check-unit
check-talk: | check-plans
endif

check-unit: $(patsubst tests/unit/%.c,$(T)/unit/%,$(UNIT))
	@tests/units $^
check-plans: $(if $(SRC_PLANS),$(T)/plans)
	@$(if $(SRC_PLANS),$(T)/plans tests/plans,true)
check-talk: $(if $(SRC_TALK),$(T)/talk $(T)/rollcall $(T)/rollcall-exec $(T)/rollcall-cluster)
	@$(if $(SRC_TALK),$(T)/talk --build $(T) $(sort $(wildcard tests/talk/*.talk tests/talk/*/*.talk)),true)

# make torture TORTURE=sample: each seventh place; KIND[:N] as tests/talk/torture.h has them.
TORTURE = all
torture: $(STAMP_CHECK) $(T)/talk $(T)/rollcall $(T)/rollcall-exec $(T)/rollcall-cluster
	@$(T)/talk --build $(T) --torture $(TORTURE) $(sort $(wildcard tests/talk/torture/*.talk))

# Real kubectl and helm on a real API server; without Go, npm or unzip it says so and counts as skipped.
E2E = $(sort $(wildcard tests/e2e/*.talk))
e2e: release $(T)/talk
	@mkdir -p $(B)
	@tests/e2e/slack_clients/run.sh $(R)/rollcall-slack >$(B)/slack-clients.log 2>&1 & clients=$$!; status=0; \
	  tests/e2e/run.sh --build $(R) --runner $(T)/talk $(E2E) || status=1; \
	  wait $$clients || status=1; cat $(B)/slack-clients.log; exit $$status

# How fast, beside the least that a bot in C can be.  BENCH=short: 2 minutes; smoke: does it work; long: with
# a million envelopes.
BENCH =
SRC_BENCH = $(filter-out tests/bench/floor.c tests/bench/tool.c,$(sort $(wildcard tests/bench/*.c)))
$(R)/bench: $(call obj,$(R),$(SRC_BENCH)) $(R)/librollcall.a
	$(Q)$(CC) $(RELEASE) $(HARDEN) -o $@ $^ $(LIBS)
$(R)/bench-floor: $(R)/tests/bench/floor.o
	$(Q)$(CC) $(RELEASE) $(HARDEN) -o $@ $^ -lwebsockets -lcurl -lpthread
# Static, as rollcall-exec: what is measured is the bot, not its child's dynamic linker.
$(R)/bench-tool: tests/bench/tool.c | $(STAMP_RUN)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) -O2 -static -s -o $@ $<
bench: release $(R)/bench $(R)/bench-floor $(R)/bench-tool
	@$(R)/bench --build $(R) --source . $(BENCH)

# rollcall beside what others build bots with; needs npm, pip and Go for those.
OTHERS = build/others
bench-others: release $(R)/bench $(R)/bench-floor $(R)/bench-tool
	@tests/bench/others/fetch.sh $(OTHERS)
	@$(R)/bench --build $(R) --source . --others $(OTHERS) $(BENCH)

# From Start to verified on a real cluster, beside the bare tools.
overhead: release
	@tests/e2e/overhead.sh --build $(R)

# Do the real tools still say what the recorded answers say?
answers:
	@tests/e2e/answers.sh

test-build: $(STAMP_CHECK) $(T)/rollcall $(T)/rollcall-exec $(T)/rollcall-slack $(T)/rollcall-cluster $(T)/talk

# ---- looking for bugs without tests ------------------------------------------------------------
# Everything that reads foreign bytes, under libFuzzer (clang) with ASan and UBSan.
F	= $(B)/fuzz
FUZZ	= -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	  -DROLLCALL_TEST=1
FUZZ_SECONDS = 10
SRC_FUZZ = $(sort $(wildcard tests/fuzz/*.c))
$(F)/%.o: %.c | $(STAMP_CHECK)
	@mkdir -p $(@D)
	$(Q)clang $(COMMON) $(FUZZ) -fsanitize=fuzzer-no-link -c -o $@ $<
$(F)/bot/embedded.o: $(EMBEDDED)
$(F)/librollcall.a: $(call obj,$(F),$(SRC_LIB))
	@rm -f $@
	@ar rcs $@ $^
$(F)/%: $(F)/tests/fuzz/%.o $(F)/librollcall.a
	$(Q)clang $(FUZZ) -fsanitize=fuzzer -o $@ $^ $(LIBS)
fuzz: $(patsubst tests/fuzz/%.c,$(F)/%,$(SRC_FUZZ))
	@$(if $(SRC_FUZZ),tests/fuzz/run $(FUZZ_SECONDS) $^,true)

# clang-tidy and cppcheck read everything; valgrind sees what ASan cannot, a value never set.
VALGRIND = text pattern json mask unicode yaml words message
$(R)/tests/unit/%.o: tests/unit/%.c | $(STAMP_CHECK)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) -O1 -c -o $@ $<
$(R)/unit/%: $(R)/tests/unit/%.o $(R)/librollcall.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(RELEASE) -o $@ $^ $(LIBS) -lcmocka
lint: lint-tidy lint-cppcheck lint-valgrind
lint-tidy: | $(STAMP_LINT)
	@printf '%s\0' $(SRC_LIB) bot/main.c bot/exec/rollcall-exec.c $(SRC_SLACK) $(SRC_CLUSTER) $(SRC_TALK) | \
	  xargs -0 -n 8 -P $$(nproc) sh -c 'clang-tidy --quiet --warnings-as-errors="*" "$$@" -- \
	    $(filter-out -Werror -MMD -MP -g,$(subst ','\'',$(COMMON))) -DROLLCALL_TEST=1 2>/dev/null' tidy
	@echo 'lint: clang-tidy found nothing'
lint-cppcheck: | $(STAMP_LINT)
	@mkdir -p $(B)/cppcheck
	@cppcheck --quiet --std=c11 --language=c -j $$(nproc) --cppcheck-build-dir=$(B)/cppcheck \
	  --enable=warning,portability,performance --inline-suppr --error-exitcode=1 \
	  --suppressions-list=tests/cppcheck.list -D_GNU_SOURCE -DROLLCALL_TEST=1 \
	  '-D__typeof__(x)=void *' -I . -I bot bot adapters commands
	@echo 'lint: cppcheck found nothing'
lint-valgrind: $(patsubst %,$(R)/unit/%,$(VALGRIND)) | $(STAMP_LINT)
	@for t in $^; do valgrind --quiet --error-exitcode=9 --exit-on-first-error=yes $$t \
	  >$(B)/valgrind.log 2>&1 || { cat $(B)/valgrind.log; echo "lint: valgrind: $$t"; exit 1; }; done
	@echo 'lint: valgrind found nothing'

# ---- running ----------------------------------------------------------------------------------
run: release
	$(R)/rollcall playground

layers:
	@tests/layers
numbers:
	@tests/numbers
format: | $(STAMP_LINT)
	clang-format -i $$(git ls-files '*.c' '*.h')

# ---- installing -------------------------------------------------------------------------------
PREFIX = /usr/local
SYSCONFDIR = /etc
UNITDIR = $(PREFIX)/lib/systemd/system
ZSHDIR = $(PREFIX)/share/zsh/site-functions
DOCDIR = $(PREFIX)/share/doc/rollcall
D	= $(DESTDIR)
PROGRAM = $(R)/rollcall

# What the program says of itself, for man and the shells.
$(R)/share/%: $(R)/rollcall
	@mkdir -p $(@D)
	$(Q)$(PROGRAM) $(WORDS) >$@
$(R)/share/rollcall.1: WORDS = manual
$(R)/share/bash $(R)/share/zsh $(R)/share/fish: WORDS = completion $(@F)
# Nothing of ours is compiled into it: paths of the unit are those of this installation.
$(R)/share/rollcall.service: config/rollcall.service Makefile
	@mkdir -p $(@D)
	$(Q)sed 's|=/usr/bin/rollcall |=$(PREFIX)/bin/rollcall |; s|/etc/rollcall/|$(SYSCONFDIR)/rollcall/|' $< >$@
.PHONY: $(R)/share/rollcall.service

SHARE = $(addprefix $(R)/share/,rollcall.1 bash zsh fish rollcall.service)
install: release $(SHARE)
	install -D -m 755 $(R)/rollcall $(D)$(PREFIX)/bin/rollcall
	install -D -m 755 $(R)/rollcall-slack $(D)$(PREFIX)/bin/rollcall-slack
	install -D -m 755 $(R)/rollcall-cluster $(D)$(PREFIX)/bin/rollcall-cluster
	install -D -m 755 $(R)/rollcall-exec $(D)$(PREFIX)/libexec/rollcall/rollcall-exec
	install -D -m 644 $(R)/share/rollcall.1 $(D)$(PREFIX)/share/man/man1/rollcall.1
	install -D -m 644 $(R)/share/bash $(D)$(PREFIX)/share/bash-completion/completions/rollcall
	install -D -m 644 $(R)/share/zsh $(D)$(ZSHDIR)/_rollcall
	install -D -m 644 $(R)/share/fish $(D)$(PREFIX)/share/fish/vendor_completions.d/rollcall.fish
	install -D -m 644 $(R)/share/rollcall.service $(D)$(UNITDIR)/rollcall.service
	install -D -m 644 config/etc/rollcall.sysusers $(D)$(PREFIX)/lib/sysusers.d/rollcall.conf
	install -D -m 644 config/rollcall.yaml $(D)$(DOCDIR)/examples/rollcall.yaml
	install -D -m 644 config/slack-manifest.yaml $(D)$(DOCDIR)/examples/slack-manifest.yaml
	install -d $(D)$(PREFIX)/share/rollcall/templates
	install -m 644 config/templates/* $(D)$(PREFIX)/share/rollcall/templates
	install -d -m 750 $(D)$(SYSCONFDIR)/rollcall
	install -d -m 700 $(D)$(SYSCONFDIR)/rollcall/credentials
	test -e $(D)$(SYSCONFDIR)/rollcall/rollcall.yaml || \
	  install -m 640 config/etc/rollcall.yaml $(D)$(SYSCONFDIR)/rollcall/rollcall.yaml

# build/deb/rollcall_VERSION_ARCHITECTURE.deb
deb: release $(SHARE)
	+@config/deb/build $(R) $(VERSION) $(B)/deb

# The packages, tried where they are to work: a folder, a fresh Debian, a container without an engine.
# With whatever builds from a Dockerfile; kubectl's and helm's versions by --build-arg in IMAGE_OPTIONS.
BUILDER = docker
image:
	$(BUILDER) build -t rollcall:$(VERSION) $(IMAGE_OPTIONS) .
# Minutes, not seconds: the whole image by Debian's buildah, and run in podman (it says what it could not try).
image-check: release | $(STAMP_IMAGE)
	@tests/package/image.sh
# Minutes: a machine of its own with a running systemd, in which the package is installed and its service tried.
machine-check: deb | $(STAMP_MACHINE)
	@tests/package/machine.sh $(B)/deb/rollcall_$(VERSION)_$$(dpkg --print-architecture).deb

package-check: release $(SHARE) | $(STAMP_PACKAGE)
	@tests/package/run $(R)

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

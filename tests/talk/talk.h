/*
 * talk.h - the talk runner: actors who drive the real rollcall against a Slack and tools of our own.
 *
 *	talk [--build DIR] [--source DIR] [--jobs N] [--patience SECONDS] [--keep] [--real] FILE.talk…
 *
 * Each talk gets a folder of its own (in TMPDIR, /dev/shm or /tmp), a Slack (tests/fakes/slack) on a free port, tools
 * (tests/fakes/cluster) and the test build of rollcall, whose clocks stand still.  It prints "ok 3
 * title (41 ms)"; the last line is "7 passed, 0 failed".
 *
 * THE LANGUAGE.  One statement a line; language.h says how words, "texts" and { blocks } are written.
 *
 *	talk "a restart in the middle of a rollback finishes it"	first, once
 *
 * Before rollcall starts
 *	configuration {		YAML; each top-level key replaces that of tests/talk/default.yaml.
 *	  …			@folder@ @slack@ @user@ @tools@ are filled in (@slack-tls@: https where
 *				none is spoken).  KEY: ~ drops a key.
 *	}
 *	configuration FILE	the same from a file beside the talk
 *	environment NAME=VALUE	a variable for rollcall
 *	write NAME { … }	a file in the talk's folder
 *	sql FILE "UPDATE …"	in a database of the talk's folder; rollcall is stopped
 *	include FILE		statements of another file beside the talk
 *	torture			it also holds when anything goes wrong (torture.h)
 *	clock at "2026-11-21T14:20:00Z"		only before the first start; that is the default
 *	world			tools answer from the playground's cluster (rollcall-cluster init), on the
 *				talk's clock, wherever no `tool` statement fits
 *	world set statefulset/web in primary/monitoring "spec.replicas" "2"	somebody edits an object of it (a path,
 *				JSON), also later
 *
 * Tools
 *	tool kubectl "rollout undo*" { print "rolled back" }
 *	tool kubectl "rollout undo*" in staging { … }	only with that cluster's kubeconfig
 *	The glob is matched with the arguments after the tool's name, joined by blanks, as they were
 *	given.  The newest fitting statement answers.  In the block, in their order:
 *	print "…" | print file NAME | error "…" | error file NAME | answer NAME (a recording: both
 *	streams and the status) | exit N | hang | slow 3s | die | deaf (ignores SIGTERM) | world (the
 *	simulation answers) | once (after one call an older statement fits again) | then { … } (later
 *	calls).  Without exit the status is 0, or 1 when an error came last.  A line end is added to what
 *	has none.  A new statement also answers the calls that hang and fit it.  Files are looked up
 *	beside the talk and in tests/fakes/answers, NAME.answer first, of which print and error take their
 *	part.  A call that nothing answers fails the talk.
 *
 * rollcall itself
 *	rollcall start [FLAG…]	waits until it stands in Slack, or has ended
 *	rollcall start alone	does not wait for Slack
 *	rollcall stop		SIGTERM; it must end with status 0
 *	rollcall kill -9 | rollcall kill -TERM …	no waiting for anything but the process's end
 *	rollcall ends [N]	it ends by itself, with that status (0)
 *	rollcall reloads	SIGHUP
 *	do "rollback x to 5" [as NAME] [expects exit N]	`rollcall do`; without expects it runs beside the talk;
 *						--start, --key=K, --json go before expects
 *	expect do exits N | expect do ~ "…"	what the last `do` wrote, both streams
 *	run "check" [expects exit N]	rollcall with these arguments; --config is added
 *	console { … }		a console that is told these lines; expect console ~ "…"
 *	own bot runs | own bot ends | own bot kill -9	the bot that a `do` or a console started for itself,
 *				since none ran; its log: expect file state/console.log ~ "…"
 *
 * People: @ann @bob @lead … (tests/fakes/slack/world.c)
 *	@ann says "/rollback gateway to 5" in #incidents	a slash command
 *	@ann says "@rollcall help" in #incidents		a mention; anything else is a message
 *	@ann says "…" in thread of "text of a message" [in #incidents]
 *	@ann says "…" in direct message
 *	@bob presses "Approve" [on "R-1"] [in #incidents]	waits for such a button, looks at it for 1.2 s
 *	@bob presses "Start" on "R-1" if needed	when it appears within 5 s; otherwise nothing happens
 *	@bob presses at once "Start" …		within the same moment
 *	@bob presses old "Start" …		as drawn one edit before
 *	@bob chooses …				the same for an entry of a menu
 *	@bob fills "Reason" with "…"		in the dialog on top
 *	@bob submits [{ "Reason": "…" }]
 *	@bob closes
 *	@ann edits "old text" to "new text" | @ann deletes "text"
 *	@ann opens home
 *
 * Expectations.  `~ "…"`: the text stands in what is looked at, runs of blanks counting as one; or,
 * read as a regular expression (PCRE2, multi-line), it matches there.
 *	expect #incidents ~ "…"			a message of rollcall that is still there, threads too
 *	expect thread of "…" [in #incidents] ~ "…"	below a message
 *	expect @ann sees ~ "…"			only for her: ephemeral, direct, dialog, Slack's own errors
 *	expect @ann direct ~ "…" | expect @ann dialog ~ "…"
 *	expect card "R-1" ~ "…"			the newest card in whose first line that stands; else message
 *	expect card "R-1" button "Start"
 *	expect 2 messages in #incidents ~ "…"	exactly, once nothing more is going on
 *	expect tool kubectl "glob" ran [N times] [at most N times] [at least N times]
 *	expect tool kubectl "glob" hangs
 *	expect slack chat.postMessage called [N times] …	what is counted: fake_slack.h
 *	expect log ~ "…" | expect shared file "R-1*" [~ "…"] | expect file NAME [~ "…"]
 *	expect @ann notified by "…"		a message with that text makes a sound for her
 *	expect no …				the opposite, once nothing more is going on
 *	Whatever is sent to the Slack against its published limits fails the talk (fake_slack_violations).
 *	An expectation waits until it holds: up to 30 s of talk time ("within 2m" at the end: more).
 *
 * Time and bad days
 *	clock +5m		from timer to timer
 *	settle			until nothing is going on; no time passes
 *	hostile 4000 lines …	hostile.h: bad input by the thousand
 *	slack …			trouble.c has the list: drop, fin, stall, refresh, 429 METHOD …
 *
 * TIME.  Nothing sleeps.  While something is awaited and everything is quiet, the clocks of rollcall, of
 * the Slack and of the runner are turned to the next timer of any of them.  Quiet: no peer has a request,
 * commit, connection attempt, ping or child under way, but for what the talk itself holds back, and no
 * byte is on its way.  10 s of real time without an answer are a hang, and fail.
 *
 * REAL TIME.  With --real the same people talk to the release build, whose clocks nobody turns, and the
 * tools are the real ones, on the cluster that tests/e2e/lab.sh has started and put into the environment
 * (tests/e2e/run.sh).  An expectation waits for so many real seconds; all counts as quiet when nothing was
 * seen to happen for half a second.  `tool`, `world` and `clock` are not there, but
 *	alone						no other talk runs on its cluster
 *	kubectl "get …" | helm "…"			as the lab's admin; must succeed
 *	kubectl "…" fails				must not
 *	kubectl "get …" prints "…" [within 2m]		again and again until it does; as in ~ "…"
 *	for deployment helm3 …				the talk is played once for each: statefulset daemonset helm4
 *	lab workload TAG…				one of that kind in this talk's namespace, a revision for
 *							each tag: 1, 2-slow, 3-crash, 4-nopull
 *	lab next TAG					one revision more
 *	lab prune					of its revisions the two newest stay
 *	lab ages					the release's last revision is an hour old
 *	lab revision N					its newest has that number
 *	lab upgrade VERSION [FLAG…] [fails]		the chart's release there, one revision more
 *	lab stops NAME | lab continues NAME		SIGSTOP and SIGCONT to a server: apiserver …
 *	lab ends NAME | lab begins NAME			it is killed; it runs again
 *	picture FILE of #channel as @ann 1000x800	the page of the Slack, drawn by Chromium
 * Words are separated by blanks.  The configuration's rest is in tests/e2e/default.yaml; @lab@ @kubectl@
 * @helm@ @helm3@ @helm4@ @admin@ @viewer@ @namespace@ (one for each talk) @driver@ @name@ @workload@ (of what it is
 * about) are filled in, in these too.
 */
#ifndef TALK_TALK_H
#define TALK_TALK_H

#include <stdio.h>
#include <uv.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "language.h"
#include "tests/fakes/slack/fake_slack.h"

struct control;
struct hostile;
struct process;
struct tools;
struct torture;

struct talk_options {
	const char *build, *source;	/* absolute */
	int64_t patience;		/* real ms of a hang */
	bool keep;			/* the talk's folder */
	bool real;			/* real time, real tools */
	const char *kind;		/* which of its `for`; NULL: it says none */
};

struct talk {
	const struct talk_options *options;
	struct arena *arena;
	const char *path, *beside;	/* the file, and its folder */
	const char *title;
	const char *folder;		/* of this talk, absolute, no slash at the end */
	struct script script;
	const struct statement *failed_at;
	uv_loop_t loop;
	uv_timer_t poke;		/* so that the loop turns while something outside works */
	uint64_t activity;		/* counts what came from outside */
	struct fake_slack *slack;
	bool troubled;			/* pings and connections may stay unanswered from here on */
	struct control *control;
	struct tools *tools;
	struct process *processes, *rollcall, *asked, *console;
	bool started;			/* rollcall was, once */
	bool on_purpose;		/* its last end was the talk's doing */
	char **rollcall_argv;		/* of its last start */
	struct torture *torture;	/* NULL: none */
	struct hostile *hostile;	/* it answers for the tools; NULL: it does not */
	bool world;			/* tools may answer from the simulation */
	struct text log;		/* what rollcall wrote on stderr, all its runs */
	struct {
		struct section { const char *key, *text; } *item;
		size_t count, size;
	} sections;			/* of the configuration */
	struct { char **item; size_t count, size; } variables;
	struct { const char **item; size_t count, size; } places;	/* "#channel", "@person": all known */
};

/* Each verb of the language; the reader stands behind it. */
typedef bool talk_verb(struct talk *, struct reader *, struct error *);

/* Runs the talk in that file; why it failed is written to `out`.  The caller frees the title.
 * torture NULL: nothing goes wrong that the talk does not say. */
bool talk_run(const struct talk_options *, const char *path, struct torture *, char **title,
    FILE *out);

/* A file's bytes, '\0' added: beside the talk, in tests/fakes/answers (`answers`), in its folder. */
const char *talk_file(struct talk *, const char *name, bool answers, size_t *length, struct error *);
void talk_note_place(struct talk *, const char *where);

#endif

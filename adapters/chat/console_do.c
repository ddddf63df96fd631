/* console_do.c - when `rollcall do` has its answer, which exit status that is, and what a question gets. */

#include <stdio.h>
#include <unistd.h>

#include "console_session.h"

/* The states of answers and ends, as exit statuses (ux.md 8). */
static const struct {
	const char *state;
	int exit;
} exits[] = {
	{ "done.verified", 0 }, { "done.none", 0 }, { "done.unverifiable", 6 },
	{ "done.not_better", 6 }, { "done.undone", 1 }, { "done.partly", 1 }, { "done.unknown", 7 },
	{ "unchanged.none", 5 }, { "failed.none", 1 }, { "failed.partly", 1 },
	{ "failed.unknown", 7 }, { "cancelled.none", 1 }, { "cancelled.partly", 1 },
	{ "cancelled.unverifiable", 6 },
	{ "refused.none", 3 }, { "rejected.none", 4 }, { "expired.none", 4 }, { "too_old.none", 4 },
	{ "watching", 0 }, { "interrupted", 7 }, { "refused", 3 }, { "wrong", 2 }, { "failed", 1 }, { "late", 7 },
	{ "lost", 7 }, { "broken", 1 }, { "unchanged", 5 }, { "too_old", 4 }, { "dry_run", 0 },
	{ "answer", 0 }, { "help", 0 }, { "whoami", 0 }, { "list", 0 }, { "log", 0 }, { "ops", 0 },
	{ "brake", 0 }, { "unlock", 0 },
};

/* An operation's final card is an edit and sets the status; the message after it ends the wait. */
void
session_judge(struct session *s, const char *kind, const struct message *m)
{
	bool answer = string_equal(kind, "answer"), known = false;

	if (s->options->command == NULL || m->state == NULL)
		return;
	for (size_t i = 0; i < COUNT(exits); i++)
		if (string_equal(exits[i].state, m->state)) {
			known = true;
			s->exit = exits[i].exit;
		}
	if (answer && m->headline != NULL) {	/* ops show: the card is the answer, whatever it says */
		s->exit = 0;
		s->leave = true;
		return;
	}
	if (string_equal(m->state, "notice") || string_equal(m->state, "interrupted"))
		s->leave = true;
	else if (known && (answer || m->headline == NULL))
		s->leave = true;
}

/* The plan, and the command that answers it: nobody is there who could be asked. */
static void
leave_question(struct session *s, const struct message *m)
{
	const char *verb = session_button(m, "start") != NULL ? "start"
	    : session_button(m, "approve") != NULL ? "approve" : m->buttons.item[0].action;
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(2));
	struct screen screen = session_screen(s);

	s->exit = 4;
	s->leave = true;
	if (s->options->json) {
		printf("{\"kind\":\"question\",\"id\":\"%s\",\"command\":\"ops %s %s\"}\n", m->id, verb,
		    m->id);
		return;
	}
	screen_render(&out, m, &screen);
	fputs(out.data, stdout);
	if (string_equal(verb, "approve"))
		printf("%s waits for the yes of another, and goes on waiting. At a terminal they say it so: "
		       "rollcall do 'ops approve %s'\n", m->id, m->id);
	else
		printf("%s waits for an answer: rollcall do 'ops %s %s'\n", m->id, verb, m->id);
}

/* Without a terminal a question ends with status 4; --start says Start to the first plan, and no more. */
void
session_answer(struct session *s, const struct message *m)
{
	const struct button *start = session_button(m, "start");

	if (s->options->command == NULL || m->headline == NULL || m->id == NULL ||
	    m->buttons.count == 0)
		return;
	if (!string_equal(m->state, "asking") && !string_equal(m->state, "interrupted"))
		return;
	if (s->options->start && start != NULL && s->started == 0) {
		s->started = m->remarks.count + 1;
		session_press(s, start);
		return;
	}
	/* Between the press and the first step the same question may be drawn once more. */
	if (s->started > 0 && start != NULL && m->remarks.count < s->started)
		return;
	if (!s->terminal || !isatty(STDIN_FILENO))
		leave_question(s, m);
}

/*
 * answers.h - what rollcall answers about itself: help, whoami, ops …, and what a click means.
 *
 * Commands with `internal` set are answered here, by that name.
 */
#ifndef BOT_ANSWERS_H
#define BOT_ANSWERS_H

#include "bot.h"
#include "command.h"

struct word_of;

/* message NULL: the error is the answer.  Once, perhaps before the call returns; the message is freed after it. */
typedef void answers_done(void *arg, struct message *, const struct error *);

void answers_give(struct bot *, struct arrival *, const struct request *, answers_done *, void *arg);
/* What is asked or running, one line each. */
struct message *answers_open(struct bot *);
/* "142" is R-142, "r-142" too. */
const char *answers_id(struct arena *, const char *typed);
/* Needs neither the store nor facts about people: may be given before anything is known. */
bool answers_need_nothing(const struct request *);
/* A word of `ops` that lets something be changed: start, approve, resume, release, brake off. */
bool answers_lets_go(const struct request *);
/* A button or a submitted dialog of ours; owns the arrival. */
void answers_click(struct bot *, struct arrival *);

struct arrival *arrival_restored(struct bot *, const struct inbox_row *);
/* The text of help, also for the man page: all commands, or one; as they are typed in the chat or at a
 * terminal. */
void answers_help(struct text *, const struct configuration *, const char *command, bool terminal);

/* ---- between answers*.c only ---- */
#define TAKEN_UP_SOON 200	/* ms: how often a word or a click asks whether its operation is taken up */

/* answers_help.c */
struct message *answers_line(const char *text, const char *state);
struct message *answers_give_help(struct bot *, const struct arrival *, const struct request *, struct error *);
/* After a restart, until its operation was looked at again. */
bool answers_too_early(const struct operation *, const char *word);
/* answers_click.c: P7, where an environment asks for approvals the yes is given in a dialog drawn from our own
 * record, whether somebody pressed Approve or typed it; a terminal has none, and its person typed. */
bool answers_need_dialog(const struct arrival *, const struct operation *, const char *action);
bool answers_open_dialog(struct bot *, const struct arrival *, const struct operation *, struct error *);
/*
 * answers_past.c: the answers that need the store: ops show of an operation that has ended, ops list with the
 * newest of those.  false: it is none of these.
 */
bool answers_past(struct bot *, const struct request *, answers_done *, void *arg);
/* answers_steer.c: what was said is answered once it is recorded, or refused. */
void answers_steer(struct operation *, const char *word, const struct word_of *, answers_done *, void *arg);
void answers_brake(struct bot *, const struct request *, answers_done *, void *arg);
void answers_unlock(struct bot *, const struct arrival *, const struct request *, answers_done *, void *arg);

#endif

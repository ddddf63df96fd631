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
struct message *answers_line(const char *text, const char *state);
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

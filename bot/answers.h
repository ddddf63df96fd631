/*
 * answers.h - what rollcall answers about itself: help, whoami, ops …, and what a click means.
 *
 * Commands with `internal` set are answered here, by that name.
 */
#ifndef BOT_ANSWERS_H
#define BOT_ANSWERS_H

#include "bot.h"
#include "command.h"

/* NULL: err is the answer. */
struct message *answers_give(struct bot *, struct arrival *, const struct request *, struct error *);
/* Needs neither the store nor facts about people: may be given before anything is known. */
bool answers_need_nothing(const struct request *);
/* A button or a submitted dialog of ours; owns the arrival. */
void answers_click(struct bot *, struct arrival *);

struct arrival *arrival_restored(struct bot *, const struct inbox_row *);
/* The text of help, also for the man page: all commands, or one. */
void answers_help(struct text *, const struct configuration *, const char *command);

#endif

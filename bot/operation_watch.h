/*
 * operation_watch.h - the observation window of an operation (F6): watched after it was verified.
 *
 * Where its environment says `observe`, an operation that was verified is not ended but watching: everybody
 * has been told, its locks are free, the record says verified.  The steps that read it back are read again,
 * every 15 s and once at the end of the window (watch.h).  Worse, and undone by somebody else, is said once
 * in a new message; a quiet end only on the card and in its thread.  The next operation on the same workload
 * ends it ("Overtaken by R-143"), and so does a person.
 *
 * All watched ones together begin at most one look a second, of which LOOKS_MOST are under way at a time,
 * each with one child: of many, each is looked at less often.  Past WATCHED_MOST the next ones are not
 * watched, which their cards say.  Nothing of a look stays but a line of words.
 */
#ifndef BOT_OPERATION_WATCH_H
#define BOT_OPERATION_WATCH_H

#include "operation_move.h"
#include "watch.h"

#define WATCHED_MOST 500
#define LOOKS_MOST 4
#define LOOK_GAP SECONDS(1)

/* It ends now, this outcome and verdict: is it to be watched?  Its window begins. */
bool operation_watch_begin(struct operation *);
/* That is committed; the same after anything else that settled. */
void operation_watch_go_on(struct operation *);
/* After a restart: to the same end. */
void operation_watch_resume(struct operation *);
/* stopped_by and stop_wanted are set. */
void operation_watch_stop(struct operation *);
void operation_watch_overtaken(struct operation *, const char *id);
void operation_watch_clear(struct operation *);	/* it is freed */
void looks_free(struct bot *);

/* "14:41 UTC"; of a short window with its seconds. */
const char *operation_watch_until(const struct operation *, struct arena *);
/* What its card says of it: how it stands, or what it came to. */
void operation_watch_lines(struct message *, const struct operation *);

/* In the operation's row. */
void operation_watch_print(const struct operation *, cJSON *request);
void operation_watch_read(struct operation *, const cJSON *request);

/* ---- between operation_watch*.c only ---- */
/* operation_watch_look.c: a look, as soon as its turn comes; none any more. */
void look_due(void *operation);
void look_forget(struct operation *);
size_t looks_under_way(const struct bot *);
void operation_watch_looked(struct operation *, enum sight, const char *what);
/* operation_watch_words.c */
const char *watch_clock(const struct operation *, struct arena *, int64_t stamp);
const char *watch_worse_since(const struct operation *, struct arena *);
const char *watch_end_words(const struct operation *, enum watch_end);
/* Who heard that it is verified hears that it is so no more; the one who asked is called. */
void watch_tell_worse(struct move *, const char *why);
void watch_thread_letter(struct move *);	/* what it came to */

#endif

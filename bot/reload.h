/*
 * reload.h - a new configuration in the place of the old one, whole or not at all (P4).
 *
 * On SIGHUP and `rollcall reload` only.  The file is read and checked beside the configuration that counts;
 * with any error nothing changes.  The difference of rights is written into the record and posted to the
 * channel `admins` (of both configurations) in one transaction; only when that is committed does the new
 * one count.  What is read at the start only is named.
 *
 * The old configuration lives until the last request made under it is gone (configuration.h).  Questions
 * that are open are judged by both (operation_reload.c); what has begun goes on under the one it began with.
 */
#ifndef BOT_RELOAD_H
#define BOT_RELOAD_H

#include "bot.h"

/* who: "SIGHUP", "local:root".  done comes once, perhaps before it returns; NULL: nobody waits. */
void reload_start(struct bot *, const char *who, control_done *done, void *arg);
/* The signal that came while that was not possible: before the store was open, or during another one. */
void reload_waiting(struct bot *);

#endif

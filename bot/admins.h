/*
 * admins.h - what administrators hear of by themselves: in the channel `admins`, and in the log.
 */
#ifndef BOT_ADMINS_H
#define BOT_ADMINS_H

#include "bot.h"
#include "outbox.h"

/*
 * The same message as letters to the channel `admins` of the present configuration and, where it is another
 * one, of `fresh` (NULL: none), so that whoever turns the channel elsewhere is seen where it was.  NULL when
 * there is no such channel or it is not known.  key: begins the letters' keys; lines: shown in a frame that
 * parses nothing, the first 40 of them; "" for none.
 */
struct letter *admins_letters(struct bot *, const struct configuration *fresh, const char *key,
    const char *headline, const char *lines);

/* Posted, and once for a key, over restarts too; the caller logs it. */
void admins_tell(struct bot *, const char *key, const char *sentence);

/* Logged as a warning and posted, once. */
void admins_warn(struct bot *, const char *sentence);

#endif

/*
 * backup.h - a copy of the store while it is in use (`rollcall backup FILE`).
 *
 * SQLite's own backup, in slices between the groups of commits: what is committed meanwhile is in the copy.
 * FILE is absolute, new, made by us with mode 0600, and there only when it is whole.  What is no part of the
 * store (logs, spools, tokens, the configuration) is not in it.  One at a time; it is written into the record.
 */
#ifndef BOT_BACKUP_H
#define BOT_BACKUP_H

#include "bot.h"

/* done comes once, perhaps before it returns. */
void backup_start(struct bot *, const char *path, const char *who, control_done *done, void *arg);

#endif

/*
 * housekeeping.h - what is forgotten while rollcall runs, once a day and at the start.
 *
 * Finished rows of inbox and outbox go after 7 days (S3: no peer repeats anything that late), the logs of
 * operations after `limits.logs` (C3), by the time of their last byte.  The record, operations and what is
 * known of revisions stay for ever.  A folder or a store that does not let go is one line in the log.
 */
#ifndef BOT_HOUSEKEEPING_H
#define BOT_HOUSEKEEPING_H

#include "bot.h"

#define ROWS_KEPT DAYS(7)

/* Now, and each day from then on, until bot->housekeeping is stopped. */
void housekeeping_start(struct bot *);

/* Removes the logs of operations ("R-12.log") in that folder which are older than that time (ms); others'
 * files stay.  A folder that is not there has none; after a failure the others are still removed. */
bool housekeeping_remove_logs(const char *folder, int64_t before, size_t *count, struct error *);

#endif

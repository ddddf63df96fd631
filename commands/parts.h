/*
 * parts.h - what several commands share: choosing a revision, filling a plan's ends.
 */
#ifndef COMMANDS_PARTS_H
#define COMMANDS_PARTS_H

#include "command.h"

/* Reads the history through the driver and adds our own record: verified, left (fact "records"). */
bool history_know(struct arena *, struct history *, const struct target *, const struct facts *,
    struct error *);

/*
 * The revision that "5", "v1.2.3", "previous" or "verified" means; NULL: err says what there is.
 *
 * previous, and nothing at all: the newest verified one that is not what runs and was not rolled away
 * from; else the newest older one with another content that did not fail and was not left (HM4, KC1,
 * KC19).  skipped: what was passed over on the way, as one phrase, or NULL.
 */
const struct revision *history_choose(struct arena *, const struct history *, const char *to,
    const char *target, const char **skipped, struct error *);
/* "v1.2.3 (revision 5), v1.2.2 (revision 4)": the next older ones; NULL: there are none. */
const char *history_older(struct arena *, const struct history *, const struct revision *than);

void version_fill(struct plan *, struct version *, const struct revision *);

#endif

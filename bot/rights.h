/*
 * rights.h - who gained or lost what between two configurations (P4, CS2).
 *
 * Pure.  One line for each difference, names as the configurations write them; what widens rights begins
 * with "+ " and comes first, then what narrows them with "- ", then what only changes where things run with
 * "~ ".  Nothing is printed when nothing of it changed.
 */
#ifndef BOT_RIGHTS_H
#define BOT_RIGHTS_H

#include "configuration.h"

void rights_difference(struct text *, const struct configuration *before,
    const struct configuration *after);

#endif

/*
 * variables.h - the environment, read once and then out of sight (threats SE1).
 *
 * variables_take, called once by main before any thread starts, moves every variable to pages of our own
 * (locked, left out of dumps, wiped in forks), overwrites the block that /proc/PID/environ shows and
 * empties the environment.  From then on variable_find is the only way to a variable, so that a reload
 * finds them again; before it, variable_find asks the environment itself.
 */
#ifndef BOT_VARIABLES_H
#define BOT_VARIABLES_H

#include "base/memory.h"

void variables_take(void);
const char *variable_find(const char *name);	/* borrowed for ever; NULL: not set */

#endif

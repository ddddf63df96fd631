/*
 * account.h - root reads a configuration with its secrets; what it would write beside the store, or look at
 * for the service, is done as the account whose that is.
 *
 * For anybody else both do nothing.  There is no way back: called once, before any thread.
 */
#ifndef BOT_ACCOUNT_H
#define BOT_ACCOUNT_H

#include "configuration.h"

/* As the owner of that file or folder. */
bool account_of_file(const char *path, struct error *);
/* As the owner of the state's folder; installed: where that is not there yet, as the account `rollcall`. */
bool account_of_state(const struct configuration *, bool installed, struct error *);

#endif

/*
 * programs.h - the record says which programs kubeconfigs may run (AR5).
 *
 * Of each cluster with an `exec_plugin` its digest and path are recorded when they are first seen and when they
 * change: at the start, and with each configuration that is about to count.
 */
#ifndef BOT_PROGRAMS_H
#define BOT_PROGRAMS_H

#include "base/error.h"
#include "configuration.h"
#include "store.h"

/* On the store's thread, in the caller's transaction.  stamp: wall time. */
bool programs_record(const struct configuration *, int64_t stamp, struct arena *, const struct store_verbs *,
    void *db, struct error *);

#endif

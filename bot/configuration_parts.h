/*
 * configuration_parts.h - what the files configuration*.c share.
 *
 * Everything here bears values that are absent or wrong: the problems of a file are told together, so what
 * can be built of it is built and looked at first.
 */
#ifndef BOT_CONFIGURATION_PARTS_H
#define BOT_CONFIGURATION_PARTS_H

#include "configuration.h"

/* configuration_build.c: fills it from configuration->settings. */
void configuration_build(struct configuration *);
/* A list of names, ended with NULL; NULL when the value is. */
const char *const *configuration_names(struct arena *, const struct value *);

/* configuration_tools.c: where the programs are. */
void configuration_build_tools(struct configuration *);

/* configuration_plugin.c: NULL: none is written. */
const struct program *configuration_build_plugin(struct configuration *, const struct value *);

/* configuration_check.c: what takes more than one row to see. */
void configuration_check(struct configuration *);

#endif

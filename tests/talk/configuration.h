/*
 * configuration.h - what rollcall finds when it starts: rollcall.yaml, kubeconfigs, variables.
 */
#ifndef TALK_CONFIGURATION_H
#define TALK_CONFIGURATION_H

#include "talk.h"

talk_verb configuration_run, environment_run, write_run;

/* Writes FOLDER/rollcall.yaml and what it names; later statements have their effect at the next call. */
bool configuration_write(struct talk *, struct error *);
/* The text with @folder@ and the like filled in. */
const char *configuration_fill(struct talk *, const char *text);

#endif

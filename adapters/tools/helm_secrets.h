/*
 * helm_secrets.h - the values of Secrets in a fact that is a manifest; of other facts none.
 */
#ifndef TOOLS_HELM_SECRETS_H
#define TOOLS_HELM_SECRETS_H

#include "facts.h"

void helm_secrets(const struct fact *, void (*add)(void *arg, const char *value, size_t length),
    void *arg);

#endif

/*
 * helm.h - the vocabulary of helm, and the driver of releases.
 *
 * Works with Helm 3 and 4.  Helm has no time limit for a single request (KC21), so every child has
 * one of ours; it is never asked to wait (decision E5): what a rollback brings about is read from
 * the workloads.
 *
 * Facts that the driver asks for beside those of kubernetes.h's objects:
 *	helm-version		"v4.1.4"
 *	history			all revisions that are kept, JSON
 *	manifest-N, values-N, hooks-N, metadata-N	of revision N
 *	release-records		name, uid and version of each object that holds a revision: while they are
 *				the same, so is every revision, and a last look reads none of them again
 *	live			the workloads of both ends, with their managed fields
 *	autoscalers, canaries, rollouts, references, api-versions	what surrounds them
 */
#ifndef TOOLS_HELM_H
#define TOOLS_HELM_H

#include "driver.h"
#include "job.h"
#include "words.h"

extern const struct word helm_words[];
extern const struct judge helm_judges[];
extern const struct tool helm_tool;
extern const struct driver driver_helm;

#endif

/*
 * tools.h - what the fuzzers of plans and of tools' answers share: the registered words, and that every
 * plan can be stored and read back.
 */
#ifndef FUZZ_TOOLS_H
#define FUZZ_TOOLS_H

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct driver *const drivers[] = { &driver_deployment, &driver_statefulset,
		&driver_daemonset, &driver_helm, NULL };

	(void)argc;
	(void)argv;
	words_register(kubectl_words);
	words_register(helm_words);
	judges_register(kubectl_judges);
	judges_register(helm_judges);
	drivers_register(drivers);
	return 0;
}

static inline void
assert_plan_holds(const struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(16));
	_cleanup_(plan_freep) struct plan *back = NULL;
	struct error err = ERROR_INIT;

	plan_print(plan, &out);
	back = plan_read(out.data, out.length, &err);
	if (back == NULL)
		fprintf(stderr, "%s\n", err.text);
	assert(back != NULL);
}

#endif

/* helm_secrets.c - what a manifest's Secrets hold is known before anything is shown. */

#include "test.h"

#include <string.h>

#include "adapters/tools/helm_secrets.h"
#include "base/text.h"

static void
collect(void *arg, const char *value, size_t length)
{
	text_add_bytes(arg, value, length);
	text_add(arg, "|");
}

static const char manifest[] = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
			       "data: {password: aHVudGVyMjI=, broken: '%%%'}\n"
			       "stringData: {token: plain-token}\n"
			       "---\nkind: ConfigMap\ndata: {key: not-secret}\n";

TEST(values_of_secrets_are_found_decoded_and_plain)
{
	_cleanup_(text_clear) struct text found = TEXT_INIT;

	helm_secrets(&(struct fact){ .name = "manifest-5", .out = manifest,
			 .length = strlen(manifest) }, collect, &found);
	assert_string_equal(found.data, "hunter22|%%%|plain-token|");
	text_reset(&found);
	helm_secrets(&(struct fact){ .name = "hooks-5", .out = manifest, .length = strlen(manifest) },
	    collect, &found);
	assert_string_equal(found.data, "hunter22|%%%|plain-token|");
}

TEST(other_facts_and_broken_manifests_hold_none)
{
	_cleanup_(text_clear) struct text found = TEXT_INIT;

	helm_secrets(&(struct fact){ .name = "history", .out = manifest,
			 .length = strlen(manifest) }, collect, &found);
	helm_secrets(&(struct fact){ .name = "manifest-5", .out = "kind: [", .length = 7 }, collect,
	    &found);
	helm_secrets(&(struct fact){ .name = "manifest-5", .exit = 1, .out = manifest,
			 .length = strlen(manifest) }, collect, &found);
	assert_string_equal(found.data, "");
}

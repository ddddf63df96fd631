/* manifest.c - any bytes as the manifests of a release: a list of documents, bounded, or a sentence. */

#include "base/json.h"
#include "fuzz.h"
#include "yaml.h"

static size_t
count(const cJSON *item, int depth)
{
	const cJSON *member;
	size_t all = 1;

	must(depth <= YAML_DEPTH + 2);
	must(cJSON_IsString(item) || cJSON_IsArray(item) || cJSON_IsObject(item));
	json_each(member, item)
		all += count(member, depth + 1);
	return all;
}

FUZZ
{
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *documents = yaml_read_documents(bytes, length, &err);

	if (documents == NULL) {
		must(err.kind == WRONG && strncmp(err.text, "line ", 5) == 0);
		return;
	}
	must(cJSON_IsArray(documents));
	must(count(documents, 0) <= YAML_MANIFEST_NODES + YAML_ALIASED + 1);
}

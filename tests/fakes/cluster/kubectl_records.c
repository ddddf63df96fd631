/* kubectl_records.c - the Secrets of releases, and objects in columns of one's own. */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "kubectl.h"

#define COLUMNS 8

cJSON *
release_record(struct world *world, const cJSON *release)
{
	_cleanup_(text_clear) struct text content = TEXT_INIT;
	const char *name = arena_printf(world->arena, "sh.helm.release.v1.%s.v%lld",
	    json_string_or(release, "name", ""), (long long)number(release, "revision"));
	cJSON *record = cJSON_CreateObject();
	char digest[DIGEST_HEX];

	json_print_canonical(&content, release);
	digest_of(content.data, content.length, digest);
	digest[7] = '\0';
	json_add_string(record, "apiVersion", "v1");
	json_add_string(record, "kind", "Secret");
	json_add_string(record, "type", "helm.sh/release.v1");
	put_string(record, "metadata.name", name);
	put_string(record, "metadata.namespace", json_string(release, "namespace"));
	put_string(record, "metadata.uid", arena_printf(world->arena, "00000000-0000-4000-8000-%s",
	    short_hash(world->arena, name, 12)));
	put_string(record, "metadata.resourceVersion",
	    arena_printf(world->arena, "%ld", strtol(digest, NULL, 16)));
	put_string(record, "metadata.labels.name", json_string(release, "name"));
	put_string(record, "metadata.labels.owner", "helm");
	put_string(record, "metadata.labels.status", json_string(release, "status"));
	put_string(record, "metadata.labels.version",
	    arena_printf(world->arena, "%lld", (long long)number(release, "revision")));
	return record;
}

struct column {
	const char *name, *path;
	int width;
};

static const char *
cell(const struct column *column, const cJSON *object)
{
	return json_string_or(object, column->path, "<none>");
}

static size_t
read_columns(struct kubectl *kubectl, const char *columns, struct column into[COLUMNS])
{
	char *rest = arena_strdup(kubectl->tool->arena, columns), *one, *path;
	size_t count = 0;

	while (count < COLUMNS && (one = strsep(&rest, ",")) != NULL) {
		path = strchr(one, ':');
		if (path == NULL || path[1] != '.')
			continue;
		*path = '\0';
		into[count++] = (struct column){ one, path + 2, (int)strlen(one) };
	}
	return count;
}

void
kubectl_columns(struct kubectl *kubectl, const char *columns, cJSON *const *objects, size_t count)
{
	struct column column[COLUMNS];
	size_t last = read_columns(kubectl, columns, column);
	struct text *out = &kubectl->tool->out;

	for (size_t k = 0; k < last; k++)
		for (size_t i = 0; i < count; i++)
			if ((int)strlen(cell(&column[k], objects[i])) > column[k].width)
				column[k].width = (int)strlen(cell(&column[k], objects[i]));
	for (size_t k = 0; k < last; k++)
		text_printf(out, "%-*s%s", k + 1 < last ? column[k].width : 0, column[k].name,
		    k + 1 < last ? "   " : "\n");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < last; k++)
			text_printf(out, "%-*s%s", k + 1 < last ? column[k].width : 0,
			    cell(&column[k], objects[i]), k + 1 < last ? "   " : "\n");
}

/* edit.c - somebody edits an object of the simulated world: rollcall-cluster set. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controllers.h"
#include "world.h"

/* "statefulset/web" in "monitoring"; NULL: it is not there. */
static cJSON *
edited(struct world *world, const char *namespace, const char *object)
{
	const char *slash = strchr(object, '/');
	const struct kind *kind;

	if (slash == NULL)
		return NULL;
	kind = kind_find(arena_copy(world->arena, object, (size_t)(slash - object)));
	return kind != NULL ? object_find(world, kind->kind, namespace, slash + 1) : NULL;
}

int
edit_main(struct tool *tool, char **argv)
{
	struct error err = ERROR_INIT;
	struct world world;
	cJSON *object, *value;

	tool->folder = argv[0];
	tool->cluster = argv[1];
	tool->clock = argv[6] != NULL ? strtoll(argv[6], NULL, 10) : 0;
	if (!world_open(&world, tool, &err)) {
		fprintf(stderr, "rollcall-cluster: %s\n", err.text);
		return 1;
	}
	object = edited(&world, argv[2], argv[3]);
	value = json_parse(argv[5], strlen(argv[5]), &err);
	if (object == NULL || value == NULL) {
		fprintf(stderr, "rollcall-cluster: %s %s\n", argv[3], object == NULL ? "is not there" : err.text);
		cJSON_Delete(value);
		world_close(&world);
		return 1;
	}
	put(object, argv[4], value);
	object_respecified(&world, object);
	controllers_run(&world, world.now);
	world_close(&world);
	return 0;
}

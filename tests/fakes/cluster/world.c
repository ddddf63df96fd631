/* world.c - the world's file: locked, read, brought to the present, written back. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "controllers.h"

#define WORLD_LIMIT MEGABYTES(32)

static bool
lock(struct world *world, struct error *err)
{
	const char *path = arena_printf(world->arena, "%s.lock", world->path);

	world->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (world->lock < 0 || flock(world->lock, LOCK_EX) != 0)
		return failed(err, "%s: %s", path, strerror(errno));
	return true;
}

static bool
read_file(struct world *world, struct error *err)
{
	_cleanup_(text_clear) struct text bytes = TEXT_INIT_LIMIT(WORLD_LIMIT);
	FILE *file = fopen(world->path, "re");
	char piece[65536];
	size_t length;

	if (file == NULL)
		return failed(err, "%s: %s", world->path, strerror(errno));
	while ((length = fread(piece, 1, sizeof(piece), file)) > 0)
		text_add_bytes(&bytes, piece, length);
	fclose(file);
	world->document = json_parse(bytes.data, bytes.length, err);
	return world->document != NULL || error_wrap(err, "%s", world->path);
}

static void
use_cluster(struct world *world, cJSON *cluster)
{
	world->cluster = cluster;
	world->objects = member(cluster, "objects");
	world->releases = member(cluster, "releases");
}

static bool
choose_cluster(struct world *world, struct error *err)
{
	cJSON *clusters = at(world->document, "clusters"), *one;

	one = world->tool->cluster == NULL ? clusters->child
	    : member(clusters, world->tool->cluster);
	if (one == NULL)
		return failed(err, "context \"%s\" does not exist", world->tool->cluster);
	use_cluster(world, one);
	return true;
}

bool
world_open(struct world *world, struct tool *tool, struct error *err)
{
	*world = (struct world){ .tool = tool, .arena = tool->arena, .lock = -1,
	    .path = tool_file(tool, "cluster.json") };
	if (!lock(world, err) || !read_file(world, err) || !choose_cluster(world, err)) {
		world_close(world);
		return false;
	}
	world->now = number(world->cluster, "time");
	world->version = number(world->cluster, "version");
	controllers_run(world, tool_now(tool));
	return true;
}

bool
world_write(struct world *world, const char *path, struct error *err)
{
	_cleanup_(text_clear) struct text bytes = TEXT_INIT_LIMIT(WORLD_LIMIT);
	const char *new = arena_printf(world->arena, "%s.new", path);
	FILE *file = fopen(new, "we");

	if (file == NULL)
		return failed(err, "%s: %s", new, strerror(errno));
	json_print(&bytes, world->document);
	fwrite(bytes.data, 1, bytes.length, file);
	if (fclose(file) != 0 || rename(new, path) != 0)
		return failed(err, "%s: %s", path, strerror(errno));
	return true;
}

void
world_close(struct world *world)
{
	struct error err = ERROR_INIT;

	/* What only the clock did is done again by the next call. */
	if (world->cluster != NULL && number(world->cluster, "version") != world->version &&
	    !world_write(world, world->path, &err))
		fprintf(stderr, "rollcall-cluster: %s\n", err.text);
	cJSON_Delete(world->document);
	world->document = world->cluster = world->objects = world->releases = NULL;
	if (world->lock >= 0)
		close(world->lock);
	world->lock = -1;
}

bool
world_wait(struct world *world, int64_t until, struct error *err)
{
	struct tool *tool = world->tool;

	world_close(world);
	tool_wait(tool, until);
	return world_open(world, tool, err);
}

void
world_new(struct world *world, struct arena *arena, int64_t now)
{
	*world = (struct world){ .arena = arena, .lock = -1, .now = now,
	    .document = cJSON_CreateObject() };
	json_add_object(world->document, "clusters");
}

void
world_cluster(struct world *world, const char *name)
{
	cJSON *clusters = at(world->document, "clusters"), *cluster = member(clusters, name);

	if (cluster == NULL) {
		cluster = json_add_object(clusters, name);
		json_add_number(cluster, "time", (double)world->now);
		json_add_number(cluster, "uid", 0);
		json_add_number(cluster, "version", 1000);
		json_add_array(cluster, "objects");
		json_add_array(cluster, "releases");
	}
	use_cluster(world, cluster);
}

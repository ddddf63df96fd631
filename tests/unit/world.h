/*
 * world.h - what real tools answered, as facts, for tests.
 *
 * A folder under tests/plans/facts holds one answer a file: NAME.json or NAME.txt is stdout of a
 * tool that exited 0, NAME.error is stderr of one that exited 1.  They were recorded from kubectl
 * 1.35.2 and helm 4.1.4 against Kubernetes 1.36.3.  world_edit changes one place of an answer, so
 * that a test says how its world differs from the recorded one.
 */
#ifndef WORLD_H
#define WORLD_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "facts.h"

#define WORLDS "tests/plans/facts/"
#define WORLD_STAMP 1795256400000	/* 2026-11-21T10:20:00Z, when the facts are looked at */

static inline void
world_add(struct facts *facts, const char *name, int exit, const char *out, const char *errors)
{
	facts_add(facts, &(struct fact){ .name = name, .exit = exit, .out = out,
	    .length = strlen(out), .errors = errors, .stamp = WORLD_STAMP });
}

static inline void
world_read_file(struct text *out, const char *folder, const char *file)
{
	char path[512], bytes[65536];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, WORLDS "%s/%s", folder, file);
	if ((f = fopen(path, "r")) == NULL)
		fail_msg("%s is not there; tests run from the root of the sources", path);
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		text_add_bytes(out, bytes, n);
	fclose(f);
}

static inline void
world_load(struct facts *facts, const char *folder)
{
	char path[512], name[256];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, WORLDS "%s", folder);
	if ((dir = opendir(path)) == NULL)
		fail_msg("%s is not there; tests run from the root of the sources", path);
	while ((entry = readdir(dir)) != NULL) {
		_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(FACT_LIMIT);
		size_t length = strcspn(entry->d_name, ".");

		if (length == 0)
			continue;
		world_read_file(&out, folder, entry->d_name);
		memcpy(name, entry->d_name, length);
		name[length] = '\0';
		if (string_ends(entry->d_name, ".error"))
			world_add(facts, name, 1, "", out.data);
		else
			world_add(facts, name, 0, out.data, "");
	}
	closedir(dir);
}

/* The member that the last part of the path names, made on the way; a number is an index. */
static inline void
world_put(cJSON *at, const char *path, cJSON *value)
{
	char key[128];
	size_t n = 0;

	for (; *path != '\0' && *path != '.'; path++)
		key[n++] = path[0] == '\\' && path[1] == '.' ? *++path : *path;
	key[n] = '\0';
	if (*path == '\0') {
		if (cJSON_IsArray(at))
			cJSON_ReplaceItemInArray(at, atoi(key), value);
		else {
			cJSON_DeleteItemFromObjectCaseSensitive(at, key);
			if (value != NULL)
				cJSON_AddItemToObject(at, key, value);
		}
		return;
	}
	if (cJSON_IsArray(at))
		at = cJSON_GetArrayItem(at, atoi(key));
	else if (cJSON_GetObjectItemCaseSensitive(at, key) == NULL)
		at = cJSON_AddObjectToObject(at, key);
	else
		at = cJSON_GetObjectItemCaseSensitive(at, key);
	assert_non_null(at);
	world_put(at, path + 1, value);
}

/* json: the new value; NULL takes the member away. */
static inline void
world_edit(struct facts *facts, const char *name, const char *path, const char *json)
{
	_cleanup_(json_freep) cJSON *copy = cJSON_Duplicate(facts_json(facts, name, NULL), true);
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(FACT_LIMIT);
	struct error err = ERROR_INIT;
	cJSON *value = json != NULL ? json_parse(json, strlen(json), &err) : NULL;

	assert_non_null(copy);
	if (json != NULL && value == NULL)
		fail_msg("%s: %s", path, err.text);
	world_put(copy, path, value);
	json_print(&out, copy);
	world_add(facts, name, 0, out.data, "");
}

/* The first place of these words in an answer that is no JSON; from NULL: its beginning. */
static inline void
world_replace(struct facts *facts, const char *name, const char *from, const char *to)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(FACT_LIMIT);
	const char *old = facts_text(facts, name, NULL), *words = from != NULL ? from : "";
	const char *at = strstr(old, words);

	if (at == NULL)
		fail_msg("\"%s\" is not in %s", words, name);
	text_add_bytes(&out, old, (size_t)(at - old));
	text_add(&out, to);
	text_add(&out, at + strlen(words));
	world_add(facts, name, 0, out.data, "");
}

#endif

/* programs.c - digests of what kubeconfigs may run, compared with those of before. */

#include "programs.h"

#include "base/text.h"

static bool
record_one(const struct cluster *cluster, int64_t stamp, struct arena *arena, const struct store_verbs *verbs,
    void *db, struct error *err)
{
	const struct program *program = cluster->exec_plugin;
	const char *name = arena_printf(arena, "program.%s", cluster->name), *before;
	const char *now = arena_printf(arena, "%s %s", program->digest, program->path);
	struct audit_row audit = { .stamp = stamp, .kind = "program", .actor = "rollcall",
		.text = cluster->name, .rule = now, .detail = "{}" };

	if (!verbs->note_get(db, arena, name, &before, err))
		return false;
	return string_equal(before, now) ||
	    (verbs->note_set(db, name, now, err) && verbs->audit_add(db, &audit, err));
}

bool
programs_record(const struct configuration *c, int64_t stamp, struct arena *arena,
    const struct store_verbs *verbs, void *db, struct error *err)
{
	for (size_t i = 0; i < c->clusters.count; i++)
		if (c->clusters.item[i].exec_plugin != NULL &&
		    !record_one(&c->clusters.item[i], stamp, arena, verbs, db, err))
			return false;
	return true;
}

/* helm_doctor.c - what the doctor asks of helm, and the rights that a release needs beside its own objects'. */

#include <ctype.h>
#include <string.h>

#include "base/unicode.h"
#include "helm_parts.h"

/* A release lives in Secrets of its namespace; old ones are deleted beyond the history that is kept (HM20). */
#define RELEASE(verb, why) { verb, "", "secrets", NULL, NULL, why }

const struct right helm_rights[] = {
	RELEASE("get", "to read its release"),
	RELEASE("list", "to read its history"),
	RELEASE("create", "to write the revision that a rollback makes"),
	RELEASE("update", "to mark the one before as superseded"),
	RELEASE("delete", "to forget the oldest revision"),
	{ "list", "", "pods", NULL, NULL, "to look at its pods" },
	{ "list", "flagger.app", "canaries", NULL, NULL, "to see whether Flagger looks after it" },
	{ "list", "argoproj.io", "rollouts", NULL, NULL, "to see whether Argo Rollouts drives it" },
	{ "patch", "apps", "deployments", NULL, NULL, "to put its workloads back" },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

static const char *
read_version(struct arena *arena, const char *out, size_t length)
{
	while (length > 0 && isspace((unsigned char)out[length - 1]))
		length--;
	return length > 0 && length < 60 && out[0] == 'v' ? foreign_line(arena, out, length) : NULL;
}

const struct tool_questions helm_questions = {
	.version = helm_version,
	.read_version = read_version,
};

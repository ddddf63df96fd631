/* helm_read.c - what helm answered, and its failures in our words. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "helm_parts.h"

static bool
says(const struct fact *fact, const char *words)
{
	return strstr(fact->errors, words) != NULL;
}

static bool
explain(const struct fact *fact, const struct target *t, struct error *err)
{
	const char *cluster = t->cluster->name, *reason;
	int length;

	reason = fact_reason(fact, &length);
	if (fact->exit == -1)
		return lost(err, "the cluster %s did not answer in time (%s)", cluster, fact->name);
	if (says(fact, "asked for the client to provide credentials") || says(fact, "Unauthorized"))
		return failed(err, "the cluster %s does not accept our credentials: %.*s", cluster,
		    length, reason);
	if (says(fact, "cluster unreachable") || says(fact, "connection refused") ||
	    says(fact, "The connection to the server") || says(fact, "Unable to connect"))
		return lost(err, "the cluster %s does not answer: %.*s", cluster, length, reason);
	if (says(fact, "release: not found"))
		return failed(err,
		    "there is no Helm release %s in namespace %s of cluster %s, as its records are kept "
		    "in %s; Argo CD, for one, renders charts without making releases",
		    t->name, t->namespace, cluster,
		    string_equal(helm_record_kind(t), "secrets") ? "Secrets" : "what HELM_DRIVER says");
	if (says(fact, "is forbidden") || says(fact, "(Forbidden)"))
		return refuse(err,
		    "our account may not read what is needed (%s) in namespace %s of "
		    "cluster %s: %.*s",
		    fact->name, t->namespace, cluster, length, reason);
	return failed(err, "helm (%s, cluster %s): %.*s", fact->name, cluster, length, reason);
}

static bool
answered(const struct facts *facts, const struct target *t, const char *name, struct error *err)
{
	const struct fact *fact = facts_find(facts, name);

	return fact == NULL || fact->exit == 0 || fact->exit == -2 || explain(fact, t, err);
}

/* Whatever else it is, is among the variables that the cluster's tools get. */
const char *
helm_record_kind(const struct target *t)
{
	const char *const *names = t->cluster->environment;
	const char *driver = NULL;

	if (names != NULL && string_in("HELM_DRIVER", names))
		driver = getenv("HELM_DRIVER");
	if (driver == NULL || *driver == '\0' || string_starts(driver, "secret"))
		return "secrets";
	return string_starts(driver, "configmap") ? "configmaps" : NULL;
}

const cJSON *
helm_answer(const struct facts *facts, const struct target *t, const char *name, struct error *err)
{
	return answered(facts, t, name, err) ? facts_json(facts, name, err) : NULL;
}

const char *
helm_answer_text(const struct facts *facts, const struct target *t, const char *name,
    struct error *err)
{
	return answered(facts, t, name, err) ? facts_text(facts, name, err) : NULL;
}

const cJSON *
helm_surrounding(const struct facts *facts, const char *name)
{
	const struct fact *fact = facts_find(facts, name);

	if (fact == NULL || fact->exit != 0 || fact->length == 0)
		return NULL;
	return facts_json(facts, name, NULL);
}

const char *
helm_fact(struct arena *arena, const char *what, int64_t revision)
{
	return arena_printf(arena, "%s-%lld", what, (long long)revision);
}

int
helm_major(const struct facts *facts)
{
	const char *version = facts_have(facts, "helm-version") ?
	    facts_text(facts, "helm-version", NULL) : NULL;

	return version != NULL && version[0] == 'v' && version[1] >= '4' && version[1] <= '9' ?
	    version[1] - '0' : 3;
}

/* A rollback copies the text of the manifest (HM2); only blank ends differ between ways to print it. */
void
helm_pin(const char *manifest, char hex[DIGEST_HEX])
{
	size_t length = strlen(manifest);

	while (length > 0 && strchr(" \r\n\t", manifest[length - 1]) != NULL)
		length--;
	while (length > 0 && strchr(" \r\n\t", *manifest) != NULL) {
		manifest++;
		length--;
	}
	digest_of(manifest, length, hex);
}

int64_t
helm_number(const cJSON *entry)
{
	int64_t number = json_integer(entry, "revision", 0);

	return number > 0 && number <= INT32_MAX ? number : 0;
}

const cJSON *
helm_last(const cJSON *history)
{
	const cJSON *entry, *last = NULL;

	json_each(entry, history)
		if (helm_number(entry) > helm_number(last))
			last = entry;
	return last;
}

bool
helm_is_pending(const char *status)
{
	return status != NULL && string_starts(status, "pending-");
}

/*
 * kubectl_read.c - what kubectl answered, and its failures in our words.
 *
 * The text of a failure chooses a sentence, never what is done (OU5); the exit status comes first.
 */
#include <string.h>

#include "base/text.h"
#include "kubectl_parts.h"

static bool
says(const struct fact *fact, const char *words)
{
	return strstr(fact->errors, words) != NULL;
}

bool
kubectl_lost(const char *errors)
{
	static const char *const words[] = { "The connection to the server", "Unable to connect",
		"TLS handshake timeout", "i/o timeout", "Client.Timeout", "connection refused",
		"no such host", "context deadline exceeded", "client connection lost",
		"server is currently unable", "etcdserver:", "unexpected EOF", "connection reset" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (strstr(errors, words[i]) != NULL)
			return true;
	return false;
}

static bool
explain(const struct fact *fact, const struct target *t, struct error *err)
{
	const char *cluster = t->cluster->name, *reason;
	int length;

	reason = fact_reason(fact, &length);
	if (fact->exit == -1)
		return lost(err, "the cluster %s did not answer in time (%s)", cluster, fact->name);
	if (kubectl_lost(fact->errors))
		return lost(err, "the cluster %s does not answer: %.*s", cluster, length, reason);
	if (says(fact, "(NotFound)"))
		return failed(err, "%s is not in namespace %s of cluster %s", t->object,
		    t->namespace, cluster);
	if (says(fact, "(Forbidden)") || says(fact, "is forbidden"))
		return refuse(err,
		    "our account may not read what is needed (%s) in namespace %s of "
		    "cluster %s: %.*s",
		    fact->name, t->namespace, cluster, length, reason);
	if (says(fact, "You must be logged in") || says(fact, "(Unauthorized)"))
		return failed(err, "the cluster %s does not accept our credentials: %.*s", cluster,
		    length, reason);
	return failed(err, "kubectl (%s, cluster %s): %.*s", fact->name, cluster, length, reason);
}

const cJSON *
kubectl_answer(const struct facts *facts, const struct target *t, const char *name,
    struct error *err)
{
	const struct fact *fact = facts_find(facts, name);

	if (fact != NULL && (fact->exit == -1 || fact->exit > 0)) {
		explain(fact, t, err);
		return NULL;
	}
	return facts_json(facts, name, err);
}

const cJSON *
kubectl_surrounding(const struct facts *facts, const char *name)
{
	const struct fact *fact = facts_find(facts, name);

	if (fact == NULL || fact->exit != 0 || fact->length == 0)
		return NULL;
	return facts_json(facts, name, NULL);
}

bool
kubectl_workload(struct arena *arena, struct workload *w, const struct target *t,
    const struct facts *facts, struct error *err)
{
	const cJSON *object = kubectl_answer(facts, t, t->driver->name, err);

	return object != NULL && workload_read(arena, w, object, err);
}

bool
kubectl_identify(struct plan *plan, const struct target *t, const struct facts *facts,
    struct error *err)
{
	const cJSON *answer = kubectl_answer(facts, t, "identity", err);
	const char *uid = json_string(answer, "metadata.uid");

	if (answer == NULL)
		return false;
	if (uid == NULL || !string_equal(json_string(answer, "metadata.name"), "kube-system"))
		return failed(err, "the cluster %s does not say which one it is: its namespace "
		    "kube-system has no uid", t->cluster->name);
	plan->identity = arena_strdup(plan->arena, uid);
	return true;
}

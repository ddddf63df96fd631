/* kubernetes_powers.c - fields of a template that let its pods do more on their node or in the cluster (CH2). */
#include "kubernetes.h"

#include "base/text.h"

bool
powers_has(const char *within, const char *name)
{
	static const char *const powers[] = { "hostPath", "hostNetwork", "hostPID", "hostIPC",
		"privileged", "allowPrivilegeEscalation", "serviceAccountName", "serviceAccount", NULL };

	return string_in(name, powers) || (string_equal(name, "add") && string_equal(within, "capabilities"));
}

bool
powers_given(const cJSON *value)
{
	return value != NULL && !cJSON_IsNull(value) && !cJSON_IsFalse(value) &&
	    !(cJSON_IsString(value) && string_in(value->valuestring, (const char *const[]){ "", "false", NULL }));
}

const char *
powers_inside(const char *within, const cJSON *from, const cJSON *to)
{
	const char *found;
	const cJSON *child;

	json_each(child, to) {
		const cJSON *old = child->string != NULL
		    ? cJSON_GetObjectItemCaseSensitive(from, child->string) : NULL;

		if (child->string != NULL && powers_has(within, child->string) && powers_given(child) &&
		    !cJSON_Compare(old, child, true))
			return child->string;
		if ((found = powers_inside(child->string, old, child)) != NULL)
			return found;
	}
	return NULL;
}

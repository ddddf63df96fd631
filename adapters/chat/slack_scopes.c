/* slack_scopes.c - which scopes a token lacks, and what is lost without them. */

#include <string.h>

#include "slack_manifest.h"
#include "slack_private.h"

static bool
has_scope(const char *list, const char *scope)
{
	size_t length = strlen(scope);

	for (; *list != '\0'; list += strcspn(list, ",")) {
		list += strspn(list, ", ");
		if (strncmp(list, scope, length) == 0 && strchr(", ", list[length]) != NULL)
			return true;
	}
	return false;
}

static bool
has_address(const char *const *names)
{
	for (; names != NULL && *names != NULL; names++)
		if (strchr(*names, '@') != NULL && (*names)[0] != '@')
			return true;
	return false;
}

/* Slack says who an address is to those only who may read addresses. */
static bool
writes_addresses(const struct configuration *c)
{
	for (size_t i = 0; i < c->roles.count; i++)
		if (has_address(c->roles.item[i].users))
			return true;
	for (size_t i = 0; i < c->people.count; i++)
		if (has_address(c->people.item[i].faces))
			return true;
	return false;
}

bool
slack_scopes_missing(const char *scopes, const struct configuration *c, struct text *out)
{
	for (size_t i = 0; scopes != NULL && slack_needed_scopes[i] != NULL; i++)
		if (!has_scope(scopes, slack_needed_scopes[i]))
			text_printf(out, "%s%s", out->length > 0 ? ", " : "", slack_needed_scopes[i]);
	if (scopes != NULL && writes_addresses(c) && !has_scope(scopes, "users:read.email"))
		text_printf(out, "%s%s", out->length > 0 ? ", " : "", "users:read.email");
	return out->length > 0;
}

bool
slack_scopes_lost(const char *scopes, struct text *out)
{
	for (size_t i = 0; slack_optional_scopes[i].name != NULL; i++)
		if (!has_scope(scopes, slack_optional_scopes[i].name))
			text_printf(out, "%swithout %s %s", out->length > 0 ? "; " : "",
			    slack_optional_scopes[i].name, slack_optional_scopes[i].lost);
	return out->length > 0;
}

/* tools_settings.c - rows of the programs that may be run. */

#include "adapters/all_settings.h"

const struct setting tools_settings[] = {
	{ "tools", SETTING_MAP,
	    .sentence = "The only programs that it may run: a path, or a name on PATH." },
	{ "tools.kubectl", SETTING_STRING, .open = true, .initial = "kubectl",
	    .sentence = "For deployments, stateful sets and daemon sets." },
	{ "tools.helm", SETTING_STRING, .open = true, .initial = "helm", .sentence = "For releases." },
	{ "tools.argocd", SETTING_STRING, .open = true, .initial = "argocd", .sentence = "For Argo CD's apps." },
	{ .path = NULL },
};

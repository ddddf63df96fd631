/* alertmanager_settings.c - rows of Alertmanager. */

#include "adapters/all_settings.h"

const struct setting alertmanager_settings[] = {
	{ "alertmanager", SETTING_MAP, .later = true, .sentence = "Alerts of Alertmanager." },
	{ "alertmanager.bearer", SETTING_SECRET, .example = "\"${AM_TOKEN}\"",
	    .sentence = "What its webhook must carry." },
	{ "alertmanager.url", SETTING_URL, .example = "\"http://alertmanager:9093\"",
	    .sentence = "For silences." },
	{ .path = NULL },
};

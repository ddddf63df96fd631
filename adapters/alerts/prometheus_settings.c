/* prometheus_settings.c - rows of Prometheus. */

#include "adapters/all_settings.h"

const struct setting prometheus_settings[] = {
	{ "prometheus", SETTING_MAP, .later = true, .sentence = "Where figures are asked for." },
	{ "prometheus.url", SETTING_URL, .required = true, .example = "\"http://prometheus:9090\"",
	    .sentence = "Its address." },
	{ "prometheus.bearer", SETTING_SECRET, .example = "\"${PROM_TOKEN}\"",
	    .sentence = "Sent with every query." },
	{ .path = NULL },
};

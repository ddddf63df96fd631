/*
 * all_settings.h - every table of rows, in the order of the sample file.
 *
 * For main.c and the tests, which register them all; an adapter's file of rows includes it for its own.
 */
#ifndef ADAPTERS_ALL_SETTINGS_H
#define ADAPTERS_ALL_SETTINGS_H

#include "bot/settings_rows.h"

extern const struct setting slack_settings[];
extern const struct setting tools_settings[];
extern const struct setting prometheus_settings[], pagerduty_settings[], alertmanager_settings[];
extern const struct setting smtp_settings[];

static inline void
settings_register_all(void)
{
	settings_register(general_settings);
	settings_register(slack_settings);
	settings_register(place_settings);
	settings_register(tools_settings);
	settings_register(target_settings);
	settings_register(permission_settings);
	settings_register(limit_settings);
	settings_register(duty_settings);
	settings_register(prometheus_settings);
	settings_register(pagerduty_settings);
	settings_register(alertmanager_settings);
	settings_register(smtp_settings);
	settings_register(incident_settings);
}

#endif

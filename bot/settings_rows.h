/*
 * settings_rows.h - the tables of bot/'s own rows, and the checks that several of them share.
 *
 * Files of rows (NAME_settings.c) may hold the key names of the YAML that name foreign things.
 */
#ifndef BOT_SETTINGS_ROWS_H
#define BOT_SETTINGS_ROWS_H

#include "settings.h"

extern const struct setting general_settings[];		/* product … listen */
extern const struct setting place_settings[];		/* channels, clusters */
extern const struct setting target_settings[];		/* environments, targets */
extern const struct setting permission_settings[];	/* roles, permissions */
extern const struct setting limit_settings[];		/* limits, log */
extern const struct setting duty_settings[];		/* freezes */
extern const struct setting incident_settings[];	/* severities, on_call, triggers */

extern const char chat_budget_path[];	/* of limits.chat_budget; the key bears a service's name */

/* A list of people: ids, mail addresses, @name, local:USER, trigger:NAME, webhook:NAME. */
void settings_check_people(struct settings *, const struct value *names);

#endif

/* settings.c - any text as a configuration: refused with a sentence, or whole. */

#include "adapters/all_settings.h"
#include "commands/commands.h"
#include "configuration.h"
#include "fuzz.h"

FUZZ
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct configuration *configuration;
	static bool ready;

	if (!ready) {
		settings_register_all();
		commands_register(commands_table);
		ready = true;
	}
	/* A file that a setting names is not what is looked at here. */
	if (strstr(bytes, "file:") != NULL || strlen(bytes) != length)
		return;
	configuration = configuration_load(NULL, bytes, &problems);
	must(configuration != NULL || problems.length > 0);
	if (configuration == NULL)
		return;
	must(configuration->clusters.count > 0 && configuration->environments.count > 0);
	for (size_t i = 0; i < configuration->targets.count; i++) {
		const struct target_setting *target = &configuration->targets.item[i];

		must(configuration_target(configuration, target->key) == target);
		must(target->environments[0] != NULL && target->timeout > 0);
	}
	must(configuration->limits.children > 0);
	configuration_free(configuration);
}

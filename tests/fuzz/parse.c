/* parse.c - any command line: a request that the configuration knows, or one sentence. */

#include "adapters/all_settings.h"
#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "base/unicode.h"
#include "commands/commands.h"
#include "embedded.h"
#include "fuzz.h"
#include "parse.h"

static const struct driver *const drivers[] = { &driver_deployment, &driver_statefulset,
	&driver_daemonset, &driver_helm, NULL };

static const struct configuration *
playground(void)
{
	static struct configuration *configuration;
	_cleanup_(text_clear) struct text problems = TEXT_INIT;

	if (configuration == NULL) {
		setenv("PLAYGROUND", "/nowhere", 1);
		setenv("PLAYGROUND_USER", "ann", 1);
		settings_register_all();
		drivers_register(drivers);
		commands_register(commands_table);
		configuration = configuration_load(NULL, embedded_playground, &problems);
	}
	must(configuration != NULL);
	return configuration;
}

FUZZ
{
	const struct configuration *configuration = playground();
	struct arena *arena = arena_new();
	struct arrival arrival = { .arena = arena, .door = DOOR_SLASH, .team = "T0TEAM",
		.person = "U0ANN", .text = bytes };
	struct parsed parsed = { 0 }, again = { 0 };
	struct error err = ERROR_INIT;
	bool good = parse(&parsed, configuration, &arrival, arena, &err);

	must(good == (parsed.request != NULL) && good == (err.kind == ERROR_NONE));
	must(good || *err.text != '\0');
	must(utf8_valid(err.text, strlen(err.text)) || !utf8_valid(bytes, length));
	if (parsed.suggestion != NULL) {	/* is never run at once */
		arrival.text = parsed.suggestion;
		if (parse(&again, configuration, &arrival, arena, NULL))
			must(!again.request->now);
	}
	if (good) {
		must(parsed.request->command != NULL && parsed.request->principal != NULL);
		must(parsed.request->target == NULL || configuration_target(configuration,
		    parsed.request->target->setting->key) == parsed.request->target->setting);
	}
	request_free(parsed.request);
	request_free(again.request);
	arena_free(arena);
}

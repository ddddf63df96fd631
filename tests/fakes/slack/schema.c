/* schema.c - Block Kit's shapes as tables (numbers: protocols 3.7, @slack/types 3.2). */

#include "schema.h"

#define END { 0 }
#define TYPE { "type", FIELD_STRING, true, 64, 1, 0, NULL }
#define BLOCK_ID { "block_id", FIELD_STRING, false, 255, 1, 0, NULL }
#define ACTION_ID { "action_id", FIELD_STRING, false, 255, 1, 0, NULL }
#define CONFIRM { "confirm", FIELD_OBJECT, false, 0, 0, 0, &shape_confirm }
#define PLACEHOLDER { "placeholder", FIELD_PLAIN, false, 150, 1, 0, NULL }
#define FOCUS { "focus_on_load", FIELD_BOOLEAN, false, 0, 0, 0, NULL }
#define OPTIONS(n) { "options", FIELD_OBJECTS, false, (n), 1, 0, &shape_option }
#define MOST_ITEMS { "max_selected_items", FIELD_INTEGER, false, 0, 1, 0, NULL }

static const char *const styles[] = { "primary", "danger", NULL };

/* ---- parts --------------------------------------------------------------------------------- */

static const struct field confirm_fields[] = {
	{ "title", FIELD_PLAIN, true, 100, 1, 0, NULL },
	{ "text", FIELD_TEXT, true, 300, 1, 0, NULL },
	{ "confirm", FIELD_PLAIN, true, 30, 1, 0, NULL },
	{ "deny", FIELD_PLAIN, true, 30, 1, 0, NULL },
	{ "style", FIELD_ENUM, false, 0, 0, 0, styles },
	END,
};
static const struct shape shape_confirm = { NULL, confirm_fields };

/* The documentation allows values of 150, the types 75; what the server does is unknown, so: 75. */
static const struct field option_fields[] = {
	{ "text", FIELD_TEXT, true, 75, 1, 0, NULL },
	{ "value", FIELD_STRING, true, 75, 1, 0, NULL },
	{ "description", FIELD_TEXT, false, 75, 1, 0, NULL },
	{ "url", FIELD_STRING, false, 3000, 1, 0, NULL },
	END,
};
static const struct shape shape_option = { NULL, option_fields };

static const struct field option_group_fields[] = {
	{ "label", FIELD_PLAIN, true, 75, 1, 0, NULL },
	{ "options", FIELD_OBJECTS, true, 100, 1, 0, &shape_option },
	END,
};
static const struct shape shape_option_group = { NULL, option_group_fields };

/* ---- elements ------------------------------------------------------------------------------ */

static const struct field button_fields[] = {
	TYPE, ACTION_ID, CONFIRM,
	{ "text", FIELD_PLAIN, true, 75, 1, 0, NULL },
	{ "value", FIELD_STRING, false, 2000, 0, 0, NULL },
	{ "url", FIELD_STRING, false, 3000, 1, 0, NULL },
	{ "style", FIELD_ENUM, false, 0, 0, 0, styles },
	{ "accessibility_label", FIELD_STRING, false, 75, 1, 0, NULL },
	END,
};
static const struct shape button = { "button", button_fields };

static const struct field overflow_fields[] = {
	TYPE, ACTION_ID, CONFIRM,
	{ "options", FIELD_OBJECTS, true, 5, 1, 0, &shape_option },
	END,
};
static const struct shape overflow = { "overflow", overflow_fields };

static const struct field static_select_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS, OPTIONS(100),
	{ "option_groups", FIELD_OBJECTS, false, 100, 1, 0, &shape_option_group },
	{ "initial_option", FIELD_OBJECT, false, 0, 0, 0, &shape_option },
	END,
};
static const struct shape static_select = { "static_select", static_select_fields };

static const struct field multi_static_select_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS, OPTIONS(100), MOST_ITEMS,
	{ "option_groups", FIELD_OBJECTS, false, 100, 1, 0, &shape_option_group },
	{ "initial_options", FIELD_OBJECTS, false, 100, 1, 0, &shape_option },
	END,
};
static const struct shape multi_static_select = { "multi_static_select",
	multi_static_select_fields };

static const struct field external_select_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS,
	{ "initial_option", FIELD_OBJECT, false, 0, 0, 0, &shape_option },
	{ "min_query_length", FIELD_INTEGER, false, 0, 0, 0, NULL },
	END,
};
static const struct shape external_select = { "external_select", external_select_fields };

static const struct field users_select_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS,
	{ "initial_user", FIELD_STRING, false, 0, 0, 0, NULL },
	END,
};
static const struct shape users_select = { "users_select", users_select_fields };

static const struct field multi_users_select_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS, MOST_ITEMS,
	{ "initial_users", FIELD_STRINGS, false, 0, 0, 0, NULL },
	END,
};
static const struct shape multi_users_select = { "multi_users_select", multi_users_select_fields };

static const struct field conversations_select_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS,
	{ "initial_conversation", FIELD_STRING, false, 0, 0, 0, NULL },
	{ "default_to_current_conversation", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	{ "response_url_enabled", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	{ "filter", FIELD_ANY, false, 0, 0, 0, NULL },
	END,
};
static const struct shape conversations_select = { "conversations_select",
	conversations_select_fields };

static const struct field channels_select_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS,
	{ "initial_channel", FIELD_STRING, false, 0, 0, 0, NULL },
	{ "response_url_enabled", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	END,
};
static const struct shape channels_select = { "channels_select", channels_select_fields };

static const struct field datepicker_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS,
	{ "initial_date", FIELD_STRING, false, 10, 10, 0, NULL },
	END,
};
static const struct shape datepicker = { "datepicker", datepicker_fields };

static const struct field timepicker_fields[] = {
	TYPE, ACTION_ID, CONFIRM, PLACEHOLDER, FOCUS,
	{ "initial_time", FIELD_STRING, false, 5, 5, 0, NULL },
	{ "timezone", FIELD_STRING, false, 0, 0, 0, NULL },
	END,
};
static const struct shape timepicker = { "timepicker", timepicker_fields };

static const struct field datetimepicker_fields[] = {
	TYPE, ACTION_ID, CONFIRM, FOCUS,
	{ "initial_date_time", FIELD_INTEGER, false, 0, 0, 0, NULL },
	END,
};
static const struct shape datetimepicker = { "datetimepicker", datetimepicker_fields };

static const struct field checkboxes_fields[] = {
	TYPE, ACTION_ID, CONFIRM, FOCUS,
	{ "options", FIELD_OBJECTS, true, 10, 1, 0, &shape_option },
	{ "initial_options", FIELD_OBJECTS, false, 10, 1, 0, &shape_option },
	END,
};
static const struct shape checkboxes = { "checkboxes", checkboxes_fields };

static const struct field radio_fields[] = {
	TYPE, ACTION_ID, CONFIRM, FOCUS,
	{ "options", FIELD_OBJECTS, true, 10, 1, 0, &shape_option },
	{ "initial_option", FIELD_OBJECT, false, 0, 0, 0, &shape_option },
	END,
};
static const struct shape radio_buttons = { "radio_buttons", radio_fields };

#define TYPED_FIELDS                                                                               \
	TYPE, ACTION_ID, PLACEHOLDER, FOCUS,                                                       \
	    { "initial_value", FIELD_STRING, false, 3000, 0, 0, NULL },                            \
	    { "dispatch_action_config", FIELD_ANY, false, 0, 0, 0, NULL }

static const struct field plain_text_input_fields[] = {
	TYPED_FIELDS,
	{ "multiline", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	{ "min_length", FIELD_INTEGER, false, 3000, 0, 0, NULL },
	{ "max_length", FIELD_INTEGER, false, 3000, 1, 0, NULL },
	END,
};
static const struct shape plain_text_input = { "plain_text_input", plain_text_input_fields };

static const struct field typed_fields[] = { TYPED_FIELDS, END };
static const struct shape email_text_input = { "email_text_input", typed_fields };
static const struct shape url_text_input = { "url_text_input", typed_fields };

static const struct field number_input_fields[] = {
	TYPED_FIELDS,
	{ "is_decimal_allowed", FIELD_BOOLEAN, true, 0, 0, 0, NULL },
	{ "min_value", FIELD_STRING, false, 0, 0, 0, NULL },
	{ "max_value", FIELD_STRING, false, 0, 0, 0, NULL },
	END,
};
static const struct shape number_input = { "number_input", number_input_fields };

static const struct field image_element_fields[] = {
	TYPE,
	{ "image_url", FIELD_STRING, false, 3000, 1, 0, NULL },
	{ "slack_file", FIELD_ANY, false, 0, 0, 0, NULL },
	{ "alt_text", FIELD_STRING, true, 2000, 1, 0, NULL },
	END,
};
static const struct shape image_element = { "image", image_element_fields };

/* Text objects among the elements of a context block. */
static const struct field plain_text_fields[] = {
	TYPE,
	{ "text", FIELD_STRING, true, 3000, 1, 0, NULL },
	{ "emoji", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	END,
};
static const struct shape plain_text = { "plain_text", plain_text_fields };
static const struct field mrkdwn_fields[] = {
	TYPE,
	{ "text", FIELD_STRING, true, 3000, 1, 0, NULL },
	{ "verbatim", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	END,
};
static const struct shape mrkdwn = { "mrkdwn", mrkdwn_fields };

#define SELECTS                                                                                    \
	&static_select, &external_select, &users_select, &conversations_select, &channels_select
#define PICKERS &datepicker, &timepicker, &datetimepicker, &checkboxes, &radio_buttons
#define MULTIS &multi_static_select, &multi_users_select

static const struct shape *const in_actions[] = { &button, &overflow, SELECTS, PICKERS, NULL };
static const struct shape *const in_section[] = {
	&button, &overflow, &image_element, SELECTS, MULTIS, PICKERS, NULL,
};
static const struct shape *const in_context[] = { &image_element, &plain_text, &mrkdwn, NULL };
static const struct shape *const in_input[] = {
	&plain_text_input, &email_text_input, &url_text_input, &number_input, SELECTS, MULTIS,
	PICKERS, NULL,
};

/* ---- blocks -------------------------------------------------------------------------------- */

static const struct field header_fields[] = {
	TYPE, BLOCK_ID,
	{ "text", FIELD_PLAIN, true, 150, 1, 0, NULL },
	END,
};
static const struct shape header = { "header", header_fields };

static const struct field section_fields[] = {
	TYPE, BLOCK_ID,
	{ "text", FIELD_TEXT, false, 3000, 1, 0, NULL },
	{ "fields", FIELD_TEXTS, false, 10, 1, 2000, NULL },
	{ "accessory", FIELD_ONE, false, 0, 0, 0, in_section },
	{ "expand", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	END,
};
static const struct shape section = { "section", section_fields };

static const struct field context_fields[] = {
	TYPE, BLOCK_ID,
	{ "elements", FIELD_MANY, true, 10, 1, 0, in_context },
	END,
};
static const struct shape context = { "context", context_fields };

static const struct field actions_fields[] = {
	TYPE, BLOCK_ID,
	{ "elements", FIELD_MANY, true, 25, 1, 0, in_actions },
	END,
};
static const struct shape actions = { "actions", actions_fields };

static const struct field divider_fields[] = { TYPE, BLOCK_ID, END };
static const struct shape divider = { "divider", divider_fields };

static const struct field image_fields[] = {
	TYPE, BLOCK_ID,
	{ "image_url", FIELD_STRING, false, 3000, 1, 0, NULL },
	{ "slack_file", FIELD_ANY, false, 0, 0, 0, NULL },
	{ "alt_text", FIELD_STRING, true, 2000, 1, 0, NULL },
	{ "title", FIELD_PLAIN, false, 2000, 1, 0, NULL },
	END,
};
static const struct shape image = { "image", image_fields };

static const struct field input_fields[] = {
	TYPE, BLOCK_ID,
	{ "label", FIELD_PLAIN, true, 2000, 1, 0, NULL },
	{ "element", FIELD_ONE, true, 0, 0, 0, in_input },
	{ "hint", FIELD_PLAIN, false, 2000, 1, 0, NULL },
	{ "optional", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	{ "dispatch_action", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	END,
};
static const struct shape input = { "input", input_fields };

static const struct field markdown_fields[] = {
	TYPE, BLOCK_ID,
	{ "text", FIELD_STRING, true, 12000, 1, 0, NULL },
	END,
};
static const struct shape markdown = { "markdown", markdown_fields };

const struct shape *const shapes_message[] = {
	&header, &section, &context, &actions, &divider, &image, &input, &markdown,
	&shape_rich_text, &shape_table, NULL,
};
const struct shape *const shapes_modal[] = {
	&header, &section, &context, &actions, &divider, &image, &input, &shape_rich_text, NULL,
};
const struct shape *const shapes_home[] = {
	&header, &section, &context, &actions, &divider, &image, &input, &shape_rich_text, NULL,
};

/* ---- views --------------------------------------------------------------------------------- */

#define VIEW_FIELDS                                                                                \
	TYPE, { "blocks", FIELD_ANY, true, 0, 0, 0, NULL },                                        \
	    { "callback_id", FIELD_STRING, false, 255, 1, 0, NULL },                               \
	    { "private_metadata", FIELD_STRING, false, 3000, 0, 0, NULL },                         \
	    { "external_id", FIELD_STRING, false, 255, 0, 0, NULL }

static const struct field modal_fields[] = {
	VIEW_FIELDS,
	{ "title", FIELD_PLAIN, true, 24, 1, 0, NULL },
	{ "submit", FIELD_PLAIN, false, 24, 1, 0, NULL },
	{ "close", FIELD_PLAIN, false, 24, 1, 0, NULL },
	{ "clear_on_close", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	{ "notify_on_close", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	{ "submit_disabled", FIELD_BOOLEAN, false, 0, 0, 0, NULL },
	END,
};
const struct shape shape_modal = { "modal", modal_fields };

static const struct field home_fields[] = { VIEW_FIELDS, END };
const struct shape shape_home = { "home", home_fields };

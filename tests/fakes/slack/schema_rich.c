/* schema_rich.c - rich text and tables (docs.slack.dev/reference/block-kit/blocks; @slack/types 3.2). */

#include "schema.h"

#define END { 0 }
#define TYPE { "type", FIELD_STRING, true, 64, 1, 0, NULL }
#define BLOCK_ID { "block_id", FIELD_STRING, false, 255, 1, 0, NULL }
#define STYLE { "style", FIELD_OBJECT, false, 0, 0, 0, &style }
#define SWITCH(name) { (name), FIELD_BOOLEAN, false, 0, 0, 0, NULL }
#define COUNTED(name, most) { (name), FIELD_INTEGER, false, (most), 0, 0, NULL }
#define PARTS(name, shapes) { (name), FIELD_MANY, true, 0, 0, 0, (shapes) }

static const struct field style_fields[] = {
	SWITCH("bold"), SWITCH("italic"), SWITCH("strike"), SWITCH("code"), SWITCH("underline"), END,
};
static const struct shape style = { NULL, style_fields };

static const struct field text_fields[] = {
	TYPE, STYLE, { "text", FIELD_STRING, true, 0, 1, 0, NULL }, END,
};
static const struct shape text = { "text", text_fields };

static const struct field link_fields[] = {
	TYPE, STYLE,
	{ "url", FIELD_STRING, true, 3000, 1, 0, NULL },
	{ "text", FIELD_STRING, false, 0, 1, 0, NULL },
	SWITCH("unsafe"), END,
};
static const struct shape link = { "link", link_fields };

static const struct field user_fields[] = {
	TYPE, STYLE, { "user_id", FIELD_STRING, true, 32, 2, 0, NULL }, END,
};
static const struct shape user = { "user", user_fields };

static const struct field usergroup_fields[] = {
	TYPE, STYLE, { "usergroup_id", FIELD_STRING, true, 32, 2, 0, NULL }, END,
};
static const struct shape usergroup = { "usergroup", usergroup_fields };

static const struct field channel_fields[] = {
	TYPE, STYLE, { "channel_id", FIELD_STRING, true, 32, 2, 0, NULL }, END,
};
static const struct shape channel = { "channel", channel_fields };

static const struct field emoji_fields[] = {
	TYPE, { "name", FIELD_STRING, true, 255, 1, 0, NULL }, { "unicode", FIELD_STRING, false, 0, 1, 0, NULL },
	END,
};
static const struct shape emoji = { "emoji", emoji_fields };

static const char *const ranges[] = { "here", "channel", "everyone", NULL };
static const struct field broadcast_fields[] = {
	TYPE, STYLE, { "range", FIELD_ENUM, true, 0, 0, 0, ranges }, END,
};
static const struct shape broadcast = { "broadcast", broadcast_fields };

static const struct field date_fields[] = {
	TYPE, STYLE,
	{ "timestamp", FIELD_INTEGER, true, 0, 0, 0, NULL },
	{ "format", FIELD_STRING, true, 0, 1, 0, NULL },
	{ "url", FIELD_STRING, false, 3000, 1, 0, NULL },
	{ "fallback", FIELD_STRING, false, 0, 1, 0, NULL },
	END,
};
static const struct shape date = { "date", date_fields };

static const struct shape *const inside[] = {
	&text, &link, &user, &usergroup, &channel, &emoji, &broadcast, &date, NULL,
};
/* Preformatted text parses nothing: text and links only. */
static const struct shape *const inside_preformatted[] = { &text, &link, NULL };

static const struct field section_fields[] = { TYPE, PARTS("elements", inside), END };
static const struct shape section = { "rich_text_section", section_fields };

static const struct field preformatted_fields[] = {
	TYPE, PARTS("elements", inside_preformatted), COUNTED("border", 1),
	{ "language", FIELD_STRING, false, 0, 1, 0, NULL }, END,
};
static const struct shape preformatted = { "rich_text_preformatted", preformatted_fields };

static const struct field quote_fields[] = {
	TYPE, PARTS("elements", inside), COUNTED("border", 1), END,
};
static const struct shape quote = { "rich_text_quote", quote_fields };

static const struct shape *const list_items[] = { &section, NULL };
static const char *const list_styles[] = { "bullet", "ordered", NULL };
static const struct field list_fields[] = {
	TYPE, PARTS("elements", list_items),
	{ "style", FIELD_ENUM, true, 0, 0, 0, list_styles },
	COUNTED("indent", 8), COUNTED("offset", 0), COUNTED("border", 1), END,
};
static const struct shape list = { "rich_text_list", list_fields };

static const struct shape *const rich_parts[] = { &section, &preformatted, &quote, &list, NULL };
static const struct field rich_text_fields[] = {
	TYPE, BLOCK_ID, PARTS("elements", rich_parts), END,
};
const struct shape shape_rich_text = { "rich_text", rich_text_fields };

static const struct field raw_fields[] = { TYPE, { "text", FIELD_STRING, true, 0, 1, 0, NULL }, END };
static const struct shape raw_text = { "raw_text", raw_fields };
static const struct shape *const cells[] = { &raw_text, &shape_rich_text, NULL };
static const char *const alignments[] = { "left", "center", "right", NULL };
static const struct field column_fields[] = {
	{ "align", FIELD_ENUM, false, 0, 0, 0, alignments }, SWITCH("is_wrapped"), END,
};
static const struct shape column = { NULL, column_fields };
static const struct field table_fields[] = {
	TYPE, BLOCK_ID,
	{ "rows", FIELD_ROWS, true, 100, 1, 20, cells },
	{ "column_settings", FIELD_OBJECTS, false, 20, 0, 0, &column },
	END,
};
const struct shape shape_table = { "table", table_fields };

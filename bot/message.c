/* message.c - what rollcall says: filled, kept as JSON, read back, printed plainly. */

#include "message.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

struct message *
message_new(void)
{
	struct arena *arena = arena_new();
	struct message *message = arena_new_of(arena, struct message);

	message->arena = arena;
	return message;
}

void
message_free(struct message *message)
{
	if (message != NULL)
		arena_free(message->arena);
}

void
message_freep(struct message **message)
{
	message_free(*message);
}

/* ---- filling ---- */

void
message_line(struct message *message, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	*ARENA_GROW(message->arena, &message->lines) = arena_vprintf(message->arena, format, ap);
	va_end(ap);
}

void
message_remark(struct message *message, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	*ARENA_GROW(message->arena, &message->remarks) = arena_vprintf(message->arena, format, ap);
	va_end(ap);
}

void
message_context(struct message *message, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	*ARENA_GROW(message->arena, &message->context) = arena_vprintf(message->arena, format, ap);
	va_end(ap);
}

void
message_step(struct message *message, enum step_symbol symbol, const char *text, const char *detail)
{
	*ARENA_GROW(message->arena, &message->steps) = (struct step_line){
		.symbol = symbol,
		.text = arena_strdup(message->arena, text),
		.detail = arena_strdup(message->arena, detail),
	};
}

/* Which strings a button and an input have: one table each copies, prints and reads them. */
struct field {
	const char *key;
	size_t offset;
};
#define BUTTON(member) { #member, offsetof(struct button, member) }
static const struct field button_fields[] = { BUTTON(label), BUTTON(action), BUTTON(argument),
	BUTTON(description), BUTTON(confirm_title), BUTTON(confirm_text), BUTTON(confirm_yes),
	BUTTON(confirm_no), { NULL, 0 } };
#define INPUT(member) { #member, offsetof(struct input, member) }
static const struct field input_fields[] = { INPUT(name), INPUT(label), INPUT(hint), INPUT(initial),
	INPUT(wrong), { NULL, 0 } };
#define MESSAGE(member) { #member, offsetof(struct message, member) }
static const struct field message_fields[] = { MESSAGE(text), MESSAGE(headline),
	MESSAGE(environment), MESSAGE(difference), MESSAGE(tail), MESSAGE(verbatim), MESSAGE(id),
	MESSAGE(state), { NULL, 0 } };

static const char **
field_of(void *thing, const struct field *field)
{
	return (const char **)(void *)((char *)thing + field->offset);
}

static void
copy_fields(struct arena *arena, void *thing, const struct field *field)
{
	for (; field->key != NULL; field++)
		*field_of(thing, field) = arena_strdup(arena, *field_of(thing, field));
}

void
message_button(struct message *message, const struct button *button)
{
	struct button *copy = ARENA_GROW(message->arena, &message->buttons);

	*copy = *button;
	copy_fields(message->arena, copy, button_fields);
}

void
message_more(struct message *message, const struct button *button)
{
	struct button *copy = ARENA_GROW(message->arena, &message->more);

	*copy = *button;
	copy_fields(message->arena, copy, button_fields);
}

struct names {
	const char **item;
	size_t count, size;
};

void
message_input(struct message *message, const struct input *input)
{
	struct input *copy = ARENA_GROW(message->arena, &message->inputs);
	const char *const *choice = input->choices;
	struct names choices = { NULL, 0, 0 };

	*copy = *input;
	copy_fields(message->arena, copy, input_fields);
	if (choice == NULL)
		return;
	for (; *choice != NULL; choice++)
		*ARENA_GROW(message->arena, &choices) = arena_strdup(message->arena, *choice);
	*ARENA_GROW(message->arena, &choices) = NULL;
	copy->choices = choices.item;
}

static void
copy_strings(struct arena *arena, struct names *names)
{
	struct names copy = { NULL, 0, 0 };

	for (size_t i = 0; i < names->count; i++)
		*ARENA_GROW(arena, &copy) = arena_strdup(arena, names->item[i]);
	*names = copy;
}
#define COPY_STRINGS(copy, list)                                                                   \
	do {                                                                                       \
		struct names names_ = { (copy)->list.item, (copy)->list.count, 0 };                \
		copy_strings((copy)->arena, &names_);                                              \
		(copy)->list.item = names_.item;                                                   \
		(copy)->list.size = names_.size;                                                   \
	} while (0)

struct message *
message_copy(const struct message *message)
{
	struct message *copy = message_new();
	struct arena *arena = copy->arena;

	*copy = *message;
	copy->arena = arena;
	copy_fields(arena, copy, message_fields);
	COPY_STRINGS(copy, lines);
	COPY_STRINGS(copy, remarks);
	COPY_STRINGS(copy, context);
	memset(&copy->steps, 0, sizeof(copy->steps));
	for (size_t i = 0; i < message->steps.count; i++)
		message_step(copy, message->steps.item[i].symbol, message->steps.item[i].text,
		    message->steps.item[i].detail);
	memset(&copy->buttons, 0, sizeof(copy->buttons));
	for (size_t i = 0; i < message->buttons.count; i++)
		message_button(copy, &message->buttons.item[i]);
	memset(&copy->more, 0, sizeof(copy->more));
	for (size_t i = 0; i < message->more.count; i++)
		message_more(copy, &message->more.item[i]);
	memset(&copy->inputs, 0, sizeof(copy->inputs));
	for (size_t i = 0; i < message->inputs.count; i++)
		message_input(copy, &message->inputs.item[i]);
	return copy;
}

/* ---- as JSON ---- */

static void
print_fields(cJSON *object, const void *thing, const struct field *field)
{
	for (; field->key != NULL; field++)
		json_add_string(object, field->key,
		    *(const char *const *)(const void *)((const char *)thing + field->offset));
}

static void
print_strings(cJSON *object, const char *key, const char *const *item, size_t count)
{
	cJSON *array;

	if (count == 0)
		return;
	array = json_add_array(object, key);
	for (size_t i = 0; i < count; i++)
		json_add_string(array, NULL, item[i]);
}

static void
print_buttons(cJSON *object, const char *key, const struct button *button, size_t count)
{
	cJSON *array, *one;

	if (count == 0)
		return;
	array = json_add_array(object, key);
	for (; count > 0; count--, button++) {
		one = json_add_object(array, NULL);
		print_fields(one, button, button_fields);
		json_add_number(one, "style", button->style);
	}
}

static void
print_steps(cJSON *object, const struct message *message)
{
	cJSON *array, *one;

	if (message->steps.count == 0)
		return;
	array = json_add_array(object, "steps");
	for (size_t i = 0; i < message->steps.count; i++) {
		one = json_add_object(array, NULL);
		json_add_number(one, "symbol", message->steps.item[i].symbol);
		json_add_string(one, "text", message->steps.item[i].text);
		json_add_string(one, "detail", message->steps.item[i].detail);
	}
}

static size_t
names_count(const char *const *names)
{
	size_t count = 0;

	while (names != NULL && names[count] != NULL)
		count++;
	return count;
}

static void
print_inputs(cJSON *object, const struct message *message)
{
	const struct input *input = message->inputs.item;
	cJSON *array, *one;

	if (message->inputs.count == 0)
		return;
	array = json_add_array(object, "inputs");
	for (size_t i = 0; i < message->inputs.count; i++, input++) {
		one = json_add_object(array, NULL);
		print_fields(one, input, input_fields);
		print_strings(one, "choices", input->choices, names_count(input->choices));
		json_add_number(one, "most", input->most);
		json_add_bool(one, "optional", input->optional);
		json_add_bool(one, "lines", input->lines);
	}
}

void
message_print(const struct message *message, struct text *out)
{
	_cleanup_(json_freep) cJSON *root = cJSON_CreateObject();

	print_fields(root, message, message_fields);
	print_strings(root, "lines", message->lines.item, message->lines.count);
	print_strings(root, "remarks", message->remarks.item, message->remarks.count);
	print_steps(root, message);
	print_buttons(root, "buttons", message->buttons.item, message->buttons.count);
	print_buttons(root, "more", message->more.item, message->more.count);
	print_strings(root, "context", message->context.item, message->context.count);
	print_inputs(root, message);
	json_add_bool(root, "in_channel", message->in_channel);
	json_add_number(root, "drawing", message->drawing);
	json_add_number(root, "row", message->row);
	json_print(out, root);
}

static void
read_fields(struct arena *arena, const cJSON *object, void *thing, const struct field *field)
{
	for (; field->key != NULL; field++)
		*field_of(thing, field) = arena_strdup(arena, json_string(object, field->key));
}

/* A number of an enumeration; what a newer rollcall may have written becomes the first. */
static int
read_choice(const cJSON *object, const char *key, int count)
{
	int64_t value = json_integer(object, key, 0);

	return value >= 0 && value < count ? (int)value : 0;
}

static struct button
read_button(const cJSON *object)
{
	struct button button = { .style = (enum button_style)read_choice(object, "style", 3) };

	for (const struct field *field = button_fields; field->key != NULL; field++)
		*field_of(&button, field) = json_string(object, field->key);
	return button;
}

static void
read_input(struct message *message, const cJSON *object)
{
	struct input input = {
		.most = (int)json_integer(object, "most", 0),
		.optional = json_bool(object, "optional", false),
		.lines = json_bool(object, "lines", false),
	};
	struct names choices = { NULL, 0, 0 };
	const cJSON *choice, *list = json_at(object, "choices");

	for (const struct field *field = input_fields; field->key != NULL; field++)
		*field_of(&input, field) = json_string(object, field->key);
	json_each(choice, list)
		if (cJSON_IsString(choice))
			*ARENA_GROW(message->arena, &choices) = choice->valuestring;
	if (choices.count > 0) {
		*ARENA_GROW(message->arena, &choices) = NULL;
		input.choices = choices.item;
	}
	message_input(message, &input);
}

static void
read_lines(struct message *message, const cJSON *root, const char *key,
    void (*add)(struct message *, const char *format, ...))
{
	const cJSON *line, *list = json_at(root, key);

	json_each(line, list)
		if (cJSON_IsString(line))
			add(message, "%s", line->valuestring);
}

static void
read_lists(struct message *message, const cJSON *root)
{
	const cJSON *one, *steps = json_at(root, "steps"), *buttons = json_at(root, "buttons"),
	    *more = json_at(root, "more"), *inputs = json_at(root, "inputs");
	struct button button;

	read_lines(message, root, "lines", message_line);
	read_lines(message, root, "remarks", message_remark);
	read_lines(message, root, "context", message_context);
	json_each(one, steps)
		message_step(message, (enum step_symbol)read_choice(one, "symbol", SYMBOL_WARNED + 1),
		    json_string_or(one, "text", ""), json_string(one, "detail"));
	json_each(one, buttons) {
		button = read_button(one);
		message_button(message, &button);
	}
	json_each(one, more) {
		button = read_button(one);
		message_more(message, &button);
	}
	json_each(one, inputs)
		read_input(message, one);
}

struct message *
message_read(const char *json, size_t length, struct error *err)
{
	_cleanup_(json_freep) cJSON *root = json_parse(json, length, err);
	struct message *message;

	if (root == NULL) {
		error_wrap(err, "a stored message");
		return NULL;
	}
	if (!cJSON_IsObject(root)) {
		wrong(err, "a stored message is not an object");
		return NULL;
	}
	message = message_new();
	read_fields(message->arena, root, message, message_fields);
	read_lists(message, root);
	message->in_channel = json_bool(root, "in_channel", false);
	message->drawing = (int)json_integer(root, "drawing", 0);
	message->row = (int)json_integer(root, "row", 0);
	return message;
}

/* ---- plainly ---- */

const char *
step_word(enum step_symbol symbol)
{
	static const char *const words[] = {
		[SYMBOL_DONE] = "Done",
		[SYMBOL_RUNNING] = "Running",
		[SYMBOL_NEXT] = "Next",
		[SYMBOL_FAILED] = "Failed",
		[SYMBOL_STOPPED] = "Stopped",
		[SYMBOL_UNKNOWN] = "Unknown",
		[SYMBOL_WARNED] = "Warning",
	};

	return words[symbol];
}

static void
plain_line(struct text *out, const char *before, const char *marked)
{
	struct arena *arena = arena_new();

	text_printf(out, "%s%s\n", before, say_plain(arena, marked));
	arena_free(arena);
}

/* A frame: each line behind a bar, so that no line of a tool can look like one of ours. */
static void
plain_frame(struct text *out, const char *foreign)
{
	size_t length;

	for (; foreign != NULL && *foreign != '\0'; foreign += length + (foreign[length] == '\n')) {
		length = strcspn(foreign, "\n");
		text_printf(out, "│ %.*s\n", (int)length, foreign);
	}
}

static void
plain_steps(const struct message *message, struct text *out)
{
	const struct step_line *step = message->steps.item;

	for (size_t i = 0; i < message->steps.count; i++, step++) {
		text_printf(out, "%s · ", step_word(step->symbol));
		plain_line(out, "", step->text);
		if (step->detail == NULL)
			continue;
		text_truncate(out, out->length - 1);
		plain_line(out, "  ", step->detail);
	}
}

static void
plain_buttons(const struct message *message, struct text *out)
{
	for (size_t i = 0; i < message->buttons.count; i++)
		text_printf(out, "%s[ %s ]", i > 0 ? "  " : "", message->buttons.item[i].label);
	for (size_t i = 0; i < message->more.count; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : "  ⋯ ", message->more.item[i].label);
	if (message->buttons.count + message->more.count > 0)
		text_add(out, "\n");
}

static void
plain_inputs(const struct message *message, struct text *out)
{
	const struct input *input = message->inputs.item;

	for (size_t i = 0; i < message->inputs.count; i++, input++) {
		plain_line(out, "", input->label != NULL ? input->label : input->name);
		if (input->wrong != NULL)
			plain_line(out, "  ", input->wrong);
	}
}

static bool
is_empty(const struct message *message)
{
	return message->headline == NULL && message->lines.count == 0 && message->remarks.count == 0 &&
	    message->difference == NULL && message->steps.count == 0 && message->tail == NULL &&
	    message->verbatim == NULL && message->inputs.count == 0;
}

void
message_plain(const struct message *message, struct text *out)
{
	if (message->verbatim != NULL) {
		plain_line(out, "", message->verbatim);
		return;
	}
	if (message->headline != NULL)
		plain_line(out, "", message->headline);
	if (message->environment != NULL && message->headline != NULL) {
		text_truncate(out, out->length - 1);
		plain_line(out, " · ", message->environment);
	}
	if (is_empty(message) && message->text != NULL)
		plain_line(out, "", message->text);
	for (size_t i = 0; i < message->lines.count; i++)
		plain_line(out, "", message->lines.item[i]);
	for (size_t i = 0; i < message->remarks.count; i++)
		plain_line(out, "! ", message->remarks.item[i]);
	plain_frame(out, message->difference);
	plain_steps(message, out);
	plain_frame(out, message->tail);
	plain_inputs(message, out);
	plain_buttons(message, out);
	for (size_t i = 0; i < message->context.count; i++)
		plain_line(out, "", message->context.item[i]);
}

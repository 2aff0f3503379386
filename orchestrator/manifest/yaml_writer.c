/* Writing YAML through libyaml's emitter, which takes care of quoting and indentation. */
#include "yaml_writer.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

static int append(void *data, unsigned char *bytes, size_t size)
{
    ds_text_append_bytes(data, bytes, size);
    return 1;
}

/* An event that cannot be made or written means that memory is exhausted, or a defect here. */
static void emit(yaml_emitter_t *emitter, int made, yaml_event_t *event)
{
    if (!made || !yaml_emitter_emit(emitter, event))
        abort();
}

/* Plain, a text like `no` or `8000` would be read as something else. */
static bool looks_typed(const char *text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "~",    "y",   "n"};
    for (size_t i = 0; i < DS_COUNT(words); i++)
        if (strcasecmp(words[i], text) == 0)
            return true;
    return *text == '\0' ||
           (strpbrk(text, "0123456789") && strspn(text, "0123456789.+-eExXoO_:") == strlen(text));
}

static void write_scalar(yaml_emitter_t *emitter, const char *text, bool is_text)
{
    yaml_event_t event;
    yaml_scalar_style_t style =
        is_text && looks_typed(text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
    emit(emitter,
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                      (int)strlen(text), 1, 1, style),
         &event);
}

static void write_value(yaml_emitter_t *emitter, json_t *value);

static void write_list(yaml_emitter_t *emitter, const json_t *list)
{
    yaml_event_t event;
    emit(emitter,
         yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE),
         &event);
    for (size_t i = 0; i < json_array_size(list); i++)
        write_value(emitter, json_array_get(list, i));
    emit(emitter, yaml_sequence_end_event_initialize(&event), &event);
}

static void write_map(yaml_emitter_t *emitter, json_t *object)
{
    yaml_event_t event;
    const char *key;
    json_t *value;
    emit(emitter,
         yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE),
         &event);
    json_object_foreach(object, key, value)
    {
        write_scalar(emitter, key, true);
        write_value(emitter, value);
    }
    emit(emitter, yaml_mapping_end_event_initialize(&event), &event);
}

static void write_value(yaml_emitter_t *emitter, json_t *value)
{
    if (json_is_object(value)) {
        write_map(emitter, value);
    } else if (json_is_array(value)) {
        write_list(emitter, value);
    } else if (json_is_string(value)) {
        write_scalar(emitter, json_string_value(value), true);
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        write_scalar(emitter, text ? text : "null", false);
        free(text);
    }
}

char *ds_yaml_write(json_t *value)
{
    struct ds_text text = {0};
    yaml_emitter_t emitter;
    yaml_event_t event;
    if (!yaml_emitter_initialize(&emitter))
        abort();
    yaml_emitter_set_output(&emitter, append, &text);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    emit(&emitter, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);
    emit(&emitter, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
    write_value(&emitter, value);
    emit(&emitter, yaml_document_end_event_initialize(&event, 1), &event);
    emit(&emitter, yaml_stream_end_event_initialize(&event), &event);
    yaml_emitter_delete(&emitter);
    return ds_text_take(&text);
}

/* Reading the engine's JSON without trusting its shape, and writing its filters. */
#include "internal.h"

const char *engine_json_string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

void engine_json_labels(const json_t *object, struct ds_variables *ret_labels)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) if (json_is_string(value))
        ds_variables_set(ret_labels, name, json_string_value(value));
}

char *engine_filters(json_t *filters)
{
    char *text = json_dumps(filters, JSON_COMPACT);
    json_decref(filters);
    if (!text)
        abort();
    char *encoded = ds_percent_encode(text);
    free(text);
    return encoded;
}

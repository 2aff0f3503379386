/* Templates: what is done with them once they are compiled. */
#include "devstack/manifest/template.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/secret.h"
#include "reference.h"

void ds_template_free(struct ds_template *template)
{
    if (!template)
        return;
    for (size_t i = 0; i < template->count; i++) {
        free(template->parts[i].literal);
        ds_reference_free(template->parts[i].reference);
    }
    free(template->parts);
    free(template);
}

/* A value on its way through the expansion may be secret: its memory is wiped. */
static void finish_wiped(struct ds_text *text)
{
    if (text->data)
        ds_wipe(text->data, text->length);
    ds_text_finish(text);
}

static void append_quoted(struct ds_text *out, const char *value)
{
    char *quoted = ds_shell_quote(value);
    ds_text_append(out, quoted);
    ds_wipe(quoted, strlen(quoted));
    free(quoted);
}

bool ds_template_expand(const struct ds_template *template, ds_resolve_fn resolve, void *data,
                        char **ret_value, bool *ret_secret, struct ds_error *err)
{
    struct ds_text out = {0};
    bool secret = false;
    for (size_t i = 0; i < template->count; i++) {
        const struct ds_template_part *part = &template->parts[i];
        if (part->literal) {
            ds_text_append(&out, part->literal);
            continue;
        }
        struct ds_text value = {0};
        bool good = resolve(data, part->reference, &value, &secret, err);
        if (good && template->shell)
            append_quoted(&out, ds_text_string(&value));
        else if (good)
            ds_text_append_bytes(&out, ds_text_string(&value), value.length);
        finish_wiped(&value);
        if (!good) {
            finish_wiped(&out);
            return false;
        }
    }
    *ret_value = ds_text_take(&out);
    if (ret_secret)
        *ret_secret = secret;
    return true;
}

const char *ds_template_literal(const struct ds_template *template)
{
    if (template->count == 0)
        return "";
    return template->count == 1 ? template->parts[0].literal : NULL;
}

char *ds_template_source(const struct ds_template *template)
{
    struct ds_text out = {0};
    for (size_t i = 0; i < template->count; i++) {
        if (template->parts[i].literal)
            ds_text_append(&out, template->parts[i].literal);
        else
            ds_reference_format(template->parts[i].reference, &out);
    }
    return ds_text_take(&out);
}

/* A value with variables and references: compiled, expanded, and compiled again as it is written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/manifest/interpolate.h"

static bool resolve(void *data, const struct ds_reference *reference, struct ds_text *out,
                    bool *ret_secret, struct ds_error *err)
{
    (void)data;
    (void)err;
    *ret_secret = reference->scope == DS_REFERENCE_SECRET;
    ds_text_append(out, "it's $(here)");
    return true;
}

static void compile(enum ds_interpolation_mode mode, const char *text,
                    const struct ds_variables *variables, const struct ds_strings *services)
{
    struct ds_faults faults = {0};
    const struct ds_interpolation how = {
        .mode = mode, .variables = variables, .services = services, .faults = &faults};
    struct ds_template *template =
        ds_interpolate(&how, text, (struct ds_where){"services.yaml", 1, 1}, true);
    struct ds_template *copy = ds_template_copy(template, "");
    ds_auto_free char *source = ds_template_source(template);
    ds_auto_free char *copied = ds_template_source(copy);
    ds_auto_free char *value = NULL;
    if (strcmp(source, copied) != 0)
        abort();
    if (!ds_template_expand(template, resolve, NULL, &value, NULL, NULL))
        abort();
    /* Where only references are replaced and nothing is wrong, the source is the text. */
    if (mode == DS_INTERPOLATE_CONFIG && faults.errors == 0 && strcmp(source, text) != 0)
        abort();
    ds_template_free(template);
    ds_template_free(copy);
    ds_faults_finish(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ds_auto_variables struct ds_variables variables = {0};
    ds_auto_strings struct ds_strings services = {0};
    ds_variables_set(&variables, "A", "value");
    ds_variables_set(&variables, "EMPTY", "");
    ds_strings_add(&services, "db");
    ds_strings_add(&services, "my-api");
    ds_auto_free char *text = ds_strndup((const char *)data, size);
    compile(DS_INTERPOLATE_VALUE, text, &variables, &services);
    compile(DS_INTERPOLATE_SHELL, text, &variables, &services);
    compile(DS_INTERPOLATE_CONFIG, text, &variables, &services);
    compile(DS_INTERPOLATE_DOTENV, text, &variables, &services);
    return 0;
}

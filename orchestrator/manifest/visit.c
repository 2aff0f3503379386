/* The one walk over the templates of a service, so that no check forgets a place. */
#include "check.h"

static void visit_one(struct ds_service_spec *spec, enum ds_usage usage,
                      struct ds_template *template, ds_visit_fn visit, void *data)
{
    if (template)
        visit(data, spec, usage, NULL, template);
}

static void visit_settings(struct ds_service_spec *spec, enum ds_usage usage,
                           const struct ds_settings *settings, ds_visit_fn visit, void *data)
{
    for (size_t i = 0; i < settings->count; i++)
        if (settings->items[i].value)
            visit(data, spec, usage, settings->items[i].name, settings->items[i].value);
}

static void visit_command(struct ds_service_spec *spec, enum ds_usage usage,
                          const struct ds_command *command, ds_visit_fn visit, void *data)
{
    for (size_t i = 0; i < command->count; i++)
        visit(data, spec, usage, NULL, command->items[i]);
}

void ds_visit_templates(struct ds_service_spec *spec, ds_visit_fn visit, void *data)
{
    visit_one(spec, DS_USAGE_CREDENTIAL, spec->user_name, visit, data);
    visit_one(spec, DS_USAGE_CREDENTIAL, spec->password, visit, data);
    visit_one(spec, DS_USAGE_CREDENTIAL, spec->database, visit, data);
    visit_one(spec, DS_USAGE_EXTERNAL, spec->external, visit, data);
    visit_command(spec, DS_USAGE_COMMAND, &spec->command, visit, data);
    visit_command(spec, DS_USAGE_COMMAND, &spec->container.command, visit, data);
    visit_command(spec, DS_USAGE_COMMAND, &spec->container.entrypoint, visit, data);
    visit_command(spec, DS_USAGE_HEALTH_COMMAND, &spec->health.exec, visit, data);
    visit_settings(spec, DS_USAGE_ENVIRONMENT, &spec->environment, visit, data);
    visit_settings(spec, DS_USAGE_LABEL, &spec->labels, visit, data);
    visit_settings(spec, DS_USAGE_LINK, &spec->links, visit, data);
    visit_settings(spec, DS_USAGE_HEADER, &spec->health.headers, visit, data);
    for (size_t i = 0; i < spec->container.file_count; i++)
        visit_one(spec, DS_USAGE_SECRET_FILE, spec->container.files[i].value, visit, data);
}

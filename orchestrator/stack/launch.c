/* Making a launch: what one start of a service needs, with every reference expanded. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"

static char *variable_name(const char *prefix, const char *name, const char *suffix)
{
    char *variable = ds_printf("%s%s%s", prefix, name, suffix);
    for (char *at = variable; *at; at++)
        *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
    return variable;
}

static bool set_setting(const struct ds_setting *setting, const struct reader *reader,
                        struct ds_variables *vars, struct ds_error *err)
{
    char *value = NULL;
    if (!ds_template_expand(setting->value, context_resolve, (void *)reader, &value, NULL, err))
        return ds_error_prefix(err, "%s", setting->name);
    ds_variables_set(vars, setting->name, value);
    ds_wipe(value, strlen(value));
    free(value);
    return true;
}

static bool set_settings(const struct ds_settings *settings, const struct reader *reader,
                         struct ds_variables *vars, struct ds_error *err)
{
    for (size_t i = 0; i < settings->count; i++)
        if (!set_setting(&settings->items[i], reader, vars, err))
            return false;
    return true;
}

bool launch_expand_list(const struct ds_command *command, const struct reader *reader,
                        struct ds_strings *ret_list, struct ds_error *err)
{
    for (size_t i = 0; i < command->count; i++) {
        char *item = NULL;
        if (!ds_template_expand(command->items[i], context_resolve, (void *)reader, &item, NULL,
                                err))
            return false;
        ds_strings_take(ret_list, item);
    }
    return true;
}

/* PORT and PORT_<NAME>: for a process the host port it has to listen on. */
static void set_own_ports(const struct ds_launch *launch, struct ds_variables *vars)
{
    for (size_t i = 0; i < launch->port_count; i++) {
        const struct ds_bound_port *port = &launch->ports[i];
        if (i == 0)
            ds_variables_setf(vars, "PORT", "%u", port->host);
        if (*port->name) {
            ds_auto_free char *variable = variable_name("PORT_", port->name, "");
            ds_variables_setf(vars, variable, "%u", port->host);
        }
    }
}

/* <SERVICE>_URL, _HOST and _PORT of what it depends on, without credentials. */
static void set_dependency_addresses(const struct context *context,
                                     const struct ds_service_spec *spec, struct ds_variables *vars)
{
    for (size_t i = 0; i < spec->depends_on_count; i++) {
        const char *name = spec->depends_on[i].service;
        const struct ds_service_spec *target = ds_manifest_service(context->manifest, name);
        ds_auto_free char *url = target ? context_public_url(context, target) : NULL;
        if (!url)
            continue;
        ds_auto_free char *url_name = variable_name("", name, "_URL");
        ds_variables_set(vars, url_name, url);
        if (target->port_count == 0)
            continue;
        ds_auto_free char *host_name = variable_name("", name, "_HOST");
        ds_auto_free char *port_name = variable_name("", name, "_PORT");
        ds_variables_set(vars, host_name, context->address(context->data, name));
        ds_variables_setf(vars, port_name, "%u", ports_find(context->ports, name, NULL));
    }
}

static bool make_environment(const struct reader *reader, const struct ds_service_spec *spec,
                             struct ds_launch *launch, struct ds_error *err)
{
    const struct context *context = reader->context;
    struct ds_variables *vars = &launch->environment;
    for (size_t i = 0; i < context->shell->count; i++)
        if (!ds_string_starts(context->shell->items[i].name, "DEVSTACK_SECRET_"))
            ds_variables_set(vars, context->shell->items[i].name, context->shell->items[i].value);
    set_own_ports(launch, vars);
    set_dependency_addresses(context, spec, vars);
    ds_variables_set(vars, "DEVSTACK_STACK", context->identity->id);
    ds_variables_set(vars, "DEVSTACK_ENVIRONMENT", context->identity->environment);
    ds_variables_set(vars, "DEVSTACK_SERVICE", spec->name);
    return set_settings(&spec->environment, reader, vars, err);
}

/* In the list form there is no shell, so `$PORT` and `${PORT}` are replaced from the service's own
 * environment; `$$` is a dollar sign. */
static char *replace_variables(const char *item, const struct ds_variables *vars)
{
    struct ds_text out = {0};
    while (*item) {
        size_t plain = strcspn(item, "$");
        ds_text_append_bytes(&out, item, plain);
        item += plain;
        if (*item != '$')
            break;
        bool braced = item[1] == '{';
        const char *name = item + 1 + braced;
        size_t length = 0;
        while (name[length] == '_' || isalnum((unsigned char)name[length]))
            length++;
        if (item[1] == '$') {
            ds_text_append_char(&out, '$');
            item += 2;
        } else if (length == 0 || (braced && name[length] != '}')) {
            ds_text_append_char(&out, '$');
            item++;
        } else {
            ds_auto_free char *variable = ds_strndup(name, length);
            const char *value = ds_variables_get(vars, variable);
            ds_text_append(&out, value ? value : "");
            item = name + length + braced;
        }
    }
    return ds_text_take(&out);
}

static bool make_process(const struct reader *reader, const struct ds_service_spec *spec,
                         struct ds_launch *launch, struct ds_error *err)
{
    if (!make_environment(reader, spec, launch, err))
        return false;
    launch->folder = ds_strdup(spec->working_dir);
    ds_auto_strings struct ds_strings items = {0};
    if (!launch_expand_list(&spec->command, reader, &items, err))
        return false;
    if (spec->command.shell && items.count == 1) {
        launch->executable = ds_strdup("/bin/sh");
        ds_strings_add(&launch->argv, "sh");
        ds_strings_add(&launch->argv, "-c");
        ds_strings_add(&launch->argv, items.items[0]);
        return true;
    }
    for (size_t i = 0; i < items.count; i++)
        ds_strings_take(&launch->argv, replace_variables(items.items[i], &launch->environment));
    const char *path = ds_variables_get(&launch->environment, "PATH");
    launch->executable =
        ds_find_executable(launch->argv.items[0], path ? path : "/usr/bin:/bin", launch->folder);
    if (!launch->executable)
        /* Left to the runner, which says "command not found" and names it. */
        launch->executable = ds_path_join(launch->folder, launch->argv.items[0]);
    return true;
}

static bool make_health(const struct reader *reader, const struct ds_service_spec *spec,
                        struct ds_launch *launch, struct ds_error *err)
{
    if (!set_settings(&spec->health.headers, reader, &launch->health_headers, err) ||
        !launch_expand_list(&spec->health.exec, reader, &launch->health_exec, err))
        return ds_error_prefix(err, "healthcheck");
    if (spec->health.exec.shell && launch->health_exec.count == 1) {
        char *line = launch->health_exec.items[0];
        launch->health_exec.count = 0;
        ds_strings_add(&launch->health_exec, "/bin/sh");
        ds_strings_add(&launch->health_exec, "-c");
        ds_strings_take(&launch->health_exec, line);
    }
    return true;
}

static bool make_login(const struct reader *reader, const struct ds_service_spec *spec,
                       struct ds_launch *launch, struct ds_error *err)
{
    char *password = NULL;
    bool good =
        (!spec->user_name || ds_template_expand(spec->user_name, context_resolve, (void *)reader,
                                                &launch->user, NULL, err)) &&
        (!spec->database || ds_template_expand(spec->database, context_resolve, (void *)reader,
                                               &launch->database, NULL, err)) &&
        (!spec->password ||
         ds_template_expand(spec->password, context_resolve, (void *)reader, &password, NULL, err));
    if (good && password) {
        launch->password = ds_secret_create(password, strlen(password));
        ds_wipe(password, strlen(password));
    }
    free(password);
    return good;
}

static void bind_ports(const struct context *context, const struct ds_service_spec *spec,
                       struct ds_launch *launch)
{
    launch->ports = ds_realloc_array(NULL, spec->port_count, sizeof(*launch->ports));
    launch->port_count = spec->port_count;
    for (size_t i = 0; i < spec->port_count; i++)
        launch->ports[i] = (struct ds_bound_port){
            .name = ds_strdup(spec->ports[i].name),
            .host = ports_find(context->ports, spec->name, spec->ports[i].name),
            .container = spec->ports[i].container,
        };
}

bool launch_make(const struct context *context, const struct ds_service_spec *spec,
                 struct ds_launch *ret_launch, struct ds_error *err)
{
    struct reader reader = {.context = context, .reader = spec};
    struct ds_launch launch = {0};
    bool good = true;
    bind_ports(context, spec, &launch);
    switch (spec->kind) {
    case DS_KIND_PROCESS:
    case DS_KIND_TASK:
        good = make_process(&reader, spec, &launch, err);
        break;
    case DS_KIND_CONTAINER:
        good = set_settings(&spec->environment, &reader, &launch.environment, err) &&
               launch_container(&reader, spec, &launch, err);
        break;
    case DS_KIND_EXTERNAL:
        good = ds_template_expand(spec->external, context_resolve, &reader, &launch.url, NULL, err);
        break;
    }
    good =
        good && make_health(&reader, spec, &launch, err) && make_login(&reader, spec, &launch, err);
    if (!good) {
        ds_launch_finish(&launch);
        return false;
    }
    *ret_launch = launch;
    return true;
}

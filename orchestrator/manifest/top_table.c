/* The keys of the file itself, of secrets, configs and environments. */
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

static void read_generate_length(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    unsigned length;
    if (ds_read_number(reader, node, 8, 256, &length))
        *(size_t *)target = length;
}

static void read_dashboard_port(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    unsigned port;
    if (ds_read_number(reader, node, 1, 65535, &port))
        *(uint16_t *)target = (uint16_t)port;
}

static void read_keyring(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    *(bool *)target = strcmp(text, "required") == 0;
    if (!*(bool *)target && strcmp(text, "auto") != 0)
        ds_read_refuse(reader, node, "'auto' or 'required'");
}

static void read_name(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    if (ds_check_name(reader, node, "the stack's name", "-", 40))
        *(char **)target = ds_strdup(node->text);
}

/* Environments are read, and laid over the rest, before anything else is: see overlay.c. */
static void read_by_overlay(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    (void)reader;
    (void)node;
    (void)target;
}

static const struct ds_field generate_fields[] = {
    {.name = "length",
     .type = DS_FIELD_CUSTOM,
     .read = read_generate_length,
     .shape = "a number from 8 to 256",
     .schema = "{\"$ref\": \"#/$defs/secret-length\"}",
     .required = true,
     .description = "So many letters and digits."},
};
static const struct ds_table generate_table = {"generate", generate_fields,
                                               DS_COUNT(generate_fields)};

static const struct ds_field secret_fields[] = {
    {.name = "prompt",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct ds_secret_spec, prompt),
     .example = "Password for the local database",
     .description = "What it is asked for with. Made from the name otherwise."},
    {.name = "generate",
     .type = DS_FIELD_TABLE,
     .offset = offsetof(struct ds_secret_spec, generate_length),
     .table = &generate_table,
     .example = "{length: 24}",
     .description = "May be made at random: by just pressing Enter, and wherever nobody can be "
                    "asked. Without it the secret must be given."},
    {.name = "rotate_after",
     .type = DS_FIELD_DURATION,
     .offset = offsetof(struct ds_secret_spec, rotate_after),
     .example = "90d",
     .description = "The age at which it should be changed. Kept for tools that read `devstack "
                    "config`: devstack itself gives no warning."},
};
const struct ds_table ds_table_secret = {"secret", secret_fields, DS_COUNT(secret_fields)};

static const struct ds_field config_fields[] = {
    {.name = "template",
     .type = DS_FIELD_PATH,
     .offset = offsetof(struct ds_config_spec, file),
     .required = true,
     .example = "gateway/nginx.conf.in",
     .description = "The file to render. Dotted references in it are replaced; every other `$` is "
                    "left as it is."},
};
const struct ds_table ds_table_config = {"config", config_fields, DS_COUNT(config_fields)};

static const struct ds_field dashboard_fields[] = {
    {.name = "port",
     .type = DS_FIELD_CUSTOM,
     .read = read_dashboard_port,
     .offset = offsetof(struct ds_manifest, dashboard_port),
     .shape = "a port",
     .schema = "{\"$ref\": \"#/$defs/port-number\"}",
     .example = "9900",
     .description = "The port it is meant to have. "
                    "Kept for tools that read `devstack config`."},
};
static const struct ds_table dashboard_table = {"dashboard", dashboard_fields,
                                                DS_COUNT(dashboard_fields)};

static const struct ds_field environment_fields[] = {
    {.name = "purpose",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct ds_environment_keys, purpose),
     .example = "Developer workstation",
     .description = "One line on what it is for. Kept for tools that read `devstack config`."},
    {.name = "url",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct ds_environment_keys, url),
     .example = "https://staging.shop.example",
     .description =
         "Where the whole of it can be seen. Kept for tools that read `devstack config`."},
    {.name = "protected",
     .type = DS_FIELD_BOOL,
     .offset = offsetof(struct ds_environment_keys, is_protected),
     .fallback = "false",
     .description = "Makes every destructive command ask for the environment's name."},
    {.name = "environment",
     .type = DS_FIELD_SETTINGS,
     .offset = offsetof(struct ds_environment_keys, environment),
     .example = "{LOG_LEVEL: debug}",
     .description = "Settings that `${VAR}` finds when neither the shell nor a dotenv file has "
                    "them."},
    {.name = "services",
     .type = DS_FIELD_CUSTOM,
     .read = read_by_overlay,
     .shape = "a mapping of services to keys",
     .schema = "{\"$ref\": \"#/$defs/service-overlays\"}",
     .example = "{db: {disabled: true}}",
     .description = "Merged over the services key by key. A kind key of another kind replaces the "
                    "kind, and drops the keys that do not belong to it."},
};
const struct ds_table ds_table_environment = {"environment", environment_fields,
                                              DS_COUNT(environment_fields)};

static const struct ds_field top_fields[] = {
    {.name = "name",
     .type = DS_FIELD_CUSTOM,
     .read = read_name,
     .offset = offsetof(struct ds_manifest, name),
     .required = true,
     .shape = "a text",
     .schema = "{\"type\": \"string\", \"pattern\": \"^[a-z][a-z0-9-]*$\", \"maxLength\": 40}",
     .example = "shop",
     .description = "The stack's name, in those of containers, volumes and keyring entries. Lower "
                    "case letters, digits and dashes, a letter first."},
    {.name = "secrets",
     .type = DS_FIELD_CUSTOM,
     .read = ds_read_secrets,
     .shape = "a mapping of names to secrets",
     .schema = "{\"$ref\": \"#/$defs/secrets\"}",
     .description = "What is asked for once and then kept in the keyring."},
    {.name = "configs",
     .type = DS_FIELD_CUSTOM,
     .read = ds_read_configs,
     .shape = "a mapping of names to configs",
     .schema = "{\"$ref\": \"#/$defs/configs\"}",
     .description = "Files that are rendered with references into the stack's run-time folder. "
                    "`${configs.NAME}` is the path."},
    {.name = "services",
     .type = DS_FIELD_CUSTOM,
     .read = ds_read_services,
     .required = true,
     .shape = "a mapping of names to services",
     .schema = "{\"$ref\": \"#/$defs/services\"}",
     .description = "The services."},
    {.name = "dashboard",
     .type = DS_FIELD_TABLE,
     .table = &dashboard_table,
     .example = "{port: 9900}",
     .description = "About a dashboard. This version of devstack has none to show."},
    {.name = "environments",
     .type = DS_FIELD_CUSTOM,
     .read = read_by_overlay,
     .shape = "a mapping of names to environments",
     .schema = "{\"$ref\": \"#/$defs/environments\"}",
     .description = "Variants of the stack, chosen with `--env` or `DEVSTACK_ENV`. `local` is the "
                    "default and exists without being named."},
    {.name = "keyring",
     .type = DS_FIELD_CUSTOM,
     .read = read_keyring,
     .offset = offsetof(struct ds_manifest, keyring_required),
     .shape = "`auto` or `required`",
     .schema = "{\"enum\": [\"auto\", \"required\"]}",
     .fallback = "auto",
     .description = "With `required`, secrets are never written to a file where no keyring "
                    "answers."},
    {.name = "config_schema", .type = DS_FIELD_LATER},
    {.name = "docker", .type = DS_FIELD_LATER},
};
const struct ds_table ds_table_top = {"stack", top_fields, DS_COUNT(top_fields)};

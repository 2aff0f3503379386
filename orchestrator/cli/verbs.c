/* The tables of verbs and flags. Keep both sorted by name. */
#include "verb.h"

#include <string.h>

#include "devstack/base/memory.h"

#define FLAGS(...)                                                                                 \
    (const enum flag_id[])                                                                         \
    {                                                                                              \
        __VA_ARGS__, FLAG_NONE                                                                     \
    }

const struct flag flags[] = {
    {"--auto-ports", NULL, "move a taken port to a free one", FLAG_AUTO_PORTS, 0, false},
    {"--detach", NULL, "return when all is ready and leave it running", FLAG_DETACH, 'd', false},
    {"--directory", "DIR", "work as if started in DIR", FLAG_DIRECTORY, 'C', true},
    {"--env", "NAME", "the environment (default: $DEVSTACK_ENV, else local)", FLAG_ENVIRONMENT, 0,
     true},
    {"--file", "FILE", "this file instead of the services.yaml found upwards", FLAG_FILE, 'f',
     true},
    {"--format", "yaml|json", "how to write it (default: yaml)", FLAG_FORMAT, 0, false},
    {"--help", NULL, "this help", FLAG_HELP, 'h', true},
    {"--instance", "NAME", "a second stack of the same folder", FLAG_INSTANCE, 0, true},
    {"--json", NULL, "answer in JSON", FLAG_JSON, 0, true},
    {"--no-color", NULL, "no colours", FLAG_COLOR_OFF, 0, true},
    {"--no-deps", NULL, "start only what is named", FLAG_NO_DEPS, 0, false},
    {"--quiet", NULL, "less output: no logs, no warnings", FLAG_QUIET, 'q', true},
    {"--timeout", "DURATION", "give up when it is not ready by then (30s, 2m)", FLAG_TIMEOUT, 0,
     false},
    {"--verbose", NULL, "more output: log lines while services start", FLAG_VERBOSE, 'v', true},
    {"--version", NULL, "the version", FLAG_VERSION, 0, true},
    {"--volumes", NULL, "remove the data volumes too, after naming them", FLAG_VOLUMES, 0, false},
    {"--yes", NULL, "do not ask", FLAG_YES, 'y', false},
};
const size_t flag_count = DS_COUNT(flags);

const struct verb verbs[] = {
    {.name = "check", .usage = "", .summary = "validate services.yaml", .run = cmd_check},
    {.name = "config",
     .usage = "[--format yaml|json]",
     .summary = "print the resolved file, secrets masked",
     .flags = FLAGS(FLAG_FORMAT),
     .run = cmd_config},
    {.name = "doctor",
     .usage = "",
     .summary = "check the machine and everything that up would check",
     .run = cmd_doctor},
    {.name = "down",
     .usage = "[--volumes] [--yes]",
     .summary = "stop everything",
     .flags = FLAGS(FLAG_VOLUMES, FLAG_YES),
     .run = cmd_down},
    {.name = "help",
     .usage = "[VERB]",
     .summary = "explain devstack, or one verb",
     .most = 1,
     .run = cmd_help},
    {.name = "orchestrator", .usage = "", .summary = "", .hidden = true, .run = cmd_orchestrator},
    {.name = "ps", .usage = "", .summary = "list the services", .run = cmd_ps},
    {.name = "schema",
     .usage = "",
     .summary = "print the JSON Schema of services.yaml",
     .run = cmd_schema},
    {.name = "sweep",
     .usage = "RUNTIME_FOLDER RUN",
     .summary = "",
     .hidden = true,
     .least = 2,
     .most = 2,
     .run = cmd_sweep},
    {.name = "up",
     .usage = "[SERVICE…] [-d] [--timeout DURATION] [--auto-ports] [--no-deps]",
     .summary = "start the services, or those named and what they need",
     .flags = FLAGS(FLAG_DETACH, FLAG_TIMEOUT, FLAG_AUTO_PORTS, FLAG_NO_DEPS),
     .most = SIZE_MAX,
     .run = cmd_up},
    {.name = "version", .usage = "", .summary = "print the version", .run = cmd_version},
};
const size_t verb_count = DS_COUNT(verbs);

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static const struct flag *find_flag(enum flag_id id)
{
    for (size_t i = 0; i < flag_count; i++)
        if (flags[i].id == id)
            return &flags[i];
    return NULL;
}

bool verb_takes(const struct verb *verb, enum flag_id id)
{
    if (find_flag(id)->global)
        return true;
    for (const enum flag_id *own = verb->flags; own && *own != FLAG_NONE; own++)
        if (*own == id)
            return true;
    return false;
}

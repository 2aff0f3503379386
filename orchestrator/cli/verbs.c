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
    {FLAG_AUTO_PORTS, "--auto-ports", 0, NULL, "move a taken port to a free one", false},
    {FLAG_DETACH, "--detach", 'd', NULL, "return when all is ready and leave it running", false},
    {FLAG_DIRECTORY, "--directory", 'C', "DIR", "work as if started in DIR", true},
    {FLAG_ENVIRONMENT, "--env", 0, "NAME", "the environment (default: $DEVSTACK_ENV, else local)",
     true},
    {FLAG_FILE, "--file", 'f', "FILE", "this file instead of the services.yaml found upwards",
     true},
    {FLAG_FORMAT, "--format", 0, "yaml|json", "how to write it (default: yaml)", false},
    {FLAG_HELP, "--help", 'h', NULL, "this help", true},
    {FLAG_INSTANCE, "--instance", 0, "NAME", "a second stack of the same folder", true},
    {FLAG_JSON, "--json", 0, NULL, "answer in JSON", true},
    {FLAG_COLOR_OFF, "--no-color", 0, NULL, "no colours", true},
    {FLAG_NO_DEPS, "--no-deps", 0, NULL, "start only what is named", false},
    {FLAG_QUIET, "--quiet", 'q', NULL, "less output: no logs, no warnings", true},
    {FLAG_TIMEOUT, "--timeout", 0, "DURATION", "give up when it is not ready by then (30s, 2m)",
     false},
    {FLAG_VERBOSE, "--verbose", 'v', NULL, "more output: log lines while services start", true},
    {FLAG_VERSION, "--version", 0, NULL, "the version", true},
    {FLAG_VOLUMES, "--volumes", 0, NULL, "remove the data volumes too, after naming them", false},
    {FLAG_YES, "--yes", 'y', NULL, "do not ask", false},
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

const struct flag *flag_find(enum flag_id id)
{
    for (size_t i = 0; i < flag_count; i++)
        if (flags[i].id == id)
            return &flags[i];
    return NULL;
}

bool verb_takes(const struct verb *verb, enum flag_id id)
{
    if (flag_find(id)->global)
        return true;
    for (const enum flag_id *own = verb->flags; own && *own != FLAG_NONE; own++)
        if (*own == id)
            return true;
    return false;
}

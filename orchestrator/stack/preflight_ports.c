/* Ports: is each one free, and who has it if not? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/loop/listeners.h"
#include "ports.h"
#include "preflight_checks.h"

/* One variable out of another process' environment; NULL when it is not there or not ours to read.
 * The caller frees. */
static char *process_variable(pid_t pid, const char *name)
{
    ds_auto_free char *path = ds_printf("/proc/%d/environ", (int)pid);
    ds_auto_file FILE *file = fopen(path, "re");
    ds_auto_free char *entry = NULL;
    size_t capacity = 0, length = strlen(name);
    while (file && getdelim(&entry, &capacity, '\0', file) > 0)
        if (strncmp(entry, name, length) == 0 && entry[length] == '=')
            return ds_strdup(entry + length + 1);
    return NULL;
}

static char *describe_process(const struct ds_listener_owner *owner)
{
    ds_auto_free char *stack = process_variable(owner->pid, "DEVSTACK_STACK");
    ds_auto_free char *service = process_variable(owner->pid, "DEVSTACK_SERVICE");
    if (stack && service)
        return ds_printf("%s of the stack %s (pid %d)", service, stack, (int)owner->pid);
    const char *command = owner->command ? owner->command : owner->comm ? owner->comm : "?";
    ds_auto_free char *shown =
        strlen(command) > 60 ? ds_printf("%.57s...", command) : ds_strdup(command);
    return ds_printf("`%s` (pid %d)", shown, (int)owner->pid);
}

/* Who listens there, in words; the caller frees. */
static char *describe_holder(uint16_t port, const struct held_ports *held)
{
    for (size_t i = 0; i < held->count; i++)
        if (held->items[i].port == port)
            return ds_printf("the container %s", held->items[i].container);
    ds_auto_listeners struct ds_listeners listeners = {0};
    size_t index = 0;
    if (!ds_listeners_dump(&listeners, NULL))
        return ds_strdup("another process");
    const struct ds_listener *listener = ds_listeners_next(&listeners, port, &index);
    if (!listener)
        return ds_strdup("another process");
    struct ds_listener_owner owner = {0};
    char *words = ds_listener_find_owner(listener->inode, &owner) && owner.pid
                      ? describe_process(&owner)
                      : ds_printf("a process of user %u", (unsigned)listener->uid);
    ds_listener_owner_finish(&owner);
    return words;
}

static void check_port(const struct ds_service_spec *spec, const struct ds_port *port,
                       const struct held_ports *held, struct ds_problems *problems)
{
    if (port->host == 0 || port_is_free(port->host))
        return;
    ds_auto_free char *subject = ds_printf("port %u", port->host);
    ds_auto_free char *holder = describe_holder(port->host, held);
    ds_auto_free char *place = preflight_place(port->where.line ? &port->where : &spec->where);
    ds_problems_add(problems, DS_ERROR_PORT, subject, "stop it, or run: devstack up --auto-ports",
                    "Taken by %s, wanted by %s (%s).", holder, spec->name, place);
}

void preflight_check_ports(const struct ds_preflight *preflight, const bool *wanted,
                           const struct held_ports *held, struct ds_problems *problems)
{
    const struct ds_manifest *manifest = preflight->manifest;
    for (size_t i = 0; i < manifest->service_count && !preflight->auto_ports; i++)
        for (size_t p = 0; wanted[i] && p < manifest->services[i].port_count; p++)
            check_port(&manifest->services[i], &manifest->services[i].ports[p], held, problems);
}

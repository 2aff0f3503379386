/* Whose an object in the engine is. */
#include "ownership.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/docker/labels.h"
#include "devstack/stack/lease.h"

/* machine-id(5). */
static char *machine_id(void)
{
    char *text = NULL;
    if (!ds_file_read("/etc/machine-id", 4096, &text, NULL, NULL))
        return ds_strdup("unknown");
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* "pid:[4026531836]": containers that share an engine's socket differ in it (pid_namespaces(7)). */
static char *pid_namespace(void)
{
    char name[64];
    ssize_t length = readlink("/proc/self/ns/pid", name, sizeof(name));
    return length > 0 ? ds_strndup(name, (size_t)length) : ds_strdup("unknown");
}

/* Where we are: the same for everything that this user starts here. */
static void place_labels(struct ds_variables *labels)
{
    ds_auto_free char *machine = machine_id();
    ds_auto_free char *namespace = pid_namespace();
    ds_variables_set(labels, DS_LABEL_MACHINE, machine);
    ds_variables_setf(labels, DS_LABEL_UID, "%u", (unsigned)geteuid());
    ds_variables_set(labels, DS_LABEL_PID_NAMESPACE, namespace);
}

void ownership_labels(const struct ds_identity *identity, const char *run, const char *service,
                      struct ds_variables *ret_labels)
{
    ds_auto_free char *lease = ds_lease_path(identity);
    ds_variables_set(ret_labels, DS_LABEL_STACK, identity->id);
    if (service)
        ds_variables_set(ret_labels, DS_LABEL_SERVICE, service);
    ds_variables_set(ret_labels, DS_LABEL_PROJECT_DIR, identity->folder);
    ds_variables_set(ret_labels, DS_LABEL_RUN, run);
    ds_variables_set(ret_labels, DS_LABEL_LEASE, lease);
    place_labels(ret_labels);
}

bool ownership_is_dead(const struct ds_identity *identity, const struct ds_variables *labels)
{
    ds_auto_variables struct ds_variables place = {0};
    place_labels(&place);
    for (size_t i = 0; i < place.count; i++)
        if (!ds_string_equal(ds_variables_get(labels, place.items[i].name), place.items[i].value))
            return false;
    const char *stack = ds_variables_get(labels, DS_LABEL_STACK);
    const char *lease = ds_variables_get(labels, DS_LABEL_LEASE);
    ds_auto_free char *ours = ds_lease_path(identity);
    return lease && ds_string_equal(stack, identity->id) &&
           (strcmp(lease, ours) == 0 || !ds_lease_path_is_held(lease));
}

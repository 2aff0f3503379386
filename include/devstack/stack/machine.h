/*
 * What `doctor` says of the machine: one line a fact.
 */
#ifndef DEVSTACK_STACK_MACHINE_H
#define DEVSTACK_STACK_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/text.h"

struct ds_fact {
    bool good;
    char *subject, *message, *fix;
};
struct ds_facts {
    struct ds_fact *items;
    size_t count;
    size_t capacity;
};
void ds_facts_finish(struct ds_facts *facts);
/* Engine and its version, free disk, inotify and file limits. The keyring's line is the caller's
 * (ds_keyring_inspect()). */
void ds_machine_inspect(const struct ds_variables *shell, struct ds_facts *ret_facts);

#endif

/* A private data folder and a login without a session bus, so without a keyring. */
#ifndef TESTS_UNIT_SECRETS_NO_BUS_FIXTURE_H
#define TESTS_UNIT_SECRETS_NO_BUS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/secrets/resolve.h"

static inline int remove_one(const char *path, const struct stat *status, int kind,
                             struct FTW *position)
{
    (void)status;
    (void)kind;
    (void)position;
    return remove(path);
}

static inline int setup_no_bus(void **state)
{
    char *folder = ds_strdup("/tmp/secrets-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    setenv("XDG_RUNTIME_DIR", folder, 1);
    *state = folder;
    return 0;
}

static inline int teardown_no_bus(void **state)
{
    nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return 0;
}

#endif

/* devstack version */
#include "verb.h"

int cmd_version(struct context *context)
{
    if (context_has(context, FLAG_JSON))
        printf("{\"version\":\"%s\"}\n", DEVSTACK_VERSION);
    else
        printf("devstack %s\n", DEVSTACK_VERSION);
    return DS_OK;
}

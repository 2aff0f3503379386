/* Listeners of another network namespace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "devstack/base/memory.h"
#include "orchestrator/service/proc_net.h"

#define HEADING "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
#define REST    " 00000000:00000000 00:00000000 00000000     0        0 31337 1 0 100 0 0 10 0\n"

static void finds_listeners_that_others_reach(void **state)
{
    (void)state;
    const char *any = HEADING "   0: 00000000:1538 00000000:0000 0A" REST;
    const char *loopback = HEADING "   0: 0100007F:1538 00000000:0000 0A" REST;
    const char *connected = HEADING "   0: 0200A8C0:1538 0100A8C0:8D1C 01" REST;
    const char *both = HEADING "   0: 0100007F:1538 00000000:0000 0A" REST
                               "   1: 0200A8C0:1538 00000000:0000 0A" REST;
    assert_int_equal(ds_proc_net_parse(any, 5432), DS_PROC_NET_LISTENS);
    assert_int_equal(ds_proc_net_parse(any, 5433), DS_PROC_NET_NOTHING);
    assert_int_equal(ds_proc_net_parse(loopback, 5432), DS_PROC_NET_LOOPBACK);
    assert_int_equal(ds_proc_net_parse(connected, 5432), DS_PROC_NET_NOTHING);
    assert_int_equal(ds_proc_net_parse(both, 5432), DS_PROC_NET_LISTENS);
    assert_int_equal(ds_proc_net_parse("", 5432), DS_PROC_NET_NOTHING);
    assert_int_equal(ds_proc_net_parse("nonsense\n\n 1: zz", 5432), DS_PROC_NET_NOTHING);
}

static void finds_listeners_of_ipv6(void **state)
{
    (void)state;
    const char *any = HEADING
        "   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A" REST;
    const char *loopback = HEADING
        "   0: 00000000000000000000000001000000:1F40 00000000000000000000000000000000:0000 0A" REST;
    const char *mapped = HEADING
        "   0: 0000000000000000FFFF00000100007F:1F40 00000000000000000000000000000000:0000 0A" REST;
    assert_int_equal(ds_proc_net_parse(any, 8000), DS_PROC_NET_LISTENS);
    assert_int_equal(ds_proc_net_parse(loopback, 8000), DS_PROC_NET_LOOPBACK);
    assert_int_equal(ds_proc_net_parse(mapped, 8000), DS_PROC_NET_LOOPBACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_listeners_that_others_reach),
        cmocka_unit_test(finds_listeners_of_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

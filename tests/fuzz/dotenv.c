/* A dotenv file. */
#include <stdint.h>
#include <stdlib.h>

#include "devstack/base/memory.h"
#include "devstack/manifest/dotenv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ds_auto_variables struct ds_variables shell = {0}, variables = {0};
    ds_variables_set(&shell, "HOME", "/home/dev");
    ds_auto_free char *text = ds_strndup((const char *)data, size);
    struct ds_faults faults = {0};
    if (ds_dotenv_parse(".env", text, &shell, &variables, &faults) != (faults.errors == 0))
        abort();
    ds_faults_finish(&faults);
    return 0;
}

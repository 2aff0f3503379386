/*
 * The labels that every object of devstack in the engine carries: whose it is, and who may remove
 * it. Scripts may filter by them, so their names stay.
 */
#ifndef DEVSTACK_DOCKER_LABELS_H
#define DEVSTACK_DOCKER_LABELS_H

#define DS_LABEL_STACK       "dev.devstack.stack"       /* the stack's id */
#define DS_LABEL_SERVICE     "dev.devstack.service"     /* its name in the file */
#define DS_LABEL_PROJECT_DIR "dev.devstack.project-dir" /* the folder's real path */
#define DS_LABEL_RUN         "dev.devstack.run"         /* 32 hex digits; not on volumes */
#define DS_LABEL_LEASE       "dev.devstack.lease"       /* the lease's path; not on volumes */
/* Where its maker is: machine-id(5), numeric user id, pid_namespaces(7). */
#define DS_LABEL_MACHINE       "dev.devstack.machine"
#define DS_LABEL_UID           "dev.devstack.uid"
#define DS_LABEL_PID_NAMESPACE "dev.devstack.pid-namespace"
/* A volume with this label goes with its run; one without is data and is never swept. */
#define DS_LABEL_EPHEMERAL "dev.devstack.ephemeral"

#endif

/* System calls and program entry on AArch64, as AAPCS64 and syscall(2) describe them. */
#ifndef DEVSTACK_GUARDIAN_ARCH_H
#define DEVSTACK_GUARDIAN_ARCH_H

static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}

#define DS_GUARD_ENTRY                                                                             \
    __asm__(".text\n.global _start\n.type _start,%function\n_start:\n"                             \
            "mov x29,#0\nmov x30,#0\nbl ds_guard_main\nbrk #1\n")

#endif

/* System calls and program entry on x86-64, as the System V ABI and syscall(2) describe them. */
#ifndef DEVSTACK_GUARDIAN_ARCH_H
#define DEVSTACK_GUARDIAN_ARCH_H

static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#define DS_GUARD_ENTRY                                                                             \
    __asm__(".text\n.global _start\n.type _start,@function\n_start:\n"                             \
            "xor %ebp,%ebp\nand $-16,%rsp\ncall ds_guard_main\nhlt\n")

#endif

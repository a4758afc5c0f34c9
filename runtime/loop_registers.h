// SPDX-License-Identifier: Apache-2.0
// Which machine registers hold the loop's state. Compilers spread the few
// registers that survive calls evenly over a function of that size, and the
// program counter ends in memory; so they are told where GCC understands it.
#ifndef MERLE_LOOP_REGISTERS_H
#define MERLE_LOOP_REGISTERS_H

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define IN_REGISTER(name) __asm__(name)
#define REGISTER_PC IN_REGISTER("rbx")
#define REGISTER_X IN_REGISTER("r14")
#define REGISTER_Y IN_REGISTER("r12")
#define REGISTER_HTOP IN_REGISTER("r15")
#define REGISTER_PROCESS IN_REGISTER("r13")
// What never changes would be copied to wherever there is room.
#define KEEP_IN_REGISTERS(a, b) __asm__ volatile("" : "+r"(a), "+r"(b))
// What was read at [pc] before is read with an offset from the register: the
// compiler would make the new address first, in another one.
#define SEPARATE(pc) __asm__("" : "+r"(pc))
#else
#define SEPARATE(pc) (void)0
#define KEEP_IN_REGISTERS(a, b) (void)0
#define REGISTER_PC
#define REGISTER_X
#define REGISTER_Y
#define REGISTER_HTOP
#define REGISTER_PROCESS
#endif

#endif

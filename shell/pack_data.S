// SPDX-License-Identifier: Apache-2.0
// The library's pack as data of the program. PACK_FILE comes from the build.
    .section .rodata
    .balign 4096
    .globl pack_data
pack_data:
    .incbin PACK_FILE
pack_data_end:
    .balign 8
    .globl pack_data_size
pack_data_size:
    .quad pack_data_end - pack_data
    .section .note.GNU-stack, "", %progbits

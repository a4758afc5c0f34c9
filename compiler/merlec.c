// SPDX-License-Identifier: Apache-2.0
// The compiler without a library in it: what the library is compiled with.
#include "compile.h"

int main(int argc, char **argv)
{
    NodeOptions options = {0};
    return compile_command(&options, argc, argv);
}

%% SPDX-License-Identifier: Apache-2.0
%% math: written in C; these are stubs.
-module(math).

-export([pi/0, acos/1, acosh/1, asin/1, asinh/1, atan/1, atan2/2, atanh/1,
         ceil/1, cos/1, cosh/1, erf/1, erfc/1, exp/1, floor/1, fmod/2, log/1,
         log10/1, log2/1, pow/2, sin/1, sinh/1, sqrt/1, tan/1, tanh/1,
         tau/0]).

-define(STUB, erlang:nif_error(undef)).

-spec pi() -> float().
pi() -> 3.1415926535897932.

-spec tau() -> float().
tau() -> 6.2831853071795864.

acos(_) -> ?STUB.
acosh(_) -> ?STUB.
asin(_) -> ?STUB.
asinh(_) -> ?STUB.
atan(_) -> ?STUB.
atan2(_, _) -> ?STUB.
atanh(_) -> ?STUB.
ceil(_) -> ?STUB.
cos(_) -> ?STUB.
cosh(_) -> ?STUB.
erf(_) -> ?STUB.
erfc(_) -> ?STUB.
exp(_) -> ?STUB.
floor(_) -> ?STUB.
fmod(_, _) -> ?STUB.
log(_) -> ?STUB.
log10(_) -> ?STUB.
log2(_) -> ?STUB.
pow(_, _) -> ?STUB.
sin(_) -> ?STUB.
sinh(_) -> ?STUB.
sqrt(_) -> ?STUB.
tan(_) -> ?STUB.
tanh(_) -> ?STUB.

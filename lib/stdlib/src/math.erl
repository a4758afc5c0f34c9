%% SPDX-License-Identifier: Apache-2.0
%% math: the functions of C's <math.h>; all but pi/0 and
%% tau/0 are written in C.
-module(math).

-export([pi/0, tau/0, acos/1, acosh/1, asin/1, asinh/1, atan/1, atan2/2,
         atanh/1, ceil/1, cos/1, cosh/1, erf/1, erfc/1, exp/1, floor/1,
         fmod/2, log/1,
         log10/1, log2/1, pow/2, sin/1, sinh/1, sqrt/1, tan/1, tanh/1]).

-spec pi() -> float().
pi() -> 3.141592653589793.

-spec tau() -> float().
tau() -> 6.283185307179586.

-spec acos(number()) -> float().
acos(_) -> erlang:nif_error(undef).

-spec acosh(number()) -> float().
acosh(_) -> erlang:nif_error(undef).

-spec asin(number()) -> float().
asin(_) -> erlang:nif_error(undef).

-spec asinh(number()) -> float().
asinh(_) -> erlang:nif_error(undef).

-spec atan(number()) -> float().
atan(_) -> erlang:nif_error(undef).

-spec atan2(number(), number()) -> float().
atan2(_, _) -> erlang:nif_error(undef).

-spec atanh(number()) -> float().
atanh(_) -> erlang:nif_error(undef).

-spec ceil(number()) -> float().
ceil(_) -> erlang:nif_error(undef).

-spec cos(number()) -> float().
cos(_) -> erlang:nif_error(undef).

-spec cosh(number()) -> float().
cosh(_) -> erlang:nif_error(undef).

-spec erf(number()) -> float().
erf(_) -> erlang:nif_error(undef).

-spec erfc(number()) -> float().
erfc(_) -> erlang:nif_error(undef).

-spec exp(number()) -> float().
exp(_) -> erlang:nif_error(undef).

-spec floor(number()) -> float().
floor(_) -> erlang:nif_error(undef).

-spec fmod(number(), number()) -> float().
fmod(_, _) -> erlang:nif_error(undef).

-spec log(number()) -> float().
log(_) -> erlang:nif_error(undef).

-spec log10(number()) -> float().
log10(_) -> erlang:nif_error(undef).

-spec log2(number()) -> float().
log2(_) -> erlang:nif_error(undef).

-spec pow(number(), number()) -> float().
pow(_, _) -> erlang:nif_error(undef).

-spec sin(number()) -> float().
sin(_) -> erlang:nif_error(undef).

-spec sinh(number()) -> float().
sinh(_) -> erlang:nif_error(undef).

-spec sqrt(number()) -> float().
sqrt(_) -> erlang:nif_error(undef).

-spec tan(number()) -> float().
tan(_) -> erlang:nif_error(undef).

-spec tanh(number()) -> float().
tanh(_) -> erlang:nif_error(undef).

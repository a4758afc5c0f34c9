%% SPDX-License-Identifier: Apache-2.0
%% Macros for quoted code: ?Q(Text), and ?Q(Text, Env) with substitutions.
%% The parse transformation quotes while it compiles, and makes quotes
%% possible as patterns; MERL_NO_TRANSFORM leaves it out.
-ifndef(MERL_HRL).
-define(MERL_HRL, 1).

-define(Q(Text), merl:quote(?LINE, Text)).
-define(Q(Text, Env), merl:qquote(?LINE, Text, Env)).

-ifndef(MERL_NO_TRANSFORM).
-compile({parse_transform, merl_transform}).
-endif.

-endif.

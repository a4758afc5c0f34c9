%% SPDX-License-Identifier: Apache-2.0
%% Evaluates an XPath expression that is no path.
-module(xmerl_xpath_lib).
-export([eval/3]).
-include("xmerl.hrl").

eval(primary_expr, Expr, C) -> primary(Expr, C);
eval(predicate, Expr, C) -> xmerl_xpath_pred:eval(Expr, C).

primary({number, N}, _) -> #xmlObj{type = number, value = N};
primary({literal, Text}, _) -> #xmlObj{type = string, value = Text};
primary({function_call, F, Args}, C) ->
    xmerl_xpath_pred:call(F, Args, C);
primary(Expr, _) -> exit({primary_expression, {not_implemented, Expr}}).

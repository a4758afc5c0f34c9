%% SPDX-License-Identifier: Apache-2.0
%% The part of erts_debug that is Erlang: listings of loaded code. The rest is
%% in C.
-module(erts_debug).

-export([alloc_blocks_size/1, df/1, df/2, df/3, dis_to_file/2]).

%% Nothing is allocated by kinds that could be told apart.
-spec alloc_blocks_size(atom()) -> undefined.
alloc_blocks_size(Kind) when is_atom(Kind) -> undefined.

-type listed() :: ok | {undef, module()} | {error, term()}.

%% The code of a module, or of some of its functions, in Module.dis.
-spec df(module()) -> listed().
df(Module) -> list(Module, fun(_, _) -> true end).

-spec df(module(), atom()) -> listed().
df(Module, Name) -> list(Module, fun(F, _) -> F =:= Name end).

-spec df(module(), atom(), arity()) -> listed().
df(Module, Name, Arity) ->
    list(Module, fun(F, A) -> {F, A} =:= {Name, Arity} end).

list(Module, Wanted) ->
    dis_to_file(Module, lists:concat([Module, ".dis"]), Wanted).

-spec dis_to_file(module(), file:filename()) -> listed().
dis_to_file(Module, File) ->
    dis_to_file(Module, File, fun(_, _) -> true end).

dis_to_file(Module, File, Wanted) ->
    try lists:sort(Module:module_info(functions)) of
        Functions ->
            file:write_file(File, [[listing(Module, F, A), $\n]
                                   || {F, A} <- Functions, Wanted(F, A)])
    catch
        error:undef -> {undef, Module}
    end.

listing(Module, F, A) ->
    case erts_debug:disassemble({Module, F, A}) of
        Text when is_binary(Text) -> Text;
        _ -> []
    end.

%% SPDX-License-Identifier: Apache-2.0
%% shell_docs: documentation in chunks (EEP 48) as text for the prompt. The
%% elements of such a chunk are {Tag, Attributes, Content} and binaries;
%% shell_docs_text renders them.
-module(shell_docs).

-export([render/2, render/3, render/4, render/5, render_type/2, render_type/3,
         render_type/4, render_type/5, render_callback/2, render_callback/3,
         render_callback/4, render_callback/5]).
-export([validate/1, normalize/1, supported_tags/0, get_doc/1, get_doc/3,
         get_type_doc/3, get_callback_doc/3]).

-include_lib("kernel/include/eep48.hrl").

-define(INLINE, [a, code, em, strong, i, b]).
-define(BLOCK, [p, 'div', pre, br, ul, ol, li, dl, dt, dd,
                h1, h2, h3, h4, h5, h6]).

supported_tags() -> ?INLINE ++ ?BLOCK.

%% ---- Rendering ----

render(Module, #docs_v1{} = D) -> render(Module, D, #{}).

%% A module, or all functions of a name.
render(Module, #docs_v1{module_doc = Doc} = D, Config) when is_map(Config) ->
    Head = {h2, [], [<<"\t", (atom_to_binary(Module))/binary>>]},
    headed([[Head]], local(Module, Doc, D), shell_docs_text:config(D, Config));
render(Module, Function, #docs_v1{} = D) -> render(Module, Function, D, #{}).

render(_, Function, #docs_v1{} = D, Config) when is_map(Config) ->
    functions(entries(function, Function, '_', D), D, Config);
render(Module, Function, Arity, #docs_v1{} = D) ->
    render(Module, Function, Arity, D, #{}).

render(_, Function, Arity, #docs_v1{} = D, Config) ->
    functions(entries(function, Function, Arity, D), D, Config).

render_type(Module, D) -> render_type(Module, D, #{}).

render_type(Module, #docs_v1{} = D, Config) ->
    listing(Module, type, D, shell_docs_text:config(D, Config));
render_type(Module, Type, #docs_v1{} = D) -> render_type(Module, Type, D, #{}).

render_type(_, Type, #docs_v1{} = D, Config) when is_map(Config) ->
    each(entries(type, Type, '_', D), D, Config);
render_type(Module, Type, Arity, #docs_v1{} = D) ->
    render_type(Module, Type, Arity, D, #{}).

render_type(_, Type, Arity, #docs_v1{} = D, Config) ->
    each(entries(type, Type, Arity, D), D, Config).

render_callback(Module, D) -> render_callback(Module, D, #{}).

render_callback(Module, #docs_v1{} = D, Config) ->
    listing(Module, callback, D, shell_docs_text:config(D, Config));
render_callback(Module, Callback, #docs_v1{} = D) ->
    render_callback(Module, Callback, D, #{}).

render_callback(_, Callback, #docs_v1{} = D, Config) when is_map(Config) ->
    each(entries(callback, Callback, '_', D), D, Config);
render_callback(Module, Callback, Arity, #docs_v1{} = D) ->
    render_callback(Module, Callback, Arity, D, #{}).

render_callback(_, Callback, Arity, #docs_v1{} = D, Config) ->
    each(entries(callback, Callback, Arity, D), D, Config).

entries(Kind, Name, Arity, #docs_v1{docs = Docs}) ->
    [E || {{K, N, A}, _, _, _, _} = E <- Docs, K =:= Kind, N =:= Name,
          Arity =:= '_' orelse A =:= Arity].

%% Functions that are documented as one stand together.
functions([], _, _) -> {error, function_missing};
functions(Entries, #docs_v1{docs = All} = D, Config0) ->
    Config = shell_docs_text:config(D, Config0),
    Groups = maps:groups_from_list(fun({Key, _, _, _, Meta}) ->
                                           maps:get(equiv, Meta, Key)
                                   end, lists:sort(Entries)),
    [begin
         Doc = case [Doc || {_, _, _, Doc, _} <- lists:reverse(Members),
                            Doc =/= #{}] of
                   [First | _] -> First;
                   [] ->
                       case lists:keyfind(Group, 1, All) of
                           {_, _, _, Shared, _} -> Shared;
                           false -> none
                       end
               end,
         headed(lists:flatmap(fun signature/1, Members),
                local(Group, Doc, D), Config)
     end || {Group, Members} <- maps:to_list(Groups)].

each([], _, _) -> {error, type_missing};
each(Entries, D, Config0) ->
    Config = shell_docs_text:config(D, Config0),
    [headed(signature(E), local(Key, Doc, D), Config)
     || {Key, _, _, Doc, _} = E <- Entries].

headed(Headers, Doc, Config) ->
    Breaks = lists:append([[{br, [], []}, H] || H <- Headers]),
    ["\n", shell_docs_text:render(Breaks, 0, Config), "\n",
     shell_docs_text:render(Doc, 2, Config)].

listing(Module, Kind, #docs_v1{docs = Docs}, Config) ->
    Name = atom_to_binary(Kind),
    Head = [{h2, [], [<<"\t", (atom_to_binary(Module))/binary>>]},
            {br, [], []}],
    Body = case [E || {{K, _, _}, _, _, _, _} = E <- Docs, K =:= Kind] of
               [] -> [<<"There are no ", Name/binary, "s in this module">>];
               Entries ->
                   [{p, [], [<<"These ", Name/binary,
                               "s are documented in this module:">>]},
                    {br, [], []},
                    lists:append([[{br, [], []}, signature(E)]
                                  || E <- Entries])]
           end,
    shell_docs_text:render(Head ++ Body, 0, Config).

%% Its specifications, or what the chunk gives as its head.
signature({_, _, _, _, #{signature := Specs} = Meta}) ->
    lists:flatmap(fun(Spec) ->
        Text0 = erl_pp:attribute(Spec, [{encoding, unicode}]),
        Text = case Spec of
                   {_, _, opaque, _} -> hd(string:split(Text0, "::"));
                   _ -> Text0
               end,
        Bytes = unicode:characters_to_binary(string:trim(Text, trailing,
                                                         "\n")),
        [{pre, [], [{strong, [], Bytes}]} | about(Meta)]
    end, Specs);
signature({_, _, Heads, _, Meta}) ->
    lists:flatmap(fun(Head) ->
        [{h2, [], [<<"\x{a0}\x{a0}"/utf8, Head/binary>>]} | about(Meta)]
    end, Heads).

about(Meta) ->
    case [[{dt, [], Title}, {dd, [], [map_get(Key, Meta)]}]
          || {Key, Title} <- [{since, <<"Since">>},
                              {deprecated, <<"Deprecated">>}],
             is_map_key(Key, Meta)] of
        [] -> [];
        Terms -> [[{dl, [], lists:append(Terms)}]]
    end.

%% ---- What is documented ----

get_doc(Module) ->
    {ok, #docs_v1{module_doc = Doc} = D} = code:get_doc(Module),
    local(Module, Doc, D).

get_doc(Module, Function, Arity) -> found(Module, function, Function, Arity).

get_type_doc(Module, Type, Arity) -> found(Module, type, Type, Arity).

get_callback_doc(Module, Callback, Arity) ->
    found(Module, callback, Callback, Arity).

found(Module, Kind, Name, Arity) ->
    {ok, D} = code:get_doc(Module),
    [{Key, Anno, Head, local(Key, Doc, D), Meta}
     || {Key, Anno, Head, Doc, Meta} <- entries(Kind, Name, Arity, D)].

%% The elements of a text: English ones, or those of another language.
local(_, #{<<"en">> := Doc}, D) -> elements(Doc, D);
local(_, Docs, D) when is_map(Docs), map_size(Docs) > 0 ->
    elements(hd(maps:values(Docs)), D);
local(Missing, hidden, _) ->
    [{p, [], [<<"The documentation for ">>, name(Missing),
              <<" is hidden. This probably means that it is internal and not "
                "to be used by other applications.">>]}];
local(Missing, _, _) ->
    [{p, [], [<<"There is no documentation for ">>, name(Missing)]}].

name({_, Name, Arity}) -> name({Name, Arity});
name({Name, Arity}) ->
    unicode:characters_to_binary(io_lib:format("~tp/~p", [Name, Arity]));
name(Module) when is_atom(Module) -> atom_to_binary(Module);
name(Name) -> Name.

elements(Doc, #docs_v1{format = ?NATIVE_FORMAT}) -> normalize(Doc);
elements(Doc, #docs_v1{format = <<"text/", _/binary>>}) when is_binary(Doc) ->
    [{pre, [], [Doc]}].

%% ---- Spaces ----

%% Rows of spaces become one, and none is left where a block begins or ends.
normalize(Doc) -> trimmed(joined(Doc, true)).

joined(Text, true) when is_binary(Text) ->
    Lines = re:replace(Text, "[^\\S\n]*\n+[^\\S\n]*", "\n", [unicode, global]),
    re:replace(Lines, "\\s+", " ", [unicode, global, {return, binary}]);
joined(Text, false) when is_binary(Text) -> Text;
joined([{Tag, Attributes, Content} | Rest], Is) ->
    [{Tag, Attributes, joined(Content, Is andalso Tag =/= pre)}
     | joined(Rest, Is)];
joined([<<>> | Rest], Is) -> joined(Rest, Is);
joined([A, B | Rest], Is) when is_binary(A), is_binary(B) ->
    joined([<<A/binary, B/binary>> | Rest], Is);
joined([E | Rest], Is) -> [joined(E, Is) | joined(Rest, Is)];
joined([], _) -> [].

trimmed([{pre, Attributes, Content} | Rest]) ->
    [{pre, Attributes, without_ends(Content, $\n)} | trimmed(Rest)];
trimmed([]) -> [];
trimmed([E | Rest] = Es) ->
    case is_inline(E) of
        true ->
            {Row, Behind} = lists:splitwith(fun is_inline/1, Es),
            {Content, _} = single_spaces(Row, false),
            without_ends(Content, $\s) ++ trimmed(Behind);
        false ->
            {Tag, Attributes, Content} = E,
            [{Tag, Attributes, trimmed(Content)} | trimmed(Rest)]
    end.

is_inline({Tag, _, _}) -> lists:member(Tag, ?INLINE);
is_inline(Text) -> is_binary(Text).

%% No space behind another, in whichever element they stand. [Space]: whether
%% one came before.
single_spaces([<<" ", Text/binary>> | Rest], true) ->
    single_spaces([Text || Text =/= <<>>] ++ Rest, true);
single_spaces([Text | Rest0], _) when is_binary(Text) ->
    case single_spaces(Rest0, binary:last(Text) =:= $\s) of
        {[Next | Rest], Space} when is_binary(Next) ->
            {[<<Text/binary, Next/binary>> | Rest], Space};
        {Rest, Space} -> {[Text | Rest], Space}
    end;
single_spaces([{Tag, Attributes, Content0} | Rest0], Space0) ->
    {Content, Space1} = single_spaces(Content0, Space0),
    {Rest, Space} = single_spaces(Rest0, Space1),
    case Content =:= [] andalso not (Tag =:= a andalso
                                     proplists:is_defined(id, Attributes)) of
        true -> {Rest, Space};
        false -> {[{Tag, Attributes, Content} | Rest], Space}
    end;
single_spaces([], Space) -> {[], Space}.

without_ends(Content0, Char) ->
    {Content1, _} = without_first(Content0, Char),
    {Content, _} = without_last(Content1, Char),
    Content.

%% {Content, whether there was text to look at}
without_first([Text | Rest], Char) when is_binary(Text) ->
    case Text of
        <<Char>> -> {Rest, true};
        <<Char, Left/binary>> -> {[Left | Rest], true};
        _ -> {[Text | Rest], true}
    end;
without_first([{Tag, Attributes, Content0} = E | Rest0], Char) ->
    case without_first(Content0, Char) of
        {[], true} -> {Rest0, true};
        {Content, true} -> {[{Tag, Attributes, Content} | Rest0], true};
        {_, false} ->
            {Rest, Is} = without_first(Rest0, Char),
            {[E | Rest], Is}
    end;
without_first([], _) -> {[], false}.

without_last([E | Rest0], Char) ->
    case without_last(Rest0, Char) of
        {Rest, true} -> {[E | Rest], true};
        {_, false} when is_binary(E) ->
            Size = byte_size(E) - 1,
            case E of
                <<Char>> -> {Rest0, true};
                <<Left:Size/binary, Char>> -> {[Left | Rest0], true};
                _ -> {[E | Rest0], true}
            end;
        {_, false} ->
            {Tag, Attributes, Content0} = E,
            case without_last(Content0, Char) of
                {[], true} -> {[], true};
                {Content, Is} -> {[{Tag, Attributes, Content} | Rest0], Is}
            end
    end;
without_last([], _) -> {[], false}.

%% ---- Checking ----

%% Whether a chunk is as it should be; throws what is not.
validate(Module) when is_atom(Module) ->
    {ok, D} = code:get_doc(Module),
    validate(D);
validate(#docs_v1{module_doc = Doc, docs = Docs}) ->
    valid_text(Doc),
    [begin
         lists:all(fun is_binary/1, Head) orelse throw({invalid_signature,
                                                        Head}),
         valid_text(Text)
     end || {_, _, Head, Text, _} <- Docs],
    ok.

valid_text(Docs) when is_map(Docs) ->
    [valid(Doc, []) || Doc <- maps:values(Docs)];
valid_text(Docs) when Docs =:= none; Docs =:= hidden -> [].

valid([E | Es], Path) ->
    valid(E, Path),
    valid(Es, Path);
valid({br, As, Content} = E, Path) ->
    As =:= [] andalso Content =:= []
        orelse throw({content_to_allowed_in_br, E, Path});
valid({Tag, As, Content}, Path) ->
    Within = [hd(Path) || Path =/= []],
    Block = lists:member(Tag, ?BLOCK),
    Faults = [{Tag =/= li andalso (Within =:= [ul] orelse Within =:= [ol]),
               {only_li_allowed_within_ul_or_ol, Tag, Path}},
              {Tag =/= dd andalso Tag =/= dt andalso Within =:= [dl],
               {only_dd_or_dt_allowed_within_dl, Tag, Path}},
              {Tag =:= p andalso lists:member(p, Path),
               {nested_p_not_allowed, Tag, Path}},
              {Block andalso Path -- [pre, h1, h2, h3, h4, h5, h6] =/= Path,
               {cannot_put_block_tag_within_pre, Tag, Path}},
              {Block andalso Path -- ?INLINE =/= Path,
               {cannot_put_inline_tag_outside_block, Tag, Path}},
              {not lists:member(Tag, supported_tags()),
               {invalid_tag, Tag, Path}},
              {not lists:all(fun({K, V}) -> is_atom(K) andalso is_binary(V)
                             end, As), {invalid_attribute, {Tag, As}}}],
    [throw(Fault) || {true, Fault} <- Faults],
    valid(Content, [Tag | Path]);
valid(Text, _) when is_binary(Text) -> true;
valid([], _) -> true.

%% SPDX-License-Identifier: Apache-2.0
%% Parses source files without preprocessing them: directives become
%% attributes, and macro calls macro trees. The quick way drops directives
%% and makes atoms of macros.
%%
%% Tokens of macros are rewritten to something that erl_parse takes: ?name is
%% an atom that begins with "? " (a variable's with "?,"), ?name(...) a tuple
%% that begins with MACRO_CALL, and a directive the body of a function
%% DIRECTIVE; the forms are rewritten back.
-module(epp_dodger).
-export([parse_file/1, quick_parse_file/1, parse_file/2,
         quick_parse_file/2, parse/1, quick_parse/1, parse/2, quick_parse/2,
         parse/3, quick_parse/3, parse_form/2, parse_form/3,
         quick_parse_form/2, quick_parse_form/3, format_error/1,
         tokens_to_string/1]).

-define(MACRO_CALL, '? <macro> (').
-define(DIRECTIVE, '?preprocessor declaration?').

%% Files

parse_file(File) -> parse_file(File, []).
parse_file(File, Options) -> file(File, fun parse/3, Options).

quick_parse_file(File) -> quick_parse_file(File, []).
quick_parse_file(File, Options) ->
    file(File, fun quick_parse/3, Options ++ [no_fail]).

%% In Latin-1 if it is no UTF-8 and does not say so.
file(File, Parser, Options) ->
    case file(utf8, File, Parser, Options) of
        {ok, Forms} = Result ->
            Bad = [E || {error, {_, file_io_server, invalid_unicode}} = E
                            <- Forms],
            case Bad =/= [] andalso epp:read_encoding(File) =/= utf8 of
                true -> file(latin1, File, Parser, Options);
                false -> Result
            end;
        Error -> Error
    end.

file(Encoding, File, Parser, Options) ->
    case file:open(File, [read]) of
        {ok, Dev} ->
            _ = epp:set_encoding(Dev, Encoding),
            try Parser(Dev, 1, Options)
            after ok = file:close(Dev)
            end;
        {error, Error} -> {error, {0, file, Error}}
    end.

%% Forms from a device

parse(Dev) -> parse(Dev, 1).
parse(Dev, L) -> parse(Dev, L, []).
parse(Dev, L, Options) -> forms(Dev, L, fun parse_form/3, Options, []).

quick_parse(Dev) -> quick_parse(Dev, 1).
quick_parse(Dev, L) -> quick_parse(Dev, L, []).
quick_parse(Dev, L, Options) ->
    forms(Dev, L, fun quick_parse_form/3, Options, []).

forms(Dev, L, Parser, Options, Acc) ->
    case Parser(Dev, L, Options) of
        {ok, none, L1} -> forms(Dev, L1, Parser, Options, Acc);
        {ok, Form, L1} -> forms(Dev, L1, Parser, Options, [Form | Acc]);
        {error, Error, L1} ->
            forms(Dev, L1, Parser, Options, [{error, Error} | Acc]);
        {eof, _} -> {ok, lists:reverse(Acc)}
    end.

parse_form(Dev, L) -> parse_form(Dev, L, []).
parse_form(Dev, L, Options) -> form(Dev, L, fun normal/2, Options).

quick_parse_form(Dev, L) -> quick_parse_form(Dev, L, []).
quick_parse_form(Dev, L, Options) -> form(Dev, L, fun quick/2, Options).

form(Dev, L, Parser, Options) ->
    {ok, {_, Reserved}} =
        erl_features:keyword_fun(Options, fun erl_scan:f_reserved_word/1),
    case io:scan_erl_form(Dev, "", L, [{reserved_word_fun, Reserved}]) of
        {ok, Tokens, L1} -> form_of(Tokens, L1, Parser, Options);
        {error, _} -> {eof, L};
        Other -> Other
    end.

form_of(Tokens, L, Parser, Options) ->
    Clever = proplists:get_bool(clever, Options),
    NoFail = proplists:get_bool(no_fail, Options),
    case catch {ok, Parser(Tokens, Clever)} of
        {ok, Form} -> {ok, Form, L};
        {parse_error, _} when NoFail ->
            Text = erl_syntax:text(tokens_to_string(Tokens)),
            {ok, erl_syntax:set_pos(Text, erl_anno:new(start(Tokens, L))), L};
        {parse_error, Error} -> {error, Error, L};
        {'EXIT', Reason} -> {error, {L, ?MODULE, {unknown, Reason}}, L};
        {error, Reason} -> {error, {L, ?MODULE, Reason}, L}
    end.

start([], L) -> L;
start([T | _], _) -> erl_anno:location(element(2, T)).

%% What does not parse may be mended once.
parsed(Tokens, Mend) ->
    case erl_parse:parse_form(Tokens) of
        {ok, Form} -> Form;
        {error, Error} ->
            case Mend(Tokens) of
                {form, Form} -> Form;
                {retry, Tokens1, Mend1} -> parsed(Tokens1, Mend1);
                error -> throw({parse_error, Error})
            end
    end.

%% {Name, Anno, Rest} of a directive's tokens.
directive([{'-', _}, {atom, A, Name} | Ts]) ->
    case lists:member(Name, [define, undef, include, include_lib, ifdef,
                             ifndef, elif, 'else', endif]) of
        true -> {Name, A, Ts};
        false -> false
    end;
directive([{'-', _}, {Name, A} | Ts])
  when Name =:= 'if'; Name =:= 'else' -> {Name, A, Ts};
directive(_) -> false.

as_function(A) -> [{atom, A, ?DIRECTIVE}, {'(', A}, {')', A}, {'->', A}].

%% A macro at the head of a form: it is no call there, but a name.
head([{'-', A}, {'?', B}, {Type, _, _} = N | [{'(', _} | _] = Ts])
  when Type =:= atom; Type =:= var -> {[{'-', A}], B, N, Ts};
head([{'?', B}, {Type, _, _} = N | [{'(', _} | _] = Ts])
  when Type =:= atom; Type =:= var -> {[], B, N, Ts};
head(_) -> false.

%% The quick way

quick(Tokens, _) ->
    case directive(Tokens) of
        {_, _, _} -> quick_form([]);
        false ->
            case head(Tokens) of
                {Acc, _, N, Ts} -> quick_form(quick_macro(N, Ts, Acc));
                false -> quick_form(quick_macros(Tokens, []))
            end
    end.

quick_form([]) -> none;
quick_form(Tokens) -> parsed(Tokens, fun mend/1).

%% Texts beside a macro become part of one.
quick_macros([{'?', _}, {Type, _, N} | Ts], [{string, A, Text} | Acc])
  when Type =:= atom; Type =:= var ->
    {_, Rest} = arguments(Ts),
    quick_macros(Rest, [{string, A, Text ++ quick_text(N)} | Acc]);
quick_macros([{'?', _}, {Type, _, _} = N | [{'(', _} | _] = Ts],
             [{':', _} | _] = Acc) when Type =:= atom; Type =:= var ->
    {_, Rest} = arguments(Ts),
    case is_name_end(Rest) of
        true -> quick_macro(N, Rest, Acc);
        false -> quick_macro(N, Ts, Acc)
    end;
quick_macros([{'?', _}, {Type, _, _} = N | Ts], Acc)
  when Type =:= atom; Type =:= var ->
    {_, Rest} = arguments(Ts),
    quick_macro(N, Rest, Acc);
quick_macros([T | Ts], Acc) -> quick_macros(Ts, [T | Acc]);
quick_macros([], Acc) -> lists:reverse(Acc).

quick_macro({_, _, N}, [{string, A, Text} | Ts], Acc) ->
    quick_macros(Ts, [{string, A, quick_text(N) ++ Text} | Acc]);
quick_macro({_, A, N}, Ts, Acc) ->
    Atom = list_to_atom("?" ++ atom_to_list(N)),
    quick_macros(Ts, [{atom, A, Atom} | Acc]).

quick_text(N) -> "(?" ++ atom_to_list(N) ++ ")".

%% After module:?macro(...): can what follows only stand after a call?
is_name_end([{Mark, _} | _]) -> lists:member(Mark, ['->', 'when', ':']);
is_name_end(_) -> false.

%% A parenthesis with all in it, and the rest.
arguments([{'(', _} = T | Ts]) -> arguments(Ts, [')'], [T]);
arguments(Ts) -> {[], Ts}.

arguments([], _, _) -> throw({error, macro_args});
arguments([{Close, _} = T | Ts], [Close], Acc) ->
    {lists:reverse(Acc, [T]), Ts};
arguments([{Close, _} = T | Ts], [Close | Open], Acc) ->
    arguments(Ts, Open, [T | Acc]);
arguments([{Mark, _} = T | Ts], Open, Acc) ->
    Closes = #{'(' => ')', '{' => '}', '[' => ']', '<<' => '>>',
               'begin' => 'end', 'if' => 'end', 'case' => 'end',
               'receive' => 'end', 'try' => 'end'},
    case Closes of
        #{Mark := Close} -> arguments(Ts, [Close | Open], [T | Acc]);
        _ -> arguments(Ts, Open, [T | Acc])
    end;
arguments([T | Ts], Open, Acc) -> arguments(Ts, Open, [T | Acc]).

%% The normal way

normal([{'-', _}, {atom, A, Kind} | Ts], _)
  when Kind =:= error; Kind =:= warning ->
    Text = lists:droplast(tokens_to_string(lists:droplast(Ts))),
    Said = lists:concat(["-", Kind, " ", Text, "."]),
    erl_syntax:error_marker({erl_anno:location(A), ?MODULE, {Kind, Said}});
normal(Tokens, Clever) ->
    Rewritten =
        case directive(Tokens) of
            {Name, A, Ts} ->
                as_function(A) ++ [{atom, A, Name} | macros(Ts, [], Clever)];
            false ->
                case head(Tokens) of
                    {Acc, A, N, Ts} -> macro(A, N, Ts, Acc, Clever);
                    false -> macros(Tokens, [], Clever)
                end
        end,
    restored(parsed(Rewritten, fun mend/1)).

%% The option clever puts ++ between texts and macros.
macros([{'?', _}, {Type, _, _} | _] = Ts, [{string, A, _} | _] = Acc, true)
  when Type =:= atom; Type =:= var ->
    macros(Ts, [{'++', A} | Acc], true);
macros([{'?', A}, {Type, _, _} = N | [{'(', _} | _] = Ts], Acc, Clever)
  when Type =:= atom; Type =:= var ->
    {Args, Rest} = arguments(Ts),
    Remote = case Acc of [{':', _} | _] -> true; _ -> false end,
    case Remote andalso not is_name_end(Rest) of
        true -> macro(A, N, Ts, Acc, Clever);
        false -> macro_call(Args, A, N, Rest, Acc, Clever)
    end;
macros([{'?', A}, {Type, _, _} = N | Ts], Acc, Clever)
  when Type =:= atom; Type =:= var -> macro(A, N, Ts, Acc, Clever);
macros([T | Ts], Acc, Clever) -> macros(Ts, [T | Acc], Clever);
macros([], Acc, _) -> lists:reverse(Acc).

macro(A, {Type, _, N}, Ts, Acc, Clever) ->
    Prefix = case Type of atom -> "? "; var -> "?," end,
    Atom = list_to_atom(Prefix ++ atom_to_list(N)),
    macro_end([], Ts, [{atom, A, Atom} | Acc], Clever).

%% In parentheses, but where texts join. The arguments are looked through as
%% well.
macro_call([_ | Args0], A, {_, B, _} = N, Rest, Acc, Clever) ->
    {Open, Close} = case Acc of
                        [{string, _, _} | _] -> {[], []};
                        _ -> {[{'(', 0}], [{')', 0}]}
                    end,
    Head = Open ++ [{'{', A}, {atom, A, ?MACRO_CALL}, {',', A}, N],
    case lists:droplast(Args0) of
        [] ->
            macro_end([], Rest,
                      lists:reverse(Head ++ [{'}', B} | Close], Acc), Clever);
        Args ->
            macro_end(Args ++ [{'}', B} | Close], Rest,
                      lists:reverse(Head ++ [{',', B}], Acc), Clever)
    end.

macro_end(Args, [{string, A, _} | _] = Rest, Acc, true) ->
    macros(Args ++ [{'++', A} | Rest], Acc, true);
macro_end(Args, Rest, Acc, Clever) -> macros(Args ++ Rest, Acc, Clever).

%% Forms back

restored({function, A, ?DIRECTIVE, _,
          [{clause, _, [], [], [{call, _, Name, Args}]}]}) ->
    Args1 = [restored_tree(T) || T <- Args],
    erl_syntax:set_pos(erl_syntax:attribute(Name, Args1), A);
restored({function, A, ?DIRECTIVE, _, [{clause, _, [], [], [Name]}]}) ->
    erl_syntax:set_pos(erl_syntax:attribute(Name), A);
restored(Form) -> restored_tree(Form).

restored_tree(Node) ->
    case erl_syntax:type(Node) of
        atom ->
            case erl_syntax:atom_name(Node) of
                "? " ++ Name -> macro_tree(Node, fun erl_syntax:atom/1, Name);
                "?," ++ Name ->
                    macro_tree(Node, fun erl_syntax:variable/1, Name);
                _ -> Node
            end;
        tuple ->
            case erl_syntax:tuple_elements(Node) of
                [Mark, Name | Args] ->
                    case erl_syntax:is_atom(Mark, ?MACRO_CALL) of
                        true ->
                            Args1 = [restored_tree(T) || T <- Args],
                            erl_syntax:copy_pos(Node,
                                                erl_syntax:macro(Name,
                                                                 Args1));
                        false -> restored_children(Node)
                    end;
                _ -> restored_children(Node)
            end;
        _ -> restored_children(Node)
    end.

macro_tree(Node, Make, Name) ->
    Tree = erl_syntax:copy_pos(Node, Make(list_to_atom(Name))),
    erl_syntax:copy_pos(Node, erl_syntax:macro(Tree)).

restored_children(Node) ->
    case erl_syntax:subtrees(Node) of
        [] -> Node;
        Groups ->
            New = erl_syntax:make_tree(erl_syntax:type(Node),
                                       [[restored_tree(T) || T <- G]
                                        || G <- Groups]),
            erl_syntax:copy_pos(Node, New)
    end.

%% Definitions that are no expressions: the text stays text. A parenthesis
%% may miss at the end.
mend([{atom, _, ?DIRECTIVE}, {'(', _}, {')', _}, {'->', _},
      {atom, _, define}, {'(', _} | _] = Tokens) ->
    case lists:reverse(Tokens) of
        [{dot, _}, {')', _} | _] -> {retry, Tokens, fun mend_definition/1};
        [{dot, A} | Rest] ->
            {retry, lists:reverse(Rest, [{')', A}, {dot, A}]),
             fun mend_definition/1};
        _ -> error
    end;
mend(_) -> error.

mend_definition([{atom, A, ?DIRECTIVE}, {'(', _}, {')', _}, {'->', _},
                 {atom, B, define}, {'(', _}, Name, {',', _} | Ts]) ->
    [{dot, _}, {')', _} | Rest] = lists:reverse(Ts),
    Text = erl_syntax:text(tokens_to_string(lists:reverse(Rest))),
    Define = erl_syntax:set_pos(erl_syntax:atom(define), B),
    Attribute = erl_syntax:attribute(Define,
                                     [Name, erl_syntax:set_pos(Text, B)]),
    {form, erl_syntax:set_pos(Attribute, A)};
mend_definition(_) -> error.

%% Texts

tokens_to_string(Tokens) -> lists:append([token(T) || T <- Tokens]).

token({dot, _}) -> ".\n";
token({Mark, _}) -> atom_to_list(Mark) ++ " ";
token({atom, _, A}) -> io_lib:write_atom(A) ++ " ";
token({string, _, S}) -> io_lib:write_string(S) ++ " ";
token({char, _, C}) -> io_lib:write_char(C) ++ " ";
token({float, _, F}) -> float_to_list(F) ++ " ";
token({integer, _, I}) -> integer_to_list(I) ++ " ";
token({var, _, V}) -> atom_to_list(V) ++ " ".

format_error(macro_args) -> message("macro call missing end parenthesis");
format_error({error, Text}) -> Text;
format_error({warning, Text}) -> Text;
format_error({unknown, Reason}) ->
    message(io_lib:format("unknown error: ~tP", [Reason, 15])).

message(Text) -> io_lib:format("~s: ~ts", [?MODULE, Text]).

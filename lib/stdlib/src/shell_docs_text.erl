%% SPDX-License-Identifier: Apache-2.0
%% shell_docs_text: elements of documentation as text of a width, indented, with
%% bold and underlined parts where the terminal shows them.
%%
%% Each element is rendered at a column, and answers {Text, Column}; blocks
%% begin a line and end with an empty one.
-module(shell_docs_text).

-export([config/2, render/3]).

-include_lib("kernel/include/eep48.hrl").

-define(is_inline(Tag), (Tag =:= a orelse Tag =:= code orelse Tag =:= em
                         orelse Tag =:= strong orelse Tag =:= i
                         orelse Tag =:= b)).

%% [styles]: what the text is now, none where that is not shown.
-record(config, {docs, encoding, columns, styles = none :: none | [atom()]}).

-spec config(#docs_v1{}, map()) -> #config{}.
config(D, Given) ->
    Options = case io:getopts() of
                  List when is_list(List) -> List;
                  _ -> []
              end,
    Columns = case io:columns() of
                  {ok, N} -> N;
                  _ -> 80
              end,
    Shows = case {Given, application:get_env(kernel, shell_docs_ansi)} of
                {#{ansi := Is}, _} -> Is;
                {_, {ok, Is}} -> Is;
                _ -> proplists:is_defined(echo, Options)
                         andalso proplists:is_defined(expand_fun, Options)
            end,
    #config{docs = D, columns = maps:get(columns, Given, Columns),
            encoding = maps:get(encoding, Given,
                                proplists:get_value(encoding, Options,
                                                    latin1)),
            styles = if Shows -> []; true -> none end}.

%% Elements at an indentation.
-spec render(list(), non_neg_integer(), #config{}) -> unicode:chardata().
render(Elements, Indent, C) ->
    {Text, _} = ended(all(Elements, [], 0, Indent, C)),
    Text.

%% [Path]: the elements around, the innermost first.
all(Es, Path, At, In, C) when is_list(Es) ->
    lists:mapfoldl(fun(E, Now) -> all(E, Path, Now, In, C) end, At, Es);
all(E, Path, At, In, C) -> element(E, Path, At, In, C).

element({a, _, Content}, Path, At, In, C) -> all(Content, Path, At, In, C);
element({h1, _, Content}, Path, 0, _, C) ->
    spaced(element({code, [], [{strong, [], Content}]}, Path, 0, 0, C));
element({h2, _, Content}, Path, 0, _, C) ->
    spaced(element({strong, [], Content}, Path, 0, 0, C));
element({H, _, Content}, Path, At, _, C)
  when At =< 2, H =:= h3 orelse H =:= h4 orelse H =:= h5 orelse H =:= h6 ->
    spaced(element({code, [], Content}, Path, At, 2, C));
element({pre, _, _} = E, Path, At, In, C) when At > In ->
    {Text, Now} = element(E, Path, 0, In, C),
    {["\n\n", Text], Now};
element({Tag, _, _} = E, Path, At, In, C) when At > In, not ?is_inline(Tag) ->
    {Text, Now} = element(E, Path, 0, In, C),
    {["\n", Text], Now};
element({'div', [{class, What}], Content}, Path, At, In, C) ->
    {Text, _} = all(Content, ['div' | Path], 0, In + 2, C),
    spaced([pad(In - At, "", C), string:titlecase(What), ":\n", Text]);
element({Tag, _, Content}, Path, At, In, C) when Tag =:= p; Tag =:= 'div' ->
    spaced(all(Content, [Tag | Path], At, In, C));
element(E, Path, At, In, C) when At < In ->
    {Text, Now} = element(E, Path, In, In, C),
    {[pad(In - At, "", C), Text], Now};
element({code, _, Content}, [pre | _] = Path, At, In, C) ->
    all(Content, [code | Path], At, In, C);
element({code, _, Content}, Path, At, In, C) ->
    styled(underline, Content, [code | Path], At, In, C);
element({Tag, _, Content}, Path, At, In, C) when Tag =:= em; Tag =:= i ->
    all(Content, Path, At, In, C);
element({br, [], []}, _, At, _, _) -> {"", At};
element({Tag, _, Content}, Path, At, In, C) when Tag =:= strong; Tag =:= b ->
    styled(bold, Content, Path, At, In, C);
element({pre, _, Content}, Path, At, In, C) ->
    spaced(all(Content, [pre | Path], At, In + 2, C));
element({ul, [{class, <<"types">>}], Content}, Path, _, In, C) ->
    {Text, _} = all(Content, [types | Path], 0, In + 2, C),
    spaced(["Types:\n", Text]);
element({li, Attributes, Content}, [types | _] = Path, At, In, C) ->
    ended(type_item(Attributes, Content, Path, At, In, C));
element({Tag, _, Content}, Path, At, In, C) when Tag =:= ul; Tag =:= ol ->
    all(Content, [l | Path], At, In, C);
element({li, _, Content}, [l | _] = Path, At, In, C) ->
    Bullet = bullet(length([l || l <- Path]), C),
    Width = string:length(Bullet),
    {Text, _} = all(Content, [li | Path], At + Width, In + Width, C),
    spaced([Bullet, Text]);
element({dl, _, Content}, Path, At, In, C) ->
    all(Content, [dl | Path], At, In, C);
element({dt, _, Content}, [dl | _] = Path, At, In, C) ->
    {Text, _} = styled(underline, Content, [li | Path], At, In, C),
    {[Text, ":\n"], 0};
element({dd, _, Content}, [dl | _] = Path, At, In, C) ->
    spaced(all(Content, [li | Path], At, In + 2, C));
element(Text, Path, At, In, C) when is_binary(Text) ->
    case lists:member(pre, Path) of
        true ->
            Lines = string:replace(Text, "\n", pad(In, "\n", C), all),
            {Lines, At + string:length(last_line(Lines))};
        false ->
            words(binary:split(Text, <<" ">>, [global]), Path, At, In, [[]], C)
    end;
element({Tag, Attributes, Content}, Path, At, In, C) ->
    lists:member(Tag, shell_docs:supported_tags())
        andalso throw({unhandled_element, Tag, Attributes, Content}),
    all(Content, Path, At, In, C).

%% A type is shown as it is defined, if that is known.
type_item(Attributes, Content, Path, At, In, C) ->
    Class = proplists:get_value(class, Attributes),
    case proplists:get_value(name, Attributes) of
        _ when Class =:= <<"description">> ->
            all(Content, [type | Path], At, In + 2, C);
        undefined -> all(Content, [type | Path], At, In, C);
        Name ->
            #config{docs = #docs_v1{metadata = Metadata}} = C,
            Types = maps:get(types, Metadata, #{}),
            case [Form || {{N, _}, Form} <- maps:to_list(Types),
                          atom_to_binary(N) =:= Name] of
                [] when Content =:= [] ->
                    {["-type ", Name, "() :: term()."], 0};
                [] -> all(Content, [type | Path], At, In, C);
                Forms -> {[erl_pp:attribute(F) || F <- Forms], 0}
            end
    end.

bullet(Level, #config{encoding = unicode}) when Level =< 4 ->
    lists:nth(Level, [<<" • "/utf8>>, <<" ￮ "/utf8>>, <<" ◼ "/utf8>>,
                      <<" ◻ "/utf8>>]);
bullet(_, _) -> <<" * ">>.

%% ---- Lines ----

words(Words, [_, types | Path], At, In, Lines, C) ->
    words(Words, Path, At, In + 2, Lines, C);
words([Word0 | Rest], Path, At, In, [Line | Lines] = All, C) ->
    Word = case C#config.encoding of
               latin1 -> string:replace(Word0, [160], " ", all);
               _ -> Word0
           end,
    Width = string:length(Word),
    Breaks = At + Width > C#config.columns - 10 - In andalso Word =/= <<>>
        andalso re:run(Word, "^\\W$", [unicode]) =:= nomatch,
    case Breaks of
        true ->
            words(Rest, Path, Width + In + 1, In,
                  [[[pad(In, "\n", C), Word]] | All], C);
        false ->
            words(Rest, Path, At + Width + 1, In, [[Word | Line] | Lines], C)
    end;
words([], _, At, _, Lines, _) ->
    {[lists:join($\s, lists:reverse(Line)) || Line <- lists:reverse(Lines)],
     At}.

last_line(Text) ->
    case string:find(Text, "\n", trailing) of
        nomatch -> Text;
        Found -> tl(string:next_codepoint(Found))
    end.

%% The line's end, once; an empty line, whatever there was.
ended({Text, _}) -> {[string:trim(Text, trailing, "\n"), "\n"], 0}.

spaced({Text, _}) -> spaced(Text);
spaced(Text) -> {[string:trim(Text, trailing, "\n"), "\n\n"], 0}.

%% ---- Styles ----

styled(_, Content, Path, At, In, #config{styles = none} = C) ->
    all(Content, Path, At, In, C);
styled(Style, Content, Path, At, In, #config{styles = Styles} = C) ->
    Inner = [Style | Styles],
    {Text, Now} = all(Content, Path, At, In, C#config{styles = Inner}),
    Behind = case lists:delete(Style, Inner) -- [Style] of
                 [] -> "\e[0m";
                 Left -> escape(Left)
             end,
    {[escape(Inner), Text, Behind], Now}.

escape(Styles) ->
    case lists:usort(Styles) of
        [bold] -> "\e[;1m";
        [underline] -> "\e[;;4m";
        [bold, underline] -> "\e[;1;4m"
    end.

%% Spaces are neither bold nor underlined.
pad(N, Before, #config{styles = Styles}) when Styles =:= none; Styles =:= [] ->
    [Before, lists:duplicate(N, $\s)];
pad(N, Before, #config{styles = Styles}) ->
    ["\e[0m", Before, lists:duplicate(N, $\s), escape(Styles)].

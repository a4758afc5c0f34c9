%% SPDX-License-Identifier: Apache-2.0
%% escript_file: the sections of a script: up to three lines of header, and a
%% body that is source, a .beam file or an archive. They are read, extracted
%% and put together here; escript runs them.
-module(escript_file).

-export([read/2, body/1, source/1, sections/2, bytes/1, module_name/1]).

-export_type([script/0]).

-record(script, {file, bytes, shebang, comment, flags,
                 type :: source | beam | archive,
                 header = 0 :: non_neg_integer(),    % bytes before the body
                 line = 1 :: pos_integer()}).        % on which it begins

-opaque script() :: #script{}.

-define(SHEBANG, "/usr/bin/env escript").
-define(COMMENT, "This is an -*- erlang -*- file").

%%% Reading

%% [WithFirst]: a first line that is no "#!" belongs to the source. It is
%% skipped when such a script is run.
-spec read(file:filename(), boolean()) -> script().
read(File, WithFirst) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            header(#script{file = File, bytes = Bytes}, WithFirst);
        {error, Reason} ->
            throw(lists:concat([file:format_error(Reason), ": '", File, "'"]))
    end.

header(#script{bytes = Bytes} = S, WithFirst) ->
    {First, Rest} = line(Bytes),
    case kind(First) of
        shebang -> second(Rest, S#script{shebang = First, line = 2});
        archive -> S#script{type = archive};
        beam -> S#script{type = beam};
        _ ->
            {Second, _} = line(Rest),
            Skipped = if WithFirst -> 0; true -> byte_size(First) end,
            S#script{type = body_type(Second), header = Skipped}
    end.

second(Bytes, S0) ->
    {Second, Rest} = line(Bytes),
    Commented = S0#script{comment = Second, line = 3},
    case kind(Second) of
        flags -> begin_body(Rest, S0#script{flags = Second, line = 3});
        comment ->
            {Third, Rest1} = line(Rest),
            case kind(Third) of
                flags ->
                    begin_body(Rest1, Commented#script{flags = Third,
                                                       line = 4});
                _ -> begin_body(Rest, Commented)
            end;
        _ -> begin_body(Bytes, S0)
    end.

begin_body(Body, #script{bytes = Bytes} = S) ->
    {Line, _} = line(Body),
    S#script{type = body_type(Line),
             header = byte_size(Bytes) - byte_size(Body)}.

%% A line with its end, and what follows.
line(<<>>) -> throw("Premature end of file reached");
line(Bytes) ->
    case binary:match(Bytes, <<"\n">>) of
        {At, 1} -> split_binary(Bytes, At + 1);
        nomatch -> {Bytes, <<>>}
    end.

kind(<<"#!", _/binary>>) -> shebang;
kind(<<"PK", _/binary>>) -> archive;
kind(<<"FOR1", _/binary>>) -> beam;
kind(<<"%%!", _/binary>>) -> flags;
kind(<<"%", _/binary>>) -> comment;
kind(_) -> none.

body_type(Line) ->
    case kind(Line) of
        archive -> archive;
        beam -> beam;
        _ -> source
    end.

-spec body(script()) -> {source | beam | archive, binary()}.
body(#script{type = Type, bytes = Bytes, header = Size}) ->
    {Type, binary:part(Bytes, Size, byte_size(Bytes) - Size)}.

%% The characters of the source, and the line on which they begin. Their
%% encoding is named behind the first line, or else where the body begins.
-spec source(script()) -> {string(), pos_integer()}.
source(#script{bytes = Bytes, line = Line} = S) ->
    {_, Body} = body(S),
    {_, Behind} = line(Bytes),
    Encoding = case epp:read_encoding_from_binary(Behind) of
                   none -> epp:read_encoding_from_binary(Body);
                   Named -> Named
               end,
    {characters(Body, Encoding), Line}.

characters(Bytes, latin1) -> binary_to_list(Bytes);
characters(Bytes, _) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

%% What a source without a module attribute is called.
-spec module_name(file:filename()) -> string().
module_name(File) ->
    Base = [if C =:= $. -> $_; true -> C end || C <- filename:basename(File)],
    {Mega, Seconds, Micro} = erlang:timestamp(),
    Numbers = [Mega, Seconds, Micro, erlang:unique_integer([positive])],
    Base ++ "__escript__"
        ++ lists:append(lists:join("__", [integer_to_list(N) || N <- Numbers])).

%%% Sections

%% As extract/2 gives them, with [Body].
-spec sections(script(), binary()) -> [term()].
sections(#script{} = S, Body) ->
    [section(shebang, S#script.shebang, "#!", ?SHEBANG),
     section(comment, S#script.comment, "%", ?COMMENT),
     section(emu_args, S#script.flags, "%%!", none),
     {S#script.type, Body}].

section(Name, undefined, _, _) -> {Name, undefined};
section(Name, Line, Mark, Default) ->
    Text = without(Mark, unicode:characters_to_list(Line)),
    case string:trim(Text) of
        Default -> {Name, default};
        Other -> {Name, Other}
    end.

without("%", Text) -> string:trim(Text, leading, "%");
without(Mark, Text) -> lists:nthtail(length(Mark), Text).

%% A script of sections, as create/2 takes them; throws what is wrong.
-spec bytes([term()]) -> binary().
bytes(Sections) ->
    #{body := Body} = Parts = parts(Sections, #{body => none, type => none}),
    Body =:= none andalso throw(missing_body),
    Type = map_get(type, Parts),
    lists:member(Type, [source, beam, archive])
        orelse throw({illegal_type, Type}),
    list_to_binary([maps:get(shebang, Parts, ""), maps:get(comment, Parts, ""),
                    maps:get(emu_args, Parts, ""), Body]).

parts([Section | Sections], Parts) ->
    parts(Sections, maps:merge(Parts, part(Section)));
parts([], Parts) -> Parts;
parts(Bad, _) -> throw({badarg, Bad}).

part(Name) when Name =:= shebang; Name =:= comment -> part({Name, default});
part({Name, undefined}) when Name =:= shebang; Name =:= comment;
                             Name =:= emu_args -> #{};
part({shebang, default}) -> part({shebang, ?SHEBANG});
part({comment, default}) -> part({comment, ?COMMENT});
part({shebang, Text}) when is_list(Text) ->
    #{shebang => ["#!", Text, $\n]};
part({comment, Text}) when is_list(Text) ->
    #{comment => ["%% ", Text, $\n]};
part({emu_args, Text}) when is_list(Text) ->
    #{emu_args => ["%%!", Text, $\n]};
part({Type, File} = Section) when is_list(File) ->
    case file:read_file(File) of
        {ok, Bytes} -> #{type => Type, body => Bytes};
        {error, Reason} -> throw({Reason, Section})
    end;
part({Type, Bytes}) when is_binary(Bytes) -> #{type => Type, body => Bytes};
part({archive, Files, Options} = Section)
  when is_list(Files), is_list(Options) ->
    case zip:create("archive.zip", Files, Options ++ [memory]) of
        {ok, {_, Bytes}} -> #{type => archive, body => Bytes};
        {error, Reason} -> throw({Reason, Section})
    end;
part(Section) -> throw({badarg, Section}).

%% SPDX-License-Identifier: Apache-2.0
%% io: the client of the io protocol: each function sends a request to an io
%% server (by default the group leader) and waits for its answer.
-module(io).

-export([put_chars/1, put_chars/2, put_chars/3, nl/0, nl/1, get_chars/2,
         get_chars/3, get_line/1, get_line/2, get_password/0, get_password/1,
         setopts/1, setopts/2, getopts/0, getopts/1, write/1, write/2,
         read/1, read/2, read/3, read/4, columns/0, columns/1, rows/0,
         rows/1, fwrite/1, fwrite/2, fwrite/3, fread/2, fread/3, format/1,
         format/2, format/3, scan_erl_exprs/1, scan_erl_exprs/2,
         scan_erl_exprs/3, scan_erl_exprs/4, scan_erl_form/1,
         scan_erl_form/2, scan_erl_form/3, scan_erl_form/4,
         parse_erl_exprs/1, parse_erl_exprs/2, parse_erl_exprs/3,
         parse_erl_exprs/4, parse_erl_form/1, parse_erl_form/2,
         parse_erl_form/3, parse_erl_form/4, request/1, request/2,
         requests/1, requests/2, printable_range/0]).

-export_type([device/0, format/0, server_no_data/0, standard_error/0,
              standard_io/0, user/0]).

-type standard_io() :: standard_io.
-type standard_error() :: standard_error.
-type user() :: user.
-type device() :: atom() | pid().
-type prompt() :: atom() | unicode:chardata().
-type format() :: atom() | string() | binary().
-type server_no_data() :: {error, term()} | eof.

%% Fails as the calling function, on [Args]; [Cause] is for the explanation.
-define(FAIL(Reason, Args, Cause),
        erlang:error(failure(Reason), Args,
                     [{error_info, #{cause => {Cause, Reason},
                                     module => erl_stdlib_errors}}])).

%% Sends a request for output and answers, or fails, as the calling function.
-define(OUTPUT(Io, Request, Args),
        Tag = make_ref(),
        case request(Io, Request, Tag) of
            {Tag, Reason} -> ?FAIL(Reason, Args, ?MODULE);
            {error, Reason} -> ?FAIL(Reason, Args, device);
            Answer -> Answer
        end).

failure(arguments) -> badarg;
failure(terminated) -> terminated;
failure(calling_self) -> calling_self;
failure({no_translation, _, _}) -> no_translation;
failure(_) -> badarg.

%%% Output

-spec printable_range() -> unicode | latin1.
printable_range() -> erlang:nif_error(undef).

-spec put_chars(unicode:chardata()) -> ok.
put_chars(Chars) ->
    ?OUTPUT(group_leader(), {put_chars, unicode, Chars}, [Chars]).

-spec put_chars(device(), unicode:chardata()) -> ok.
put_chars(Io, Chars) ->
    ?OUTPUT(Io, {put_chars, unicode, Chars}, [Io, Chars]).

-spec put_chars(device(), latin1 | unicode, unicode:chardata()) -> ok.
put_chars(Io, Encoding, Chars) ->
    ?OUTPUT(Io, {put_chars, Encoding, Chars}, [Io, Encoding, Chars]).

-spec nl() -> ok.
nl() -> ?OUTPUT(group_leader(), nl, []).

-spec nl(device()) -> ok.
nl(Io) -> ?OUTPUT(Io, nl, [Io]).

-spec write(term()) -> ok.
write(Term) -> ?OUTPUT(group_leader(), {write, Term}, [Term]).

-spec write(device(), term()) -> ok.
write(Io, Term) -> ?OUTPUT(Io, {write, Term}, [Io, Term]).

-spec format(format()) -> ok.
format(Format) ->
    ?OUTPUT(group_leader(), {format, Format, []}, [Format]).

-spec format(format(), [term()]) -> ok.
format(Format, Args) ->
    ?OUTPUT(group_leader(), {format, Format, Args}, [Format, Args]).

-spec format(device(), format(), [term()]) -> ok.
format(Io, Format, Args) ->
    ?OUTPUT(Io, {format, Format, Args}, [Io, Format, Args]).

-spec fwrite(format()) -> ok.
fwrite(Format) ->
    ?OUTPUT(group_leader(), {format, Format, []}, [Format]).

-spec fwrite(format(), [term()]) -> ok.
fwrite(Format, Args) ->
    ?OUTPUT(group_leader(), {format, Format, Args}, [Format, Args]).

-spec fwrite(device(), format(), [term()]) -> ok.
fwrite(Io, Format, Args) ->
    ?OUTPUT(Io, {format, Format, Args}, [Io, Format, Args]).

%%% The terminal's properties

-spec columns() -> {ok, pos_integer()} | {error, enotsup}.
columns() -> columns(group_leader()).

-spec columns(device()) -> {ok, pos_integer()} | {error, enotsup}.
columns(Io) -> size(Io, columns).

-spec rows() -> {ok, pos_integer()} | {error, enotsup}.
rows() -> rows(group_leader()).

-spec rows(device()) -> {ok, pos_integer()} | {error, enotsup}.
rows(Io) -> size(Io, rows).

size(Io, What) ->
    case request(Io, {get_geometry, What}) of
        N when is_integer(N), N > 0 -> {ok, N};
        _ -> {error, enotsup}
    end.

getopts() -> getopts(group_leader()).

-spec getopts(device()) -> [tuple()] | {error, term()}.
getopts(Io) -> request(Io, getopts).

setopts(Options) -> setopts(group_leader(), Options).

-spec setopts(device(), [term()]) -> ok | {error, term()}.
setopts(Io, Options) -> request(Io, {setopts, Options}).

%%% Input

-spec get_chars(prompt(), non_neg_integer()) ->
          string() | binary() | server_no_data().
get_chars(Prompt, N) -> get_chars(group_leader(), Prompt, N).

-spec get_chars(device(), prompt(), non_neg_integer()) ->
          string() | binary() | server_no_data().
get_chars(Io, Prompt, N) when is_integer(N), N >= 0 ->
    request(Io, {get_chars, unicode, Prompt, N}).

-spec get_line(prompt()) -> string() | binary() | server_no_data().
get_line(Prompt) -> get_line(group_leader(), Prompt).

-spec get_line(device(), prompt()) -> string() | binary() | server_no_data().
get_line(Io, Prompt) -> request(Io, {get_line, unicode, Prompt}).

get_password() -> get_password(group_leader()).

get_password(Io) -> request(Io, {get_password, unicode}).

-spec read(prompt()) -> {ok, term()} | server_no_data().
read(Prompt) -> read(group_leader(), Prompt).

-spec read(device(), prompt()) -> {ok, term()} | server_no_data().
read(Io, Prompt) ->
    case request(Io, {get_until, unicode, Prompt, erl_scan, tokens, [1]}) of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens) of
                {ok, Term} -> {ok, Term};
                {error, ErrorInfo} -> {error, ErrorInfo}
            end;
        {error, E, _} -> {error, E};
        {eof, _} -> eof;
        Other -> Other
    end.

read(Io, Prompt, Start) -> read(Io, Prompt, Start, []).

-spec read(device(), prompt(), erl_anno:location(), [term()]) ->
          {ok, term(), erl_anno:location()} | {eof, erl_anno:location()}
        | server_no_data() | {error, term(), erl_anno:location()}.
read(Io, Prompt, Start, Options) ->
    Args = [Start, Options],
    case request(Io, {get_until, unicode, Prompt, erl_scan, tokens, Args}) of
        {ok, Tokens, End} ->
            case erl_parse:parse_term(Tokens) of
                {ok, Term} -> {ok, Term, End};
                {error, ErrorInfo} -> {error, ErrorInfo, End}
            end;
        {error, _, _} = Error -> Error;
        {eof, _} = Eof -> Eof;
        Other -> Other
    end.

-spec fread(prompt(), format()) ->
          {ok, [term()]} | {error, term()} | server_no_data().
fread(Prompt, Format) -> fread(group_leader(), Prompt, Format).

fread(Io, Prompt, Format) -> request(Io, {fread, Prompt, Format}).

scan_erl_exprs(Prompt) -> scan_erl_exprs(group_leader(), Prompt, 1).

scan_erl_exprs(Io, Prompt) -> scan_erl_exprs(Io, Prompt, 1).

scan_erl_exprs(Io, Prompt, Start) -> scan_erl_exprs(Io, Prompt, Start, []).

scan_erl_exprs(Io, Prompt, Start, Options) ->
    request(Io, {get_until, unicode, Prompt, erl_scan, tokens,
                 [Start, Options]}).

scan_erl_form(Prompt) -> scan_erl_form(group_leader(), Prompt, 1).

scan_erl_form(Io, Prompt) -> scan_erl_form(Io, Prompt, 1).

scan_erl_form(Io, Prompt, Start) -> scan_erl_form(Io, Prompt, Start, []).

scan_erl_form(Io, Prompt, Start, Options) ->
    scan_erl_exprs(Io, Prompt, Start, Options).

parse_erl_exprs(Prompt) -> parse_erl_exprs(group_leader(), Prompt, 1).

parse_erl_exprs(Io, Prompt) -> parse_erl_exprs(Io, Prompt, 1).

parse_erl_exprs(Io, Prompt, Start) -> parse_erl_exprs(Io, Prompt, Start, []).

parse_erl_exprs(Io, Prompt, Start, Options) ->
    parse(scan_erl_exprs(Io, Prompt, Start, Options), parse_exprs).

parse_erl_form(Prompt) -> parse_erl_form(group_leader(), Prompt, 1).

parse_erl_form(Io, Prompt) -> parse_erl_form(Io, Prompt, 1).

parse_erl_form(Io, Prompt, Start) -> parse_erl_form(Io, Prompt, Start, []).

parse_erl_form(Io, Prompt, Start, Options) ->
    parse(scan_erl_form(Io, Prompt, Start, Options), parse_form).

parse({ok, Tokens, End}, Parse) ->
    case erl_parse:Parse(Tokens) of
        {ok, Result} -> {ok, Result, End};
        {error, ErrorInfo} -> {error, ErrorInfo, End}
    end;
parse(Other, _) -> Other.

%%% The protocol

request(Request) -> request(group_leader(), Request).

request(Io, Request) -> request(Io, Request, error).

request(standard_io, Request, Tag) -> request(group_leader(), Request, Tag);
request(Io, Request, Tag) when is_pid(Io) ->
    call(Io, message(Io, Request), Tag);
request(Io, Request, Tag) when is_atom(Io) ->
    case whereis(Io) of
        undefined -> {Tag, arguments};
        Pid -> request(Pid, Request, Tag)
    end;
request(_, _, Tag) -> {Tag, arguments}.

requests(Requests) -> requests(group_leader(), Requests).

requests(standard_io, Requests) -> requests(group_leader(), Requests);
requests(Io, Requests) when is_pid(Io) ->
    Messages = [element(2, message(Io, R)) || R <- flat(Requests)],
    call(Io, {false, {requests, Messages}}, error);
requests(Io, Requests) when is_atom(Io) ->
    case whereis(Io) of
        undefined -> {error, arguments};
        Pid -> requests(Pid, Requests)
    end.

flat([{requests, Requests} | Rest]) -> flat(Requests) ++ flat(Rest);
flat([Request | Rest]) -> [Request | flat(Rest)];
flat([]) -> [].

%% The server's death is an answer too; it is not to be left as a message.
call(Pid, _, Tag) when Pid =:= self() -> {Tag, calling_self};
call(Pid, {IsInput, Message}, Tag) ->
    Monitor = monitor(process, Pid),
    Pid ! {io_request, self(), Monitor, Message},
    receive
        {io_reply, Monitor, Reply} ->
            demonitor(Monitor, [flush]),
            from_old_server(IsInput, Reply);
        {'DOWN', Monitor, _, _, _} ->
            receive {'EXIT', Pid, _} -> ok after 0 -> ok end,
            {Tag, terminated}
    end.

from_old_server(old, Reply) when is_binary(Reply) ->
    unicode:characters_to_binary(Reply, latin1, unicode);
from_old_server(_, Reply) -> Reply.

%% The message for a request: {IsInput, Message}.
message(_, {write, Term}) ->
    {false, {put_chars, unicode, io_lib, write, [Term]}};
message(_, {format, Format, Args}) ->
    {false, {put_chars, unicode, io_lib, format, [Format, Args]}};
message(_, {fwrite, Format, Args}) ->
    {false, {put_chars, unicode, io_lib, fwrite, [Format, Args]}};
message(_, nl) -> {false, {put_chars, unicode, io_lib:nl()}};
message(_, {put_chars, Encoding, Chars} = Request) when is_list(Chars) ->
    case catch unicode:characters_to_binary(Chars, Encoding) of
        Text when is_binary(Text) ->
            {false, {put_chars, put_encoding(Encoding), Text}};
        _ -> {false, Request}
    end;
message(_, {fread, Prompt, Format}) ->
    {true, {get_until, unicode, Prompt, io_lib, fread, [Format]}};
message(_, Request) -> {false, Request}.

%% characters_to_binary(Chars, latin1) makes UTF-8 of latin1 bytes.
put_encoding(_) -> unicode.

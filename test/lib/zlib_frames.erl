%% SPDX-License-Identifier: Apache-2.0
%% Where functions of zlib fail.
%% expect: gunzip data_error [{inflate_nif,4},{dequeue_all_chunks_1,3},{inflate,3},{gunzip,1}]
%% expect: uncompress data_error [{uncompress,1}]
%% expect: uncompress data_error [{inflate_nif,4},{dequeue_all_chunks_1,3},{inflate,3},{uncompress,1}]
%% expect: unzip data_error [{inflateEnd_nif,1},{unzip,1}]
%% expect: compress badarg [{iolist_to_iovec,1},{enqueue_input,2},{deflate,3},{compress,1}]
%% expect: close not_initialized [{close_nif,1}]
%% expect: deflate not_initialized [{enqueue_nif,2},{enqueue_input_1,2},{deflate,3}]
%% expect: inflate badarg [{enqueue_nif,2},{enqueue_input_1,2},{inflate,3}]
%% expect: deflateInit bad_compression_level [{arg_level,1},{deflateInit,6}]
%% expect: inflateInit bad_windowbits [{arg_bitsz,1},{inflateInit,3}]
%% expect: inflateInit already_initialized [{inflateInit_nif,3}]
%% expect: inflateGetDictionary not_initialized [{inflateGetDictionary_nif,1},{inflateGetDictionary,1}]
%% expect: <<"abcabc">> <<"abcabc">> <<"abcabc">> <<"plain plain">>
-module(zlib_frames).
-export([main/0]).

main() ->
    Closed = zlib:open(),
    zlib:close(Closed),
    Z = zlib:open(),
    [told(F, A) || {F, A} <- [{gunzip, [<<"no such header">>]},
                              {uncompress, [<<"short">>]},
                              {uncompress, [<<"no such header">>]},
                              {unzip, [<<>>]}, {compress, [[x]]},
                              {close, [Closed]}, {deflate, [Z, <<"abc">>]},
                              {inflate, [x, <<"abc">>]},
                              {deflateInit, [Z, 99]}, {inflateInit, [Z, 99]}]],
    zlib:inflateInit(Z),
    told(inflateInit, [Z]),
    told(inflateGetDictionary, [Closed]),
    Text = <<"abcabc">>,
    D = zlib:open(),
    zlib:deflateInit(D),
    Deflated = [zlib:deflate(D, "plain "), zlib:deflate(D, "plain", finish)],
    io:format("~p ~p ~p ~p~n",
              [zlib:gunzip(zlib:gzip(Text)), zlib:unzip(zlib:zip(Text)),
               zlib:uncompress(zlib:compress(Text)),
               iolist_to_binary(zlib:inflate(Z, Deflated))]).

told(F, A) ->
    try apply(zlib, F, A)
    catch error:Reason:Trace ->
            io:format("~s ~w ~w~n",
                      [F, Reason, [{N, if is_list(X) -> length(X);
                                          true -> X
                                       end} || {M, N, X, _} <- Trace,
                                               M =:= zlib orelse
                                                   N =:= iolist_to_iovec]])
    end.

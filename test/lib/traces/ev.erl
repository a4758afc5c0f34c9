%% SPDX-License-Identifier: Apache-2.0
-module(ev).
-behaviour(gen_event).
-compile(export_all).
-compile(nowarn_export_all).
init(crash) -> error(oops);
init(exit) -> exit(oops);
init(bad) -> bad_value;
init({swap, T}) -> {ok, {swapped, T}};
init(S) -> {ok, S}.
handle_event(crash, _) -> error(oops);
handle_event(bad, _) -> bad_value;
handle_event(exit, _) -> exit(oops);
handle_event(throw, _) -> throw(oops);
handle_event(remove, _) -> remove_handler;
handle_event(swap, S) -> {swap_handler, a1, S, ev2, a2};
handle_event(_, S) -> {ok, S}.
handle_call(crash, _) -> error(oops);
handle_call(bad, _) -> bad_value;
handle_call(remove, _) -> {remove_handler, bye};
handle_call(X, S) -> {ok, X, S}.
handle_info(crash, _) -> error(oops);
handle_info(_, S) -> {ok, S}.
terminate(crash, _) -> error(in_terminate);
terminate(_, term_crash) -> error(in_terminate);
terminate(A, S) -> {A, S}.

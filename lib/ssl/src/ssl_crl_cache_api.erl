%% SPDX-License-Identifier: Apache-2.0
%% What a program's own cache of lists of revoked certificates does.
-module(ssl_crl_cache_api).

-include_lib("public_key/include/public_key.hrl").

-export_type([dist_point/0, crl_cache_ref/0, logger_info/0]).

-type crl_cache_ref() :: term().
-type issuer_name() :: {rdnSequence, [#'AttributeTypeAndValue'{}]}.
-type dist_point() :: #'DistributionPoint'{}.
-type logger_info() :: {logger:level(), map(), logger:metadata()}.

%% The lists that are to be had at a point.
-callback lookup(dist_point(), issuer_name(), crl_cache_ref()) ->
    not_available | [binary()] | {logger, logger_info(), [binary()]}.

%% The lists of an issuer.
-callback select(issuer_name() | list(), crl_cache_ref()) ->
    [binary()] | {logger, logger_info(), [binary()]}.

%% A newer list than one that is out of date, or the same.
-callback fresh_crl(dist_point(), binary()) ->
    binary() | {logger, logger_info(), binary()}.

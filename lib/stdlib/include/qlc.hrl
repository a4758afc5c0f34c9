%% SPDX-License-Identifier: Apache-2.0
-compile({parse_transform, qlc}).
